import { ok, type Result } from '../../shared/base/result.ts';
import { millis } from '../../shared/base/units.ts';
import { attemptName, type AttemptKey } from '../../shared/domain/attempt-key.ts';
import type { Clock, Disposable } from '../../shared/ports/clock.ts';
import type {
  AdoptedAttempt,
  Carried,
  ContainerRuntime,
  PagesToCome,
  ProgramEnd,
  Snapshot,
  StartFault,
  Unpacked,
  Usage,
} from '../../src-member/ports/container-runtime.ts';
import type { TaskSpec } from '../../shared/wire/task-spec.ts';

/** What a simulated program does and whoever watches it. */
export interface SimulatedPrograms {
  /** Milliseconds of running the task needs in all. */
  work(spec: TaskSpec): number;
  exitCode(spec: TaskSpec): number;
  /** Whether the next start, snapshot or restore goes wrong. */
  fails(what: 'start' | 'snapshot' | 'restore'): boolean;
  /** How long the memory of a program that moved follows it, and whether all of it comes; left out: it came with it. */
  pagesTake?(): { readonly span: number; readonly come: boolean } | null;
  /** What a save would spoil; nothing if left out. */
  obstacle?(of: AttemptKey): string | null;
  runs(of: AttemptKey): void;
  standsStill(of: AttemptKey): void;
  ended(of: AttemptKey): void;
}

interface SimulatedContainer {
  readonly of: AttemptKey;
  readonly spec: TaskSpec;
  state: 'made' | 'setting-up' | 'running' | 'ended';
  frozen: boolean;
  killed: boolean;
  /** It came from another member. */
  moved: boolean;
  done: number;
  runningSince: number | null;
  timer: Disposable | null;
}

/** Milliseconds that things take. */
const pace = { start: 40, restore: 120, snapshot: 60, kill: 2 };

/** Programs that are only counters of time; the port's guarantees hold as they do for real containers. */
export class SimulatedContainerRuntime implements ContainerRuntime {
  readonly #clock: Clock;
  readonly #programs: SimulatedPrograms;
  readonly #containers = new Map<string, SimulatedContainer>();
  #onEnded: (of: AttemptKey, end: ProgramEnd) => void = () => undefined;

  constructor(clock: Clock, programs: SimulatedPrograms) {
    this.#clock = clock;
    this.#programs = programs;
  }

  listen(onEnded: (of: AttemptKey, end: ProgramEnd) => void): void {
    this.#onEnded = onEnded;
  }

  async adopt(): Promise<readonly AdoptedAttempt[]> {
    const adopted: AdoptedAttempt[] = [];
    for (const container of this.#containers.values()) {
      if (container.state !== 'running') continue;
      this.#setFrozen(container, true);
      const { of, spec } = container;
      adopted.push({ ...of, spec, resumed: true, wallTimeLeft: spec.wallTimeLeft });
    }
    return adopted;
  }

  async start(of: AttemptKey, spec: TaskSpec): Promise<Result<null, StartFault>> {
    const container = this.#make(of, spec);
    return this.#launch(container, pace.start, 'start');
  }

  async unpack(
    of: AttemptKey,
    spec: TaskSpec,
    bytes: AsyncIterable<Uint8Array>,
    needs?: number,
  ): Promise<Result<Unpacked, StartFault>> {
    const container = this.#make(of, spec);
    container.moved = needs !== undefined;
    let text = '';
    try {
      for await (const chunk of bytes) for (const code of chunk) text += String.fromCharCode(code);
    } catch (error) {
      container.state = 'ended';
      return machine(error instanceof Error ? error.message : String(error));
    }
    const read = JSON.parse(text) as { done: number; carried: Carried };
    container.done = read.done;
    return ok({ carried: read.carried });
  }

  async restore(of: AttemptKey): Promise<Result<PagesToCome | null, StartFault>> {
    const container = this.#containers.get(attemptName(of));
    if (container?.state !== 'made') return machine('nothing was unpacked');
    const done = await this.#launch(container, pace.restore, 'restore');
    const pages = done.ok && container.moved ? (this.#programs.pagesTake?.() ?? null) : null;
    if (!pages) return done;
    const allHere = this.#pass(pages.span).then((): Awaited<PagesToCome['allHere']> =>
      pages.come ? ok(null) : { ok: false, error: { reason: 'its source hung up' } },
    );
    return ok({ allHere });
  }

  #make(of: AttemptKey, spec: TaskSpec): SimulatedContainer {
    const container: SimulatedContainer = {
      of: { task: of.task, epoch: of.epoch },
      spec,
      state: 'made',
      frozen: false,
      killed: false,
      moved: false,
      done: 0,
      runningSince: null,
      timer: null,
    };
    this.#containers.set(attemptName(of), container);
    return container;
  }

  async #launch(
    container: SimulatedContainer,
    takes: number,
    what: 'start' | 'restore',
  ): Promise<Result<null, StartFault>> {
    container.state = 'setting-up';
    await this.#pass(takes);
    if (container.killed) return machine('it was ended before it ran');
    if (this.#programs.fails(what)) {
      container.state = 'ended';
      return machine(`the ${what} failed`);
    }
    container.state = 'running';
    this.#go(container);
    return ok(null);
  }

  #go(container: SimulatedContainer): void {
    const { of, spec } = container;
    container.runningSince = this.#clock.now();
    this.#programs.runs(of);
    const left = Math.max(1, this.#programs.work(spec) - container.done);
    container.timer = this.#clock.after('program', millis(left), () => {
      this.#halt(container);
      container.state = 'ended';
      this.#programs.ended(of);
      this.#onEnded(of, { exitCode: this.#programs.exitCode(spec), because: null });
    });
  }

  #halt(container: SimulatedContainer): void {
    container.timer?.dispose();
    container.timer = null;
    if (container.runningSince === null) return;
    container.done += this.#clock.now() - container.runningSince;
    container.runningSince = null;
    this.#programs.standsStill(container.of);
  }

  #setFrozen(container: SimulatedContainer, frozen: boolean): void {
    if (container.state !== 'running' || container.frozen === frozen) return;
    container.frozen = frozen;
    if (frozen) this.#halt(container);
    else this.#go(container);
  }

  async freeze(of: AttemptKey): Promise<void> {
    const container = this.#containers.get(attemptName(of));
    if (container) this.#setFrozen(container, true);
  }

  async thaw(of: AttemptKey): Promise<void> {
    const container = this.#containers.get(attemptName(of));
    if (container) this.#setFrozen(container, false);
  }

  terminate(of: AttemptKey): void {
    const container = this.#containers.get(attemptName(of));
    if (container?.state !== 'running' || container.frozen) return;
    this.#halt(container);
    container.state = 'ended';
    this.#onEnded(container.of, { exitCode: 143, because: null });
  }

  async kill(of: AttemptKey): Promise<void> {
    const container = this.#containers.get(attemptName(of));
    if (!container) return;
    container.killed = true;
    await this.#pass(pace.kill);
    this.#halt(container);
    container.state = 'ended';
  }

  async remove(of: AttemptKey): Promise<void> {
    await this.kill(of);
    this.#containers.delete(attemptName(of));
  }

  usage(of: AttemptKey): Usage {
    const container = this.#containers.get(attemptName(of));
    if (!container) return { cpuSeconds: 0, memory: 0 };
    const { runningSince, done } = container;
    const now = runningSince === null ? 0 : this.#clock.now() - runningSince;
    return { cpuSeconds: (done + now) / 1000, memory: 1024 * 1024 };
  }

  obstacle(of: AttemptKey): string | null {
    return this.#programs.obstacle?.(of) ?? null;
  }

  async snapshot(
    of: AttemptKey,
    carried: Carried,
    apart: boolean,
  ): Promise<Result<Snapshot, { readonly reason: string }>> {
    const container = this.#containers.get(attemptName(of));
    if (container?.state !== 'running')
      return { ok: false, error: { reason: 'the program does not run' } };
    if (!container.frozen) throw new Error(`${attemptName(of)} is saved while it runs`);
    await this.#pass(pace.snapshot);
    if (this.#programs.fails('snapshot'))
      return { ok: false, error: { reason: 'it cannot be saved: simulated' } };
    const text = JSON.stringify({ done: container.done, carried });
    return ok({
      apart,
      trouble: () => null,
      async *bytes() {
        yield Uint8Array.from(text, (letter) => letter.charCodeAt(0));
      },
      drop: () => Promise.resolve(),
    });
  }

  /** Power gone. */
  die(): void {
    for (const container of this.#containers.values()) {
      container.killed = true;
      this.#halt(container);
    }
    this.#containers.clear();
  }

  #pass(span: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after('container', millis(span), resolve);
    });
  }
}

const machine = (reason: string): { readonly ok: false; readonly error: StartFault } => ({
  ok: false,
  error: { cause: 'machine', reason },
});
