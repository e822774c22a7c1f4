import type { Result } from '../../shared/base/result.ts';
import { gibibytes } from '../../shared/base/units.ts';
import { memberId, type Epoch, type MemberId, type TaskId } from '../../shared/domain/ids.ts';
import type { JobSpec } from '../../shared/domain/job.ts';
import type { MemberFacts } from '../../shared/domain/member.ts';
import { practiceTimings, type LabTimings } from '../../shared/domain/timings.ts';
import type { LabEvent } from '../../src-main/core/lab/events.ts';
import { LabShell } from '../../src-main/shells/lab-shell.ts';
import { ManualClock } from './manual-clock.ts';
import { RecordingStore } from './recording-store.ts';
import { SeededRng } from './seeded-rng.ts';
import { SimulatedLinks } from './simulated-links.ts';
import { SimulatedMember } from './simulated-member.ts';

/** A whole lab in memory: the head's real core and shell, simulated members, time that passes when told to. */
export class SimulatedLab {
  readonly clock = new ManualClock();
  readonly rng: SeededRng;
  readonly links: SimulatedLinks;
  readonly store = new RecordingStore<LabEvent>();
  readonly timings: LabTimings;
  /** Contents of stored checkpoints: milliseconds of work done. */
  readonly saved = new Map<string, number>();
  readonly texts = new Map<string, string>();
  /** What else is on the head's disk, in bytes. */
  readonly stored = new Map<string, number>();
  /** Bytes of each of them, as their PCs tell it. */
  readonly savedSize: number = 1000;
  saveFaults = 0;
  restoreFaults = 0;
  /** How the next programs end; 0 when there is nothing here. */
  exitCodes: number[] = [];
  shell: LabShell;
  readonly violations: string[] = [];
  readonly #members = new Map<MemberId, SimulatedMember>();
  readonly #running = new Map<TaskId, string>();
  readonly #finished = new Map<TaskId, number>();
  readonly #work = new Map<TaskId, number>();

  constructor(seed: number, timings: LabTimings = practiceTimings) {
    this.rng = new SeededRng(seed);
    this.timings = timings;
    this.links = new SimulatedLinks(this.clock, this.rng);
    this.shell = this.#newShell();
  }

  #newShell(): LabShell {
    const shell = new LabShell(
      {
        clock: this.clock,
        rng: this.rng,
        store: this.store,
        links: this.links,
        log: () => undefined,
        blobs: {
          has: (hash) => {
            const size = this.saved.has(hash) ? this.savedSize : this.stored.get(hash);
            return size === undefined ? undefined : { size };
          },
          fromBase64: () => new Uint8Array(),
          readText: (hash) => this.textOf(hash),
          async *readBlob() {
            yield new Uint8Array();
          },
        },
      },
      {
        ...{ lab: 'sim', labId: 'sim', timings: this.timings, practice: true },
        address: () => 'sim',
        timeOfDay: (at) => new Date(at).toISOString().slice(11, 16),
      },
    );
    shell.start();
    return shell;
  }

  async *textOf(hash: string): AsyncIterable<string> {
    yield this.texts.get(hash) ?? '';
  }

  // ---- what a story says

  /** PCs `pc-01` … of two processors each, all switched on. */
  boot(count: number, speeds: readonly number[] = []): void {
    for (let number = 1; number <= count; number += 1) {
      const id = memberId(`pc-${String(number).padStart(2, '0')}`);
      const member = this.newMember(id, factsOf(id, speeds[number - 1] ?? 1000));
      this.#members.set(id, member);
      member.boot();
    }
  }

  protected newMember(id: MemberId, facts: MemberFacts): SimulatedMember {
    return new SimulatedMember(this, id, facts, this.timings);
  }

  pc(number: number): SimulatedMember {
    const member = this.#members.get(memberId(`pc-${String(number).padStart(2, '0')}`));
    if (!member) throw new Error(`no PC ${number}`);
    return member;
  }

  members(): SimulatedMember[] {
    return [...this.#members.values()];
  }

  statusOf(number: number): string {
    return (
      this.shell.machines().find((machine) => machine.id === this.pc(number).id)?.state ?? 'unknown'
    );
  }

  /** Submits tasks that run for so many milliseconds each. */
  submit(tasks: number, work: number, wish: Partial<JobSpec> = {}): string {
    return this.submitWithWarnings(tasks, work, wish).id;
  }

  submitWithWarnings(
    tasks: number,
    work: number,
    wish: Partial<JobSpec> = {},
  ): { readonly id: string; readonly warnings: readonly string[] } {
    const result = this.shell.submit({
      ...plainSpec,
      ...wish,
      array: tasks === 1 ? null : { first: 1, last: tasks },
    });
    const { id, warnings } = valueOf(result);
    for (let index = 0; index <= tasks; index += 1)
      this.#work.set(`${id}.${index}` as TaskId, work);
    return { id, warnings };
  }

  advance(span: number): void {
    this.clock.advance(span);
  }

  /** Lets time pass until the condition holds; a lab that never gets there fails with what it was doing. */
  until(what: string, condition: () => boolean, within = 600_000): void {
    const end = this.clock.now() + within;
    while (!condition()) {
      if (this.clock.now() > end)
        throw new Error(`the lab never came to: ${what}\n${this.picture()}`);
      this.advance(100);
    }
  }

  job(id: string): ReturnType<LabShell['job']> & { readonly ok: true } {
    const result = this.shell.job(id);
    if (!result.ok) throw new Error(result.error.sentence);
    return result;
  }

  isDone(id: string): boolean {
    return this.job(id).value.state === 'done';
  }

  /** kill −9 and a new process on the same store. */
  killHead(): void {
    this.shell.crash();
    this.links.headDied();
  }

  startHead(): void {
    this.shell = this.#newShell();
  }

  // ---- what members ask of the world

  member(id: MemberId): SimulatedMember | undefined {
    return this.#members.get(id);
  }

  enrolled(member: SimulatedMember): boolean {
    if (member.left) return false;
    // Its certificate is in RAM and goes with the power.
    member.hasCertificate ||= this.shell.enrol(member.facts, member.id).ok;
    return member.hasCertificate;
  }

  reachable(a: SimulatedMember, b: SimulatedMember): boolean {
    return a.powered && b.powered && !a.cut && !b.cut;
  }

  workOf(task: TaskId): number {
    return this.#work.get(task) ?? 1000;
  }

  startsRunning(task: TaskId, on: MemberId, number: Epoch): void {
    const who = `${on}@${number}`;
    const other = this.#running.get(task);
    if (other && other !== who)
      this.violations.push(`task ${task} runs on ${who} and on ${other} at ${this.clock.now()}`);
    this.#running.set(task, who);
  }

  stopsRunning(task: TaskId, on: MemberId, number: Epoch): void {
    if (this.#running.get(task) === `${on}@${number}`) this.#running.delete(task);
  }

  finished(task: TaskId): void {
    this.#finished.set(task, (this.#finished.get(task) ?? 0) + 1);
  }

  timesFinished(task: TaskId): number {
    return this.#finished.get(task) ?? 0;
  }

  picture(): string {
    const view = this.shell.view();
    return [
      ...view.machines.map(
        (machine) =>
          `${machine.name} ${machine.state}${machine.cordoned ? ' cordoned' : ''} ${machine.tasks.join(' ')} ${machine.note ?? ''}`,
      ),
      ...view.jobs.flatMap((job) =>
        this.job(job.id)
          .value.tasks.filter((task) => task.state !== 'done')
          .map(
            (task) =>
              `${task.id} ${task.state} ${task.phase} ${task.machine ?? ''} ${task.waitingBecause ?? ''}`,
          ),
      ),
      ...view.diary.slice(-15).map((line) => line.text),
    ].join('\n');
  }
}

export function valueOf<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(result.error.sentence);
  return result.value;
}

export const plainSpec: JobSpec = {
  name: 'work',
  owner: 'ada',
  command: ['true'],
  array: null,
  resources: { cpus: 1, memory: null, wallTime: null },
  retries: 0,
  inputs: [],
  outputs: [],
  environment: {},
  pack: 'base',
  pin: false,
  portable: false,
  priority: 0,
  after: [],
};

export function factsOf(id: string, speed = 1000): MemberFacts {
  return {
    machineKey: `02:00:${id}`,
    processors: 2,
    memory: gibibytes(4),
    speed,
    cpuModel: 'simulated',
    cpuFeatures: ['avx2', 'sse4_2'],
    architecture: 'x64',
    kernel: '6.12',
    systemVersion: 'sim',
    packs: ['base'],
    preDump: false,
    address: '10.0.0.1',
    transferPort: 7412,
    firmware: 'container',
  };
}
