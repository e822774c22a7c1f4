import { millis } from '../shared/base/units.ts';
import {
  blobHash,
  epoch,
  type BlobHash,
  type Epoch,
  type MemberId,
  type TaskId,
} from '../shared/domain/ids.ts';
import type { MemberFacts } from '../shared/domain/member.ts';
import type { LabTimings } from '../shared/domain/timings.ts';
import type { Disposable } from '../shared/ports/clock.ts';
import { protocolVersion } from '../shared/wire/codec.ts';
import type { AttemptReport } from '../shared/wire/task-spec.ts';
import type { ToHead } from '../shared/wire/to-head.ts';
import type { ToMember } from '../shared/wire/to-member.ts';
import { toBase64 } from './base64.ts';
import type { ManualClock } from './manual-clock.ts';
import type { SeededRng } from './seeded-rng.ts';
import type { SimulatedLinks } from './simulated-links.ts';
import { transferTime, type SimulatedProgram } from './simulated-program.ts';

/** The lab around a member: its time, its cables, and the witness of what runs where. */
export interface LabAround {
  readonly clock: ManualClock;
  readonly rng: SeededRng;
  readonly links: SimulatedLinks;
  /** Contents of stored checkpoints: milliseconds of work done. */
  readonly saved: Map<string, number>;
  saveFaults: number;
  restoreFaults: number;
  readonly exitCodes: number[];
  member(id: MemberId): SimulatedMember | undefined;
  enrolled(member: SimulatedMember): boolean;
  reachable(a: SimulatedMember, b: SimulatedMember): boolean;
  /** What is on the head's disk, in bytes. */
  readonly stored: Map<string, number>;
  programOf(task: TaskId): SimulatedProgram;
  /** Puts a program's output onto the head's disk; null when there is none. */
  keepLog(text: string): BlobHash | null;
  startsRunning(task: TaskId, on: MemberId, number: Epoch): void;
  stopsRunning(task: TaskId, on: MemberId, number: Epoch): void;
  finished(task: TaskId): void;
}

interface SimulatedAttempt {
  readonly task: TaskId;
  readonly epoch: Epoch;
  state: AttemptReport['state'];
  /** Milliseconds of running, until it last stopped. */
  done: number;
  readonly program: SimulatedProgram;
  readonly cpus: number;
  /** Since when it runs; null while it does not. */
  since: number | null;
  ticket: string;
  /** Report to repeat until `forget`. */
  report: ToHead | null;
  busy: Disposable | null;
}

/**
 * A member that speaks the wire language with tasks that are only counters. Deliberately written apart from the real agent:
 * where the two disagree, one has misread the protocol.
 */
export class SimulatedMember {
  readonly id: MemberId;
  facts: MemberFacts;
  readonly #lab: LabAround;
  readonly #timings: LabTimings;
  readonly attempts = new Map<string, SimulatedAttempt>();
  powered = false;
  cut = false;
  left = false;
  hasCertificate = false;
  /** Says goodbye and goes on, as a PC does whose reboot hangs. */
  ignoresGo = false;
  #linked = false;
  #beat = 0;
  readonly #sentAt = new Map<number, number>();
  #leaseFrom = 0;
  #life = 0;

  constructor(lab: LabAround, id: MemberId, facts: MemberFacts, timings: LabTimings) {
    this.#lab = lab;
    this.id = id;
    this.facts = facts;
    this.#timings = timings;
  }

  boot(): void {
    if (this.powered) this.unplug();
    this.powered = true;
    this.left = false;
    this.hasCertificate = false;
    this.cut = false;
    this.newBoot();
    this.#life += 1;
    this.attempts.clear();
    this.#linked = false;
    this.#leaseFrom = this.#lab.clock.now();
    const life = this.#life;
    const loop = (): void => {
      if (life !== this.#life || !this.powered) return;
      this.#pulse();
      this.#lab.clock.after('member pulse', millis(this.#timings.heartbeat / 4), loop);
    };
    this.#lab.clock.after('member boot', millis(this.#lab.rng.below(500)), loop);
  }

  #boots = 0;

  /** What tells this boot from the one before, and from any other PC. */
  protected newBoot(): void {
    this.#boots += 1;
    this.facts = { ...this.facts, boot: `boot ${this.#boots} of ${this.id}` };
  }

  unplug(): void {
    this.powered = false;
    this.#readers.clear();
    this.#load = 0;
    this.#life += 1;
    this.#linked = false;
    for (const attempt of this.attempts.values()) this.#stopRunning(attempt);
    this.attempts.clear();
    this.#lab.links.silence(this.id);
  }

  cutCable(): void {
    this.cut = true;
    this.#lab.links.silence(this.id);
  }

  heal(): void {
    if (!this.cut) return;
    this.cut = false;
    // The old connection is dead; the member notices and reconnects.
    this.#linked = false;
  }

  #pulse(): void {
    const now = this.#lab.clock.now();
    if (now - this.#leaseFrom >= this.#timings.freezeAfter) this.#freezeAll();
    if (!this.#linked && !this.cut && this.#lab.links.headIsUp() && this.#lab.enrolled(this))
      this.#connect();
    if (this.#linked && now - (this.#sentAt.get(this.#beat) ?? 0) >= this.#timings.heartbeat) {
      this.#beat += 1;
      this.#sentAt.set(this.#beat, now);
      const running = [...this.attempts.values()].filter(({ state }) => state === 'running');
      this.#send({ t: 'beat', n: this.#beat, ...this.#burden(running) });
      const of = running.map((attempt) => ({
        ...{ task: attempt.task, epoch: attempt.epoch },
        memory: attempt.program.memory + this.#ranOf(attempt),
        cpuSeconds: this.#usedBy(attempt),
      }));
      if (of.length > 0) this.#send({ t: 'usage', of });
    }
    for (const [request, reader] of this.#readers) this.#tellLog(request, reader, false);
  }

  /** Load comes and goes over a minute, as the kernel's does. */
  #burden(running: readonly SimulatedAttempt[]): {
    readonly load: number;
    readonly memoryFree: number;
  } {
    const wanted = running.reduce((sum, { cpus }) => sum + cpus, 0);
    const share = 1 - Math.exp(this.#timings.heartbeat / -60_000);
    this.#load += (wanted - this.#load) * share;
    const taken = running.reduce((sum, { program }) => sum + program.memory, 0);
    const free = Math.max(0, this.facts.memory - taken) / 2 ** 20 - systemMemory;
    return { load: Math.round(this.#load * 100) / 100, memoryFree: Math.max(0, Math.round(free)) };
  }

  #load = 0;

  /** Milliseconds for which it has run by now. */
  #ranOf({ done, since, program }: SimulatedAttempt): number {
    const now = this.#lab.clock.now();
    return Math.min(program.work, done + (since === null ? 0 : now - since));
  }

  /** Seconds of processors. */
  #usedBy(attempt: SimulatedAttempt): number {
    return (this.#ranOf(attempt) / 1000) * attempt.cpus * attempt.program.share;
  }

  /** Readers of output, by the head's number. */
  readonly #readers = new Map<number, LogReader>();

  #tellLog(request: number, reader: LogReader, end: boolean): void {
    const { attempt } = reader;
    const written = new TextEncoder().encode(attempt.program.writes(this.#ranOf(attempt)));
    const piece = written.subarray(reader.offset);
    if (piece.length === 0 && !end) return;
    this.#send({ t: 'log-piece', request, offset: reader.offset, piece: toBase64(piece), end });
    reader.offset = written.length;
  }

  /** Somebody takes it back at its keyboard. */
  pressKey(): void {
    this.#send({ t: 'reclaim', by: 'keypress' });
  }

  #connect(): void {
    const life = this.#life;
    const opened = this.#lab.links.connect(
      this.id,
      (message) => {
        if (life === this.#life && this.powered) this.#onMessage(message);
      },
      () => {
        if (life !== this.#life) return;
        this.#linked = false;
        this.#readers.clear();
      },
    );
    if (!opened) return;
    this.#linked = true;
    this.#beat += 1;
    this.#sentAt.set(this.#beat, this.#lab.clock.now());
    this.#helloAt = this.#lab.clock.now();
    this.#send({
      t: 'hello',
      protocol: protocolVersion,
      // The lab's DHCP server has another address for it now and then.
      facts: { ...this.facts, address: `10.0.0.${1 + (this.#beat % 3)}` },
      attempts: [...this.attempts.values()].map(({ task, epoch: number, state }) => ({
        task,
        epoch: number,
        state,
      })),
    });
    for (const attempt of this.attempts.values()) if (attempt.report) this.#send(attempt.report);
  }

  #helloAt = 0;

  #send(message: ToHead): void {
    if (this.#linked) this.#lab.links.sendToHead(this.id, message);
  }

  #onMessage(message: ToMember): void {
    if (message.t === 'welcome') {
      this.#renew(this.#helloAt);
      return;
    }
    if (message.t === 'lease') {
      this.#renew(this.#sentAt.get(message.n) ?? 0);
      return;
    }
    if (message.t === 'go') {
      this.#send({ t: 'leaving' });
      if (this.ignoresGo) return;
      this.left = true;
      this.unplug();
      return;
    }
    if (message.t === 'log-stop') {
      this.#readers.delete(message.request);
      return;
    }
    if (message.t === 'start') {
      const checkpoint = message.checkpoint
        ? this.#lab.saved.get(message.checkpoint.hash)
        : undefined;
      this.#add(
        {
          task: message.task,
          epoch: message.epoch,
          state: 'starting',
          done: checkpoint ?? 0,
          program: this.#lab.programOf(message.task),
          cpus: message.spec.cpus,
          since: null,
          ticket: '',
          report: null,
          busy: null,
        },
        40,
        (attempt) => {
          const { unstartable } = attempt.program;
          if (unstartable !== undefined) {
            this.#end(attempt, {
              ...{ t: 'ended', task: attempt.task, epoch: attempt.epoch },
              ending: { cause: 'unstartable', reason: unstartable },
              ...{ outputs: [], log: null, cpuSeconds: 0 },
            });
            return;
          }
          this.#run(attempt);
          this.#send({
            t: 'started',
            task: attempt.task,
            epoch: attempt.epoch,
            resumed: message.checkpoint !== null,
          });
        },
      );
      return;
    }
    if (message.t === 'expect') {
      const key = keyOf(message);
      this.attempts.set(key, {
        task: message.task,
        epoch: message.epoch,
        state: 'arriving',
        done: 0,
        program: this.#lab.programOf(message.task),
        cpus: message.spec.cpus,
        since: null,
        ticket: message.ticket,
        report: null,
        busy: null,
      });
      this.#send({ t: 'expecting', task: message.task, epoch: message.epoch });
      return;
    }
    if (!('task' in message)) return;
    const attempt = this.attempts.get(keyOf(message));
    if (!attempt) {
      if (message.t === 'discard' && message.confirm)
        this.#send({ t: 'discarded', task: message.task, epoch: message.epoch });
      else if (message.t === 'abandon')
        this.#send({ t: 'abandoned', task: message.task, epoch: message.epoch });
      else if (message.t !== 'discard' && message.t !== 'forget')
        this.#send({ t: 'unknown-attempt', task: message.task, epoch: message.epoch });
      return;
    }
    switch (message.t) {
      case 'log': {
        const reader = { attempt, offset: message.offset };
        this.#tellLog(message.request, reader, !message.follow);
        if (message.follow) this.#readers.set(message.request, reader);
        return;
      }
      case 'stop':
        this.#stopRunning(attempt);
        this.#end(attempt, {
          t: 'ended',
          task: attempt.task,
          epoch: attempt.epoch,
          ending: { cause: 'stopped' },
          outputs: [],
          log: this.#keepLog(attempt),
          cpuSeconds: this.#usedBy(attempt),
        });
        return;
      case 'discard':
      case 'forget':
        this.#stopRunning(attempt);
        this.attempts.delete(keyOf(attempt));
        if (message.t === 'discard' && message.confirm)
          this.#send({ t: 'discarded', task: message.task, epoch: message.epoch });
        return;
      case 'checkpoint':
        if (attempt.state === 'running') this.#save(attempt, message.then);
        return;
      case 'send':
        if (attempt.state === 'running' || attempt.state === 'frozen')
          this.#sendAway(attempt, message);
        return;
      case 'keep':
        if (attempt.state === 'uncertain' || attempt.state === 'leaving') {
          attempt.busy?.dispose();
          this.#run(attempt);
        }
        return;
      case 'abandon':
        if (attempt.state === 'arriving') {
          this.attempts.delete(keyOf(attempt));
          this.#send({ t: 'abandoned', task: attempt.task, epoch: attempt.epoch });
        } else if (attempt.report) this.#send(attempt.report);
        else this.#send({ t: 'arrived', task: attempt.task, epoch: attempt.epoch });
        return;
      default:
    }
  }

  #add(attempt: SimulatedAttempt, delay: number, then: (attempt: SimulatedAttempt) => void): void {
    this.attempts.set(keyOf(attempt), attempt);
    this.#lab.clock.after('start', millis(delay), () => {
      if (this.attempts.get(keyOf(attempt)) === attempt && attempt.state === 'starting')
        then(attempt);
    });
  }

  #renew(from: number): void {
    this.#leaseFrom = Math.max(this.#leaseFrom, from);
    if (this.#lab.clock.now() - this.#leaseFrom >= this.#timings.freezeAfter) return;
    for (const attempt of this.attempts.values())
      if (attempt.state === 'frozen') this.#run(attempt);
  }

  #freezeAll(): void {
    for (const attempt of this.attempts.values()) {
      if (attempt.state !== 'running') continue;
      this.#stopRunning(attempt);
      attempt.state = 'frozen';
    }
  }

  #run(attempt: SimulatedAttempt): void {
    if (this.#lab.clock.now() - this.#leaseFrom >= this.#timings.freezeAfter) {
      attempt.state = 'frozen';
      return;
    }
    attempt.state = 'running';
    attempt.since = this.#lab.clock.now();
    this.#lab.startsRunning(attempt.task, this.id, attempt.epoch);
    const finish = this.#lab.clock.after(
      'program',
      millis(Math.max(0, attempt.program.work - attempt.done)),
      () => {
        attempt.busy = null;
        attempt.since = null;
        attempt.done = attempt.program.work;
        this.#lab.stopsRunning(attempt.task, this.id, attempt.epoch);
        this.#lab.finished(attempt.task);
        this.#end(attempt, {
          t: 'ended',
          task: attempt.task,
          epoch: attempt.epoch,
          ...this.#outcome(attempt),
          log: this.#keepLog(attempt),
          cpuSeconds: this.#usedBy(attempt),
        });
      },
    );
    attempt.busy = {
      dispose: () => {
        finish.dispose();
        attempt.done = this.#ranOf(attempt);
        attempt.busy = null;
        attempt.since = null;
        this.#lab.stopsRunning(attempt.task, this.id, attempt.epoch);
      },
    };
  }

  #outcome({ program }: SimulatedAttempt): Pick<Ended, 'ending' | 'outputs'> {
    const exitCode = this.#lab.exitCodes.shift() ?? program.exitCode;
    const outputs = exitCode === 0 ? [...program.leaves] : [];
    for (const { hash, size } of outputs) this.#lab.stored.set(hash, size);
    return { ending: { cause: 'exit', exitCode }, outputs };
  }

  #keepLog(attempt: SimulatedAttempt): BlobHash | null {
    return this.#lab.keepLog(attempt.program.writes(this.#ranOf(attempt)));
  }

  #stopRunning(attempt: SimulatedAttempt): void {
    attempt.busy?.dispose();
    attempt.busy = null;
  }

  #end(attempt: SimulatedAttempt, report: ToHead): void {
    attempt.state = 'ended';
    attempt.report = report;
    this.#send(report);
  }

  #save(attempt: SimulatedAttempt, then: 'continue' | 'suspend'): void {
    this.#stopRunning(attempt);
    if (then === 'suspend') attempt.state = 'leaving';
    const took = 30 + this.#lab.rng.below(400);
    const hash = blobHash(this.#lab.rng.token(32));
    const [done, used] = [attempt.done, this.#usedBy(attempt)];
    if (then === 'continue') this.#run(attempt);
    const life = this.#life;
    this.#lab.clock.after('save', millis(took), () => {
      if (
        life !== this.#life ||
        this.attempts.get(keyOf(attempt)) !== attempt ||
        attempt.state === 'ended'
      )
        return;
      const reachable = !this.cut && this.#lab.links.headIsUp();
      if (!reachable || this.#lab.rng.next() < this.#lab.saveFaults) {
        if (then === 'suspend') this.#run(attempt);
        this.#send({
          t: 'checkpoint-failed',
          task: attempt.task,
          epoch: attempt.epoch,
          reason: "the head's disk is full",
        });
        return;
      }
      this.#lab.saved.set(hash, done);
      this.#lab.stored.set(hash, attempt.program.memory);
      const report: ToHead = {
        t: 'checkpointed',
        task: attempt.task,
        epoch: attempt.epoch,
        suspended: then === 'suspend',
        hash,
        size: attempt.program.memory,
        takenAt: this.#lab.clock.wall(),
        log: this.#keepLog(attempt),
        cpuSeconds: used,
        freezeMs: 10,
      };
      if (then === 'suspend') this.#end(attempt, report);
      else this.#send(report);
    });
  }

  #sendAway(attempt: SimulatedAttempt, message: Extract<ToMember, { t: 'send' }>): void {
    this.#stopRunning(attempt);
    attempt.state = 'leaving';
    const began = this.#lab.clock.now();
    const life = this.#life;
    const mine = (): boolean =>
      life === this.#life &&
      this.attempts.get(keyOf(attempt)) === attempt &&
      attempt.state === 'leaving';
    const failed = (outcome: 'thawed' | 'uncertain'): void => {
      if (outcome === 'thawed') this.#run(attempt);
      else attempt.state = 'uncertain';
      this.#send({
        t: 'move-failed',
        task: attempt.task,
        epoch: attempt.epoch,
        toEpoch: message.toEpoch,
        outcome,
        reason: 'the connection broke',
      });
    };
    // The body travels; when it is all there, the target restores; then its answer travels back.
    const travels = transferTime(attempt.program.memory) + 20 + this.#lab.rng.below(1500);
    this.#lab.clock.after('transfer', millis(travels), () => {
      if (!mine()) return;
      const target = this.#lab.member(message.to.id);
      if (!target || !this.#lab.reachable(this, target)) {
        failed('thawed');
        return;
      }
      const done = attempt.done;
      this.#lab.clock.after('restore', millis(10 + this.#lab.rng.below(300)), () => {
        const taken =
          target.powered && target.take(message.task, message.toEpoch, message.ticket, done);
        this.#lab.clock.after('answer', millis(1 + this.#lab.rng.below(10)), () => {
          if (!mine()) return;
          if (!this.#lab.reachable(this, target)) failed('uncertain');
          else if (!taken) failed('thawed');
          else {
            this.attempts.delete(keyOf(attempt));
            this.#send({
              t: 'moved',
              task: attempt.task,
              epoch: attempt.epoch,
              toEpoch: message.toEpoch,
              bytes: attempt.program.memory,
              freezeMs: this.#lab.clock.now() - began,
              totalMs: this.#lab.clock.now() - began,
            });
          }
        });
      });
    });
  }

  /** Target's side of a transfer. */
  take(task: TaskId, number: Epoch, ticket: string, done: number): boolean {
    const attempt = this.attempts.get(keyOf({ task, epoch: number }));
    if (attempt?.state !== 'arriving' || attempt.ticket !== ticket) return false;
    if (
      this.#lab.clock.now() - this.#leaseFrom >= this.#timings.freezeAfter ||
      this.#lab.rng.next() < this.#lab.restoreFaults
    ) {
      this.attempts.delete(keyOf(attempt));
      this.#send({ t: 'abandoned', task, epoch: number });
      return false;
    }
    attempt.done = done;
    this.#run(attempt);
    this.#send({ t: 'arrived', task, epoch: number });
    return true;
  }
}

type Ended = Extract<ToHead, { readonly t: 'ended' }>;

interface LogReader {
  readonly attempt: SimulatedAttempt;
  /** In bytes, of what was told. */
  offset: number;
}

/** What the member system itself takes, MiB. */
const systemMemory = 420;

const keyOf = (of: { readonly task: TaskId; readonly epoch: Epoch }): string =>
  `${of.task}@${epoch(of.epoch)}`;
