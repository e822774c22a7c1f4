import type { Waiting } from '../shared/domain/waiting.ts';
import { diaryWords } from '../shared/words/diary-words.ts';
import { machineWords } from '../shared/words/machine-words.ts';
import { phaseWords, taskWords } from '../shared/words/task-words.ts';
import type { MachineView } from '../shared/api/views.ts';
import type { Result } from '../shared/base/result.ts';
import { gibibytes } from '../shared/base/units.ts';
import {
  blobHash,
  memberId,
  type BlobHash,
  type Epoch,
  type MemberId,
  type TaskId,
} from '../shared/domain/ids.ts';
import type { JobSpec } from '../shared/domain/job.ts';
import type { MemberFacts } from '../shared/domain/member.ts';
import { pcName } from '../shared/domain/pc-names.ts';
import { practiceTimings, type LabTimings } from '../shared/domain/timings.ts';
import { refusalWords } from '../shared/words/refusal-words.ts';
import { labEvents } from '../src-main/core/log-form/event-form.ts';
import type { LabEvent } from '../src-main/core/state/events.ts';
import { LabShell, type LabShellSettings } from '../src-main/shells/lab-shell.ts';
import { fromBase64 } from './base64.ts';
import { ManualClock } from './manual-clock.ts';
import { MemoryEventStore } from './memory-event-store.ts';
import { SeededRng } from './seeded-rng.ts';
import { SimulatedLinks } from './simulated-links.ts';
import { SimulatedMember } from './simulated-member.ts';
import { plainProgram, type SimulatedProgram } from './simulated-program.ts';

export interface SimulatedLabSettings {
  /** Its name. */
  readonly lab: string;
  readonly labId: string;
  readonly practice: boolean;
  readonly address: string;
  /** What the clock on the wall shows as the lab begins. */
  readonly wall: number;
  readonly timeOfDay: LabShellSettings['timeOfDay'];
}

const usualSettings: SimulatedLabSettings = {
  ...{ lab: 'sim', labId: 'sim', practice: true, address: 'sim', wall: 1_790_001_000_000 },
  timeOfDay: (at) => new Date(at).toISOString().slice(11, 16),
};

/** Where contents lie that somebody wants to read; without one, files of a simulated lab have a size and no bytes. */
export interface LabDisk {
  has(hash: BlobHash): { readonly size: number } | undefined;
  keep(text: string): BlobHash;
  read(hash: BlobHash): AsyncIterable<Uint8Array>;
}

/** A whole lab in memory: the head's real core and shell, simulated members, time that passes when told to. */
export class SimulatedLab {
  readonly clock: ManualClock;
  readonly rng: SeededRng;
  readonly links: SimulatedLinks;
  readonly store = new MemoryEventStore<LabEvent>(labEvents);
  readonly timings: LabTimings;
  /** Contents of stored checkpoints: milliseconds of work done. */
  readonly saved = new Map<string, number>();
  readonly texts = new Map<string, string>();
  /** What else is on the head's disk, in bytes. */
  readonly stored = new Map<string, number>();
  disk: LabDisk | null = null;
  /** Bytes of each of them, as their PCs tell it. */
  readonly savedSize: number = 1000;
  /** `host:port` of another head that serves this very lab. */
  otherHead: string | null = null;
  saveFaults = 0;
  restoreFaults = 0;
  /** How the next programs end; 0 when there is nothing here. */
  exitCodes: number[] = [];
  shell: LabShell;
  readonly violations: string[] = [];
  readonly #members = new Map<MemberId, SimulatedMember>();
  readonly #running = new Map<TaskId, string>();
  readonly #finished = new Map<TaskId, number>();
  readonly #programs = new Map<string, (index: number) => SimulatedProgram>();
  readonly #settings: SimulatedLabSettings;
  /** What a program does of which no story tells. */
  anyProgram: (task: TaskId) => SimulatedProgram = () => plainProgram(1000);

  constructor(
    seed: number,
    timings: LabTimings = practiceTimings,
    settings: Partial<SimulatedLabSettings> = {},
  ) {
    this.#settings = { ...usualSettings, ...settings };
    this.clock = new ManualClock(this.#settings.wall);
    this.rng = new SeededRng(seed);
    this.timings = timings;
    this.links = new SimulatedLinks(this.clock, this.rng);
    this.shell = this.#newShell();
  }

  #newShell(): LabShell {
    const { lab, labId, practice, address, timeOfDay } = this.#settings;
    const shell = new LabShell(
      {
        clock: this.clock,
        rng: this.rng,
        store: this.store,
        links: this.links,
        log: () => undefined,
        blobs: {
          has: (hash) => {
            const size =
              this.stored.get(hash) ?? (this.saved.has(hash) ? this.savedSize : undefined);
            return size === undefined ? this.disk?.has(hash) : { size };
          },
          fromBase64,
          readText: (hash) => this.textOf(hash),
          readBlob: (hash) => this.#bytesOf(hash),
        },
      },
      {
        ...{ lab, labId, practice, timeOfDay, timings: this.timings },
        address: () => address,
        otherHead: () => this.otherHead,
      },
    );
    shell.start();
    return shell;
  }

  get name(): string {
    return this.#settings.lab;
  }

  async *textOf(hash: string): AsyncIterable<string> {
    yield this.texts.get(hash) ?? '';
  }

  async *#bytesOf(hash: BlobHash): AsyncIterable<Uint8Array> {
    const text = this.texts.get(hash);
    if (text !== undefined) yield new TextEncoder().encode(text);
    else if (this.disk) yield* this.disk.read(hash);
    else throw new Error(`there is no blob ${hash}`);
  }

  // ---- what a story says

  /** PCs `pc-01` … of two processors each, all switched on. */
  boot(count: number, speeds: readonly number[] = []): void {
    for (let number = 1; number <= count; number += 1) {
      this.addPc(pcName(number), { speed: speeds[number - 1] ?? 1000 }).boot();
    }
  }

  /** A PC that is still off. */
  addPc(name: string, facts: Partial<MemberFacts> = {}): SimulatedMember {
    const id = memberId(name);
    const member = this.newMember(id, { ...factsOf(id), ...facts });
    this.#members.set(id, member);
    return member;
  }

  protected newMember(id: MemberId, facts: MemberFacts): SimulatedMember {
    return new SimulatedMember(this, id, facts, this.timings);
  }

  /** It is taken away, and nothing says so. */
  removePc(id: MemberId): void {
    this.#members.get(id)?.unplug();
    this.#members.delete(id);
  }

  /** By its number, or by its name. */
  pc(which: number | string): SimulatedMember {
    const name = typeof which === 'string' ? which : pcName(which);
    const member = this.#members.get(memberId(name));
    if (!member) throw new Error(`no PC ${which}`);
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

  machine(name: string): MachineView {
    const found = this.shell.machines().find((machine) => machine.name === name);
    if (!found) throw new Error(`there is no machine ${name}`);
    return found;
  }

  /** Submits tasks that run for so many milliseconds each. */
  submit(tasks: number, work: number, wish: Partial<JobSpec> = {}): string {
    return this.submitWithWarnings(tasks, work, wish).id;
  }

  submitWithWarnings(
    tasks: number,
    work: number,
    wish: Partial<JobSpec> = {},
  ): { readonly id: string; readonly warnings: readonly Waiting[] } {
    return this.submitProgram(tasks, () => plainProgram(work), wish);
  }

  /** `program`: what each task does, by its index; tasks are numbered from 1, and one alone is number 0. */
  submitProgram(
    tasks: number,
    program: (index: number) => SimulatedProgram,
    wish: Partial<JobSpec> = {},
  ): { readonly id: string; readonly warnings: readonly Waiting[] } {
    const array = tasks === 1 ? null : { first: 1, last: tasks };
    const { id, warnings } = valueOf(this.shell.submit({ ...plainSpec, ...wish, array }));
    this.#programs.set(id, program);
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
    if (!result.ok) throw new Error(refusalWords(result.error));
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

  programOf(task: TaskId): SimulatedProgram {
    const [job = '', index] = task.split('.');
    return this.#programs.get(job)?.(Number(index)) ?? this.anyProgram(task);
  }

  keepLog(text: string): BlobHash | null {
    if (text === '') return null;
    if (this.disk) return this.disk.keep(text);
    const hash = blobHash(this.rng.token(32));
    this.texts.set(hash, text);
    this.stored.set(hash, text.length);
    return hash;
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
          `${machine.name} ${machine.state}${machine.cordoned ? ' cordoned' : ''} ${machine.tasks.join(' ')} ${machineWords(machine) ?? ''}`,
      ),
      ...view.jobs.flatMap((job) =>
        this.job(job.id)
          .value.tasks.filter((task) => task.state !== 'done')
          .map(
            (task) =>
              `${task.id} ${task.state} ${phaseWords(task)} ${task.machine ?? ''} ${taskWords(task) ?? ''}`,
          ),
      ),
      ...view.diary.slice(-15).map(diaryWords),
    ].join('\n');
  }
}

export function valueOf<Value>(result: Result<Value>): Value {
  if (!result.ok) throw new Error(refusalWords(result.error));
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
  network: 'none',
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
