import { memberCan } from '../../shared/wire/capabilities.ts';
import { assertNever } from '../../shared/base/assert-never.ts';
import { millis, type EpochMillis } from '../../shared/base/units.ts';
import { attemptName, type AttemptKey } from '../../shared/domain/attempt-key.ts';
import type { LabTimings } from '../../shared/domain/timings.ts';
import type { Clock, Disposable } from '../../shared/ports/clock.ts';
import type { AdoptedAttempt, ContainerRuntime } from '../ports/container-runtime.ts';
import type { HeadLink } from '../../shared/ports/member-link.ts';
import type { MemberPc } from '../ports/member-pc.ts';
import type { HeadBlobs, TaskFiles } from '../ports/task-files.ts';
import type { Arrival, Transfers } from '../ports/task-transfer.ts';
import { protocolVersion } from '../../shared/wire/codec.ts';
import type { TaskSpec } from '../../shared/wire/task-spec.ts';
import type { ToHead } from '../../shared/wire/to-head.ts';
import type { ToMember } from '../../shared/wire/to-member.ts';
import { decide, newAgent, nextWakeAt, type AgentInput } from '../core/agent/decide.ts';
import { reportOf, type HeldAttempt } from '../core/attempts/attempt.ts';
import type { Outcome } from '../core/attempts/outcomes.ts';
import { headIsAbleTo, type AgentState, type Directive } from '../core/attempts/turn.ts';
import { collectResults } from './collect-results.ts';
import { LogDelivery } from './log-delivery.ts';
import { directiveLine, messageLine } from './log-lines.ts';
import { saveTask } from './save-task.ts';
import { shipTask, type Shipment } from './ship-task.ts';

export interface AgentPorts {
  readonly clock: Clock;
  readonly link: HeadLink;
  readonly runtime: ContainerRuntime;
  readonly blobs: HeadBlobs;
  readonly files: TaskFiles;
  readonly transfers: Transfers;
  readonly pc: MemberPc;
  uncache(hashes: readonly string[]): void;
  /** Brings what the program needs that this PC does not carry; resolves when it is there or cannot be had. */
  fetchFor?(spec: TaskSpec): Promise<unknown>;
  log(line: string): void;
}

/** What the screen and tests may see. */
export interface AgentView {
  readonly welcome: Extract<ToMember, { readonly t: 'welcome' }> | null;
  readonly refused: string | null;
  readonly linked: boolean;
  /** Somebody at this PC wants it back, and the head has yet to let it go. */
  readonly reclaimed: boolean;
  readonly state: AgentState;
}

/** Feeds the decider and performs its directives, without an opinion of its own. */
export class AgentShell {
  readonly #ports: AgentPorts;
  readonly #state: AgentState;
  readonly #logs: LogDelivery;
  readonly #arrivals = new Map<string, Arrival>();
  readonly #shipments = new Map<string, Shipment>();
  readonly #onChange: (view: AgentView) => void;
  #welcome: AgentView['welcome'] = null;
  #refused: string | null = null;
  #linked = false;
  #reclaimed = false;
  #wake: Disposable | undefined;

  constructor(
    ports: AgentPorts,
    timings: LabTimings,
    adopted: readonly AdoptedAttempt[],
    onChange: (view: AgentView) => void = () => undefined,
  ) {
    this.#ports = ports;
    this.#state = newAgent(timings, adopted);
    this.#onChange = onChange;
    this.#logs = new LogDelivery(ports.files, ports.clock, (message) => this.#send(message));
  }

  get view(): AgentView {
    return {
      welcome: this.#welcome,
      refused: this.#refused,
      linked: this.#linked,
      reclaimed: this.#reclaimed,
      state: this.#state,
    };
  }

  run(): void {
    const { link, runtime, transfers, pc } = this.#ports;
    runtime.listen((of, end) => this.#outcome({ o: 'ended', of, end }));
    transfers.listen((arrival) => this.#onArrival(arrival));
    pc.onReclaim((by) => {
      this.#reclaimed ||= this.#linked;
      this.#send({ t: 'reclaim', by });
      this.#onChange(this.view);
    });
    link.listen({
      onOpen: () => {
        this.#linked = true;
        this.#feed({ i: 'link-opened' });
      },
      onMessage: (message) => this.#onMessage(message),
      onClosed: () => {
        this.#linked = false;
        this.#logs.stopAll();
        this.#feed({ i: 'link-lost' });
      },
    });
    this.#feed({ i: 'wake' });
  }

  #onMessage(message: ToMember): void {
    if (message.t === 'welcome') {
      this.#welcome = message;
      this.#refused = null;
      this.#ports.pc.setWallClock(message.wallClock as EpochMillis);
    }
    if (message.t === 'lease' && message.seat !== undefined && this.#welcome)
      this.#welcome = { ...this.#welcome, seat: message.seat };
    if (message.t === 'refused') this.#refused = message.reason;
    this.#feed({ i: 'message', message });
  }

  #feed(input: AgentInput): void {
    const directives = decide(this.#state, input, this.#ports.clock.now());
    for (const directive of directives) this.#perform(directive);
    this.#arm();
    this.#onChange(this.view);
  }

  #outcome(outcome: Outcome): void {
    this.#feed({ i: 'outcome', outcome });
  }

  #arm(): void {
    this.#wake?.dispose();
    const { clock } = this.#ports;
    const at = nextWakeAt(this.#state, clock.now());
    if (at === null) return;
    const delay = millis(Math.max(0, at - clock.now()));
    this.#wake = clock.after('agent', delay, () => this.#feed({ i: 'wake' }));
  }

  #send(message: ToHead): void {
    const line = messageLine(message);
    if (line !== undefined) this.#ports.log(line);
    if (this.#linked) this.#ports.link.send(message);
  }

  /** The program goes on running where it is until all that it needs is here. */
  async #expect(message: Extract<ToHead, { readonly t: 'expecting' }>): Promise<void> {
    const expected = (): HeldAttempt | undefined => this.#state.attempts.get(attemptName(message));
    const spec = expected()?.spec;
    if (spec && this.#ports.fetchFor) await this.#ports.fetchFor(spec);
    if (expected()?.stage.at === 'expected') this.#send(message);
  }

  #perform(directive: Directive): void {
    const { runtime, pc, transfers, blobs, files, clock } = this.#ports;
    const line = directiveLine(directive);
    if (line !== undefined) this.#ports.log(line);
    switch (directive.d) {
      case 'send':
        if (directive.message.t === 'expecting') void this.#expect(directive.message);
        else this.#send(directive.message);
        return;
      case 'hello':
        this.#send({
          t: 'hello',
          protocol: protocolVersion,
          facts: pc.facts(),
          attempts: [...this.#state.attempts.values()].map((attempt) =>
            reportOf(attempt, headIsAbleTo(this.#state, 'arrivesInSteps')),
          ),
          can: [...memberCan],
        });
        return;
      case 'beat': {
        const { load, memoryFree } = pc.load();
        const MiB = 1024 * 1024;
        this.#send({
          t: 'beat',
          n: directive.n,
          load,
          memoryFree: Math.max(0, Math.round(memoryFree / MiB)),
        });
        return;
      }
      case 'usage':
        this.#send({
          t: 'usage',
          of: directive.of.map((of) => ({ ...of, ...runtime.usage(of) })),
        });
        return;
      case 'start':
        void this.#start(directive);
        return;
      case 'receive':
        void this.#receive(directive);
        return;
      case 'restore':
        void this.#restore(directive.of);
        return;
      case 'accept-arrival':
        this.#takeArrival(directive.of)?.accept();
        return;
      case 'break-arrival':
        this.#takeArrival(directive.of)?.breakOff();
        return;
      case 'refuse-arrival':
        this.#takeArrival(directive.of)?.refuse(directive.reason);
        return;
      case 'freeze':
        void runtime.freeze(directive.of);
        return;
      case 'thaw':
        void runtime.thaw(directive.of);
        return;
      case 'terminate':
        runtime.terminate(directive.of);
        return;
      case 'kill':
        void runtime
          .kill(directive.of)
          .then(() =>
            this.#outcome({ o: 'ended', of: directive.of, end: { exitCode: 137, because: null } }),
          );
        return;
      case 'clear':
        this.#logs.release(directive.of);
        files.stopCollecting(directive.of);
        void runtime
          .remove(directive.of)
          .then(() => this.#outcome({ o: 'cleared', of: directive.of }));
        return;
      case 'save':
        void saveTask({ runtime, blobs, files, clock }, directive, (outcome) =>
          this.#outcome(outcome),
        );
        return;
      case 'ship':
        this.#shipments.set(
          attemptName(directive.of),
          shipTask({ runtime, transfers, clock }, directive, (outcome) => {
            this.#shipments.delete(attemptName(directive.of));
            this.#outcome(outcome);
          }),
        );
        return;
      case 'call-off':
        this.#shipments.get(attemptName(directive.of))?.callOff();
        return;
      case 'collect':
        this.#logs.close(directive.of);
        void collectResults({ runtime, files }, directive).then((outcome) =>
          this.#outcome(outcome),
        );
        return;
      case 'read-log':
        this.#logs.deliver(directive);
        return;
      case 'stop-log':
        this.#logs.stop(directive.request);
        return;
      case 'uncache':
        this.#ports.uncache(directive.hashes);
        return;
      case 'leave':
        pc.leave(directive.byDay);
        return;
      default:
        assertNever(directive, 'directive');
    }
  }

  async #start({ of, order }: Extract<Directive, { readonly d: 'start' }>): Promise<void> {
    const { runtime, blobs } = this.#ports;
    const { spec, checkpoint } = order;
    if (!checkpoint) {
      const done = await runtime.start(of, spec);
      this.#outcome(done.ok ? { o: 'started', of } : { o: 'start-failed', of, fault: done.error });
      return;
    }
    const failed = (reason: string): void =>
      this.#outcome({ o: 'start-failed', of, fault: { cause: 'machine', reason } });
    const found = await blobs.read(checkpoint.hash);
    if (!found.ok) {
      failed(`its checkpoint could not be fetched: ${found.error.reason}`);
      return;
    }
    const unpacked = await runtime.unpack(of, spec, found.value);
    const restored = unpacked.ok ? await runtime.restore(of) : unpacked;
    if (restored.ok) this.#outcome({ o: 'started', of });
    else failed(restored.error.reason);
  }

  async #restore(of: AttemptKey): Promise<void> {
    const done = await this.#ports.runtime.restore(of);
    if (!done.ok) {
      this.#outcome({ o: 'restore-failed', of, reason: done.error.reason });
      return;
    }
    this.#outcome({ o: 'restored', of, whole: done.value === null });
    const pages = await done.value?.allHere;
    if (pages?.ok === true) this.#outcome({ o: 'all-here', of });
    else if (pages) this.#outcome({ o: 'pages-lost', of, reason: pages.error.reason });
  }

  #onArrival(arrival: Arrival): void {
    const { task, epoch, ticket, from } = arrival;
    const name = attemptName(arrival);
    if (this.#arrivals.has(name)) {
      arrival.breakOff(); // the first one is the one that counts
      return;
    }
    this.#arrivals.set(name, arrival);
    this.#outcome({ o: 'arrival', of: { task, epoch }, ticket, from });
  }

  #takeArrival(of: AttemptKey): Arrival | undefined {
    const name = attemptName(of);
    const arrival = this.#arrivals.get(name);
    this.#arrivals.delete(name);
    return arrival;
  }

  async #receive({ of, spec }: Extract<Directive, { readonly d: 'receive' }>): Promise<void> {
    const arrival = this.#arrivals.get(attemptName(of));
    if (!arrival) return;
    const done = await this.#ports.runtime.unpack(of, spec, arrival.bytes(), arrival.needs);
    this.#outcome(
      done.ok
        ? { o: 'received', of, wallTimeLeft: done.value.carried.wallTimeLeft }
        : { o: 'receive-failed', of, reason: done.error.reason },
    );
  }
}
