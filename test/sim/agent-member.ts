import { ok } from '../../shared/base/result.ts';
import { bytes, millis, type Millis } from '../../shared/base/units.ts';
import { blobHash, type MemberId } from '../../shared/domain/ids.ts';
import type { OutputFile } from '../../shared/domain/job.ts';
import type { MemberFacts } from '../../shared/domain/member.ts';
import type { LabTimings } from '../../shared/domain/timings.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { HeadLink } from '../../shared/ports/member-link.ts';
import type { BlobFault, HeadBlobs, StoredAt } from '../../src-member/ports/task-files.ts';
import type { Arrival, Transfers } from '../../src-member/ports/task-transfer.ts';
import type { ToHead } from '../../shared/wire/to-head.ts';
import { AgentShell } from '../../src-member/shells/agent-shell.ts';
import { SimulatedContainerRuntime } from './simulated-container-runtime.ts';
import { SimulatedLab } from '../../src-sim/simulated-lab.ts';
import { SimulatedMember } from '../../src-sim/simulated-member.ts';

/** A lab whose PCs run the real agent over simulated containers, blobs and transfers. Time passes by `pass`. */
export class AgentLab extends SimulatedLab {
  /** Programs that move run before all of their memory is there, and now and then the rest never comes. */
  pagesFollow = false;
  /** What programs with outputs leave behind. */
  results: readonly OutputFile[] = [];
  /** They stand in this blob instead. */
  list: StoredAt | undefined;
  /** How often results were read and sent. */
  collects = 0;
  /** What befalls the head's disk before the end of the program is told. */
  afterCollect: () => void = () => undefined;

  protected override newMember(id: MemberId, facts: MemberFacts): SimulatedMember {
    return new AgentMember(this, id, facts, this.timings);
  }

  /** Like `advance`, but what waits for a promise goes on in between. */
  async pass(span: number): Promise<void> {
    const end = this.clock.now() + span;
    for (;;) {
      await settled();
      const due = this.clock.nextDue();
      if (due === undefined || due > end) break;
      this.clock.advance(Math.max(0, due - this.clock.now()));
    }
    this.clock.advance(Math.max(0, end - this.clock.now()));
    await settled();
  }
}

/** Everything that needs no time has happened. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const unreachable: { readonly ok: false; readonly error: BlobFault } = {
  ok: false,
  error: { why: 'unreachable', reason: 'the head does not answer' },
};

export class AgentMember extends SimulatedMember {
  readonly #lab: AgentLab;
  readonly #timings: LabTimings;
  #power: Power | undefined;

  constructor(lab: AgentLab, id: MemberId, facts: MemberFacts, timings: LabTimings) {
    super(lab, id, facts, timings);
    this.#lab = lab;
    this.#timings = timings;
  }

  override boot(): void {
    this.unplug();
    this.powered = true;
    this.left = false;
    this.hasCertificate = false;
    this.cut = false;
    this.newBoot();
    const power = new Power(this.#lab, this, this.#timings);
    this.#power = power;
    this.#lab.clock.after('member boot', millis(this.#lab.rng.below(500)), () => power.on());
  }

  override unplug(): void {
    this.powered = false;
    this.#power?.off();
    this.#power = undefined;
    this.#lab.links.silence(this.id);
  }

  override cutCable(): void {
    this.cut = true;
    this.#lab.links.silence(this.id);
  }

  override heal(): void {
    this.cut = false;
  }

  leave(): void {
    this.left = true;
    this.unplug();
  }

  arrive(arrival: Arrival): void {
    if (this.#power) this.#power.arrive(arrival);
  }
}

/** From one press of the power button to the next loss of power. */
class Power {
  readonly #lab: AgentLab;
  readonly #member: AgentMember;
  readonly #timings: LabTimings;
  readonly #clock: Clock;
  readonly #runtime: SimulatedContainerRuntime;
  readonly #link: SimulatedHeadLink;
  #on = true;
  #onArrival: (arrival: Arrival) => void = (arrival) => arrival.refuse('not yet');

  constructor(lab: AgentLab, member: AgentMember, timings: LabTimings) {
    this.#lab = lab;
    this.#member = member;
    this.#timings = timings;
    this.#clock = {
      now: () => lab.clock.now(),
      wall: () => lab.clock.wall(),
      after: (name: string, delay: Millis, action: () => void) =>
        lab.clock.after(name, delay, () => {
          if (this.#on) action();
        }),
    };
    this.#runtime = new SimulatedContainerRuntime(this.#clock, {
      work: ({ task }) => lab.programOf(task).work,
      exitCode: () => lab.exitCodes.shift() ?? 0,
      fails: (what) =>
        lab.rng.next() <
        (what === 'restore' ? lab.restoreFaults : what === 'snapshot' ? lab.saveFaults : 0),
      pagesTake: () =>
        lab.pagesFollow ? { span: lab.rng.below(4000), come: lab.rng.next() < 0.9 } : null,
      runs: ({ task, epoch }) => lab.startsRunning(task, member.id, epoch),
      standsStill: ({ task, epoch }) => lab.stopsRunning(task, member.id, epoch),
      ended: ({ task }) => lab.finished(task),
    });
    this.#link = new SimulatedHeadLink(lab, member, this.#clock, timings);
  }

  on(): void {
    if (!this.#on) return;
    const { facts } = this.#member;
    const shell = new AgentShell(
      {
        clock: this.#clock,
        link: this.#link,
        runtime: this.#runtime,
        blobs: {
          store: (source) => this.#store(source),
          read: async (hash) => {
            if (!this.#reachesHead()) return unreachable;
            const done = this.#lab.saved.get(hash) ?? 0;
            return ok(
              textBytes(
                JSON.stringify({ done, carried: { cpuSeconds: done / 1000, wallTimeLeft: null } }),
              ),
            );
          },
        },
        files: {
          collect: async () => {
            if (!this.#reachesHead()) return unreachable;
            this.#lab.collects += 1;
            for (const { hash, size } of this.#lab.results) this.#lab.stored.set(hash, size);
            this.#lab.afterCollect();
            const { list } = this.#lab;
            return ok(
              list
                ? { outputs: [], list, missed: null }
                : { outputs: this.#lab.results, missed: null },
            );
          },
          storeLog: async () => (this.#reachesHead() ? ok(null) : unreachable),
          followLog: (_of, offset, _follow, reader) => {
            reader.end(offset);
            return { stop: () => undefined };
          },
          endLog: () => undefined,
          stopCollecting: () => undefined,
        },
        transfers: this.#transfers(),
        pc: {
          facts: () => facts,
          load: () => ({ load: 0, memoryFree: bytes(1 << 30) }),
          onReclaim: () => undefined,
          setWallClock: () => undefined,
          leave: () => this.#member.leave(),
        },
        uncache: () => undefined,
        log: () => undefined,
      },
      this.#timings,
      [],
    );
    shell.run();
  }

  off(): void {
    this.#on = false;
    this.#runtime.die();
  }

  arrive(arrival: Arrival): void {
    if (this.#on) this.#onArrival(arrival);
  }

  #reachesHead(): boolean {
    return !this.#member.cut && this.#lab.links.headIsUp();
  }

  async #store(source: AsyncIterable<Uint8Array>): ReturnType<HeadBlobs['store']> {
    const text = await textOf(source);
    await this.#pass(30 + this.#lab.rng.below(400));
    if (!this.#reachesHead()) return unreachable;
    const hash = blobHash(this.#lab.rng.token(32));
    this.#lab.saved.set(hash, (JSON.parse(text) as { done: number }).done);
    return ok({ hash, size: this.#lab.savedSize });
  }

  #transfers(): Transfers {
    return {
      listen: (onArrival) => (this.#onArrival = onArrival),
      send: async (as, to, source, cancelled) => {
        let off = false;
        cancelled.onCancel(() => (off = true));
        const failed = (outcome: 'refused' | 'uncertain', reason: string) =>
          ({ ok: false, error: { outcome, reason } }) as const;
        const text = await textOf(source);
        await this.#pass(20 + this.#lab.rng.below(1500));
        const target = this.#lab.member(to.member) as AgentMember | undefined;
        if (off || !target || !this.#lab.reachable(this.#member, target))
          return failed('refused', 'the connection broke');
        // All of it is there; from here on only the target's word counts.
        const answer = new Promise<string>((resolve) => {
          target.arrive({
            ...as,
            ticket: to.ticket,
            from: this.#member.id,
            needs: 0,
            bytes: () => textBytes(text),
            accept: () => resolve(''),
            refuse: resolve,
            breakOff: () => resolve('silence'),
          });
          this.#clock.after('patience', millis(20_000), () => resolve('silence'));
        });
        const said = await answer;
        await this.#pass(1 + this.#lab.rng.below(10));
        if (said === 'silence' || !this.#lab.reachable(this.#member, target))
          return failed('uncertain', 'no answer came');
        return said === '' ? ok({ bytes: text.length }) : failed('refused', said);
      },
    };
  }

  #pass(span: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after('wire', millis(span), resolve);
    });
  }
}

/** Reconnects by itself and notices a dead connection by its silence, as the real one does. */
class SimulatedHeadLink implements HeadLink {
  readonly #lab: AgentLab;
  readonly #member: AgentMember;
  readonly #clock: Clock;
  readonly #timings: LabTimings;
  #listener: Parameters<HeadLink['listen']>[0] | undefined;
  #generation = 0;
  #open = false;
  #askedAt: number | null = null;

  constructor(lab: AgentLab, member: AgentMember, clock: Clock, timings: LabTimings) {
    this.#lab = lab;
    this.#member = member;
    this.#clock = clock;
    this.#timings = timings;
  }

  listen(listener: Parameters<HeadLink['listen']>[0]): void {
    this.#listener = listener;
    this.#pulse();
  }

  send(message: ToHead): void {
    if (!this.#open) return;
    this.#askedAt ??= this.#clock.now();
    this.#lab.links.sendToHead(this.#member.id, message);
  }

  close(): void {
    this.#open = false;
  }

  #pulse(): void {
    if (
      this.#open &&
      this.#askedAt !== null &&
      this.#clock.now() - this.#askedAt > this.#timings.suspectAfter
    )
      this.#closed();
    const member = this.#member;
    const { links } = this.#lab;
    if (!this.#open && !member.cut && links.headIsUp() && this.#lab.enrolled(member))
      this.#connect();
    this.#clock.after('link pulse', millis(this.#timings.heartbeat / 4), () => this.#pulse());
  }

  #connect(): void {
    this.#generation += 1;
    const generation = this.#generation;
    const opened = this.#lab.links.connect(
      this.#member.id,
      (message) => {
        if (generation !== this.#generation || !this.#member.powered) return;
        this.#askedAt = null;
        this.#listener?.onMessage(message);
      },
      () => {
        if (generation === this.#generation) this.#closed();
      },
    );
    if (!opened) return;
    this.#open = true;
    this.#askedAt = null;
    this.#listener?.onOpen();
  }

  #closed(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#generation += 1;
    this.#listener?.onClosed('the connection broke');
  }
}

async function* textBytes(text: string): AsyncGenerator<Uint8Array> {
  yield Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

async function textOf(source: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of source) for (const code of chunk) text += String.fromCharCode(code);
  return text;
}
