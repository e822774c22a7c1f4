import type {
  JobDetail,
  LabView,
  MachineView,
  PracticePc,
  Report,
  TaskView,
} from '../../../shared/api/views.ts';
import type { output } from 'zod';
import type { submitSchema } from '../../../shared/api/contract.ts';
import type { RefusalCode } from '../../../shared/base/result.ts';
import { jobId, type TaskId } from '../../../shared/domain/ids.ts';
import type { ReleaseMoment } from '../../../shared/domain/member.ts';
import { detailOf, jobViewOf, labOf, taskOf } from './simulated-views.ts';

/** What a person wants, some of it left to the defaults. */
type Wish = Partial<output<typeof submitSchema>> & Pick<output<typeof submitSchema>, 'command'>;

/** An expected refusal of the simulated head. */
export class Refused extends Error {
  readonly code: RefusalCode;
  constructor(code: RefusalCode, sentence: string) {
    super(sentence);
    this.code = code;
  }
}

const moveLasts = 4000;
const arrivalsToldFor = 10_000;
const taskLasts = 90_000;

interface Move {
  readonly task: TaskView;
  readonly from: MachineView;
  readonly to: MachineView;
  readonly because: string;
  readonly at: number;
}

/**
 * A lab in memory for developing and testing the UI: tasks fill free slots, run for a while, move and end as time is
 * advanced. It is believable, not right; the head's own core is right.
 */
export class SimulatedLab {
  readonly head: Omit<LabView, 'machines' | 'jobs' | 'moves' | 'arrived'>;
  /** What was lost, as the report names it. */
  readonly losses: Report['losses'] = [];
  readonly machines: MachineView[] = [];
  readonly jobs: JobDetail[] = [];
  readonly pcs: PracticePc[] = [];
  readonly logs = new Map<TaskId, string>();
  /** Programs that compute for longer than anybody looks on. */
  readonly endless = new Set<TaskId>();
  now: number;
  #moves: Move[] = [];
  #arrived: LabView['arrived'] = [];
  readonly #leaving = new Map<string, ReleaseMoment | 'evacuate'>();
  readonly #listeners = new Set<() => void>();
  #seq = 0;

  constructor(now: number, more: Partial<LabView> = {}) {
    this.now = now;
    this.head = labOf({ startedAt: now - 3 * 3_600_000, ...more });
  }

  view(): LabView {
    return {
      ...this.head,
      diary: [...this.head.diary],
      strangers: [...this.head.strangers],
      machines: this.machines.map((machine) => ({ ...machine, tasks: [...machine.tasks] })),
      jobs: this.jobs.map(jobViewOf),
      moves: this.#moves.map(({ task, from, to, because }) => ({
        task: task.id,
        from: from.name,
        to: to.name,
        because,
      })),
      arrived: this.#arrived.filter(({ at }) => this.now - at < arrivalsToldFor),
    };
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  tell(text: string, tone: 'plain' | 'good' | 'bad' = 'plain'): void {
    this.#seq += 1;
    this.head.diary.push({ seq: this.#seq, at: this.now, text, tone });
  }

  job(name: string): JobDetail {
    const job =
      this.jobs.find(({ id }) => id === name) ?? this.jobs.findLast((j) => j.name === name);
    if (!job)
      throw new Refused('not-found', `there is no job "${name}"; nightshift jobs lists them.`);
    return job;
  }

  machine(name: string): MachineView {
    const machine = this.machines.find((one) => one.name === name || one.id === name);
    if (!machine) {
      throw new Refused(
        'not-found',
        `there is no machine "${name}"; nightshift machines lists them.`,
      );
    }
    return machine;
  }

  named(names: readonly string[] | 'all'): MachineView[] {
    if (names !== 'all') return names.map((name) => this.machine(name));
    return this.machines.filter(({ state }) => state === 'ready' || state === 'draining');
  }

  task(id: string): TaskView {
    const task = this.jobs.flatMap(({ tasks }) => tasks).find((one) => one.id === id);
    if (!task)
      throw new Refused('not-found', `there is no task "${id}"; nightshift jobs lists the jobs.`);
    return task;
  }

  submit(wish: Wish): { id: JobDetail['id']; warnings: string[] } {
    const id = jobId(String(this.jobs.length + 1));
    const { first, last } = wish.array ?? { first: 0, last: 0 };
    if (last < first)
      throw new Refused('misuse', `the range ${first}-${last} ends before it begins.`);
    const largest = Math.max(0, ...this.machines.map(({ cpu }) => cpu));
    if (this.machines.length > 0 && (wish.cpus ?? 1) > largest) {
      throw new Refused(
        'refused',
        `no PC of this lab fits: it asks for ${wish.cpus ?? 1} processors and the largest has ${largest}.`,
      );
    }
    const tasks: TaskView[] = [];
    for (let index = first; index <= last; index += 1) tasks.push(taskOf(id, index));
    const name = wish.name ?? wish.command[0] ?? 'job';
    const job = detailOf(id, name, tasks, {
      command: wish.command.join(' '),
      owner: wish.owner ?? 'nobody',
      submittedAt: this.now,
      cpus: wish.cpus ?? 1,
      memory: wish.memory ?? null,
      state: wish.hold ? 'held' : 'queued',
    });
    this.jobs.push(job);
    this.tell(
      `${job.owner} submitted job ${id} "${name}" (${tasks.length} task${tasks.length === 1 ? '' : 's'}).`,
    );
    this.settle();
    return {
      id,
      warnings:
        this.machines.length === 0 ? ['no PC has enrolled yet; the job waits until one does.'] : [],
    };
  }

  cancel(name: string): JobDetail {
    const job = this.job(name);
    for (const task of job.tasks) {
      if (['done', 'failed', 'cancelled'].includes(task.state)) continue;
      this.#takeAway(task);
      Object.assign(task, { state: 'cancelled', phase: 'cancelled', finishedAt: this.now });
    }
    job.state = 'cancelled';
    this.tell(`Job ${job.id} is cancelled.`);
    this.settle();
    return job;
  }

  hold(name: string): JobDetail {
    const job = this.job(name);
    for (const task of job.tasks) if (task.state === 'running') this.#save(task);
    job.state = 'held';
    this.tell(`Job ${job.id} is held.`);
    this.settle();
    return job;
  }

  resume(name: string): JobDetail {
    const job = this.job(name);
    if (job.state !== 'held') throw new Refused('refused', `job ${job.id} is not held.`);
    job.state = 'queued';
    this.tell(`Job ${job.id} goes on.`);
    this.settle();
    return job;
  }

  migrate(taskName: string, machineName: string, because = 'asked for by hand'): Move {
    const task = this.task(taskName);
    const to = this.machine(machineName);
    if (task.machine === null) {
      throw new Refused(
        'refused',
        `task ${task.id} is not running (it is ${task.state}); only a running task moves.`,
      );
    }
    const why = this.refusalOf(to);
    if (why !== null) throw new Refused('refused', why);
    const move = { task, from: this.machine(task.machine), to, because, at: this.now };
    this.#moves.push(move);
    task.phase = `moving to ${to.name}`;
    to.slotsUsed += 1;
    this.tell(`Task ${task.id} sets out for ${to.name}: ${because}.`);
    this.changed();
    return move;
  }

  /** Why a task may not be moved there by hand: as with a real head a PC may be crowded up to twice over. */
  refusalOf({ name, state, cordoned, slotsUsed, cpu }: MachineView): string | null {
    if (state !== 'ready' || cordoned)
      return `${name} takes no tasks: it is ${cordoned ? 'cordoned' : state}.`;
    return slotsUsed >= 2 * cpu
      ? `${name} is crowded already: tasks for ${slotsUsed} processors share its ${cpu}.`
      : null;
  }

  leave(machine: MachineView, how: ReleaseMoment | 'evacuate'): void {
    machine.state = 'draining';
    this.#leaving.set(machine.name, how);
    this.tell(
      `${machine.name} is being ${how === 'evacuate' ? 'evacuated' : 'released'}: asked for by hand.`,
    );
    this.settle();
  }

  /** Minutes of work that leaving at once would cost. */
  lossOf(machine: MachineView): number {
    const lost = this.jobs
      .flatMap(({ tasks }) => tasks)
      .filter((task) => task.machine === machine.name)
      .reduce((sum, task) => sum + this.now - (task.savedAt ?? task.startedAt ?? this.now), 0);
    return Math.round(lost / 600) / 100;
  }

  /** A move that has ended, as views tell it for a while. */
  arrived(task: TaskId, from: string, to: string): void {
    this.#arrived.push({ task, from, to, at: this.now });
  }

  /** The PC is gone: its tasks wait again, from their newest checkpoint. */
  lose(machine: MachineView): void {
    machine.state = 'lost';
    for (const task of this.jobs.flatMap(({ tasks }) => tasks)) {
      if (task.machine !== machine.name) continue;
      const span = this.now - (task.savedAt ?? task.startedAt ?? this.now);
      const minutes = Math.round(span / 600) / 100;
      const reason = `${machine.name} was lost`;
      if (minutes > 0)
        this.losses.push({ task: task.id, machine: machine.name, at: this.now, minutes, reason });
      this.#save(task);
    }
    this.tell(`${machine.name} is lost.`, 'bad');
    this.settle();
  }

  advance(span: number): void {
    this.now += span;
    for (const job of this.jobs) {
      for (const task of job.tasks) if (task.state === 'running') this.#work(job, task, span);
    }
    for (const move of this.#moves.filter(({ at }) => this.now - at >= moveLasts))
      this.#arrive(move);
    for (const [name, how] of this.#leaving) this.#empty(this.machine(name), how);
    for (const machine of this.machines) {
      const wobble = Math.sin(this.now / 7000 + machine.name.length * 3 + machine.slotsUsed) * 0.15;
      const wanted =
        machine.state === 'ready' || machine.state === 'draining' ? machine.slotsUsed : 0;
      machine.load = Math.max(
        0,
        Math.round((machine.load * 0.6 + (wanted + wobble) * 0.4) * 100) / 100,
      );
    }
    this.settle();
  }

  /** Places what waits, says why the rest does, and tells everybody. */
  settle(): void {
    const free = this.machines.filter((m) => m.state === 'ready' && !m.cordoned);
    for (const job of this.jobs) {
      for (const task of job.tasks) {
        if (task.state !== 'queued' && task.state !== 'suspended') continue;
        const spot =
          job.state === 'held' ? undefined : free.find((m) => m.slotsUsed + job.cpus <= m.cpu);
        if (spot) this.place(job, task, spot);
        else task.waitingBecause = whyWaiting(job, free.length > 0);
      }
      Object.assign(job, detailOf(job.id, job.name, job.tasks, { ...job, finishedAt: null }));
    }
    this.changed();
  }

  place(job: JobDetail, task: TaskView, machine: MachineView): void {
    Object.assign(task, {
      state: 'running',
      phase: 'running',
      machine: machine.name,
      attempt: task.attempt + 1,
      startedAt: task.startedAt ?? this.now,
      waitingBecause: null,
      memory: 180 * 1024 ** 2,
    });
    machine.tasks.push(task.id);
    machine.slotsUsed += job.cpus;
    machine.memoryFree = Math.max(machine.memory * 0.05, machine.memoryFree - 400 * 1024 ** 2);
  }

  #work(job: JobDetail, task: TaskView, span: number): void {
    task.cpuSeconds = Math.round((task.cpuSeconds + (span / 1000) * job.cpus) * 100) / 100;
    if (this.now - (task.savedAt ?? task.startedAt ?? 0) > 20_000) task.savedAt = this.now;
    if (this.endless.has(task.id)) return;
    const log = this.logs.get(task.id) ?? '';
    this.logs.set(task.id, `${log}${line(task)}\n`);
    if (task.cpuSeconds * 1000 < taskLasts * job.cpus || task.phase !== 'running') return;
    this.#takeAway(task);
    Object.assign(task, { state: 'done', phase: 'done', exitCode: 0, finishedAt: this.now });
  }

  #arrive(move: Move): void {
    this.#moves = this.#moves.filter((other) => other !== move);
    const { task, from, to, because } = move;
    if (task.machine !== from.name) return;
    from.tasks = from.tasks.filter((id) => id !== task.id);
    from.slotsUsed = Math.max(0, from.slotsUsed - 1);
    to.tasks.push(task.id);
    this.arrived(task.id, from.name, to.name);
    const bytes = 131 * 1024 ** 2;
    task.migrations.push({
      from: from.name,
      to: to.name,
      at: this.now,
      because,
      bytes,
      freezeMs: 380,
      totalMs: 2900,
    });
    Object.assign(task, { machine: to.name, phase: 'running', attempt: task.attempt + 1 });
    this.tell(`Task ${task.id} moved to ${to.name}: frozen for 0.38 s, 131 MiB.`, 'good');
  }

  #empty(machine: MachineView, how: ReleaseMoment | 'evacuate'): void {
    const moving = this.#moves.some(({ from }) => from === machine);
    const task = machine.tasks[0] === undefined ? undefined : this.task(machine.tasks[0]);
    machine.note = `${how === 'evacuate' ? 'evacuating' : 'releasing'}: ${machine.tasks.length} tasks left`;
    if (task && !moving && how !== 'task') {
      const spot = this.machines.find(
        (m) => m.state === 'ready' && !m.cordoned && m.slotsUsed < m.cpu,
      );
      if (spot && how !== 'now')
        this.migrate(task.id, spot.name, `${machine.name} is being emptied`);
      else this.#save(task);
    }
    if (machine.tasks.length > 0) return;
    this.#leaving.delete(machine.name);
    const evacuated = how === 'evacuate';
    Object.assign(machine, {
      note: null,
      state: evacuated ? 'ready' : 'released',
      cordoned: evacuated,
      releasedAt: evacuated ? null : this.now,
      leftAt: evacuated ? null : this.now,
    });
    this.tell(
      evacuated ? `${machine.name} is empty and cordoned.` : `${machine.name} is released.`,
      'good',
    );
  }

  #save(task: TaskView): void {
    this.#takeAway(task);
    Object.assign(task, { state: 'suspended', phase: 'suspended', savedAt: this.now });
  }

  #takeAway(task: TaskView): void {
    const machine = this.machines.find(({ name }) => name === task.machine);
    task.machine = null;
    if (!machine?.tasks.includes(task.id)) return;
    machine.tasks = machine.tasks.filter((id) => id !== task.id);
    machine.slotsUsed = Math.max(0, machine.slotsUsed - 1);
    machine.memoryFree = Math.min(machine.memory * 0.9, machine.memoryFree + 400 * 1024 ** 2);
  }
}

const line = (task: TaskView): string =>
  `[${task.cpuSeconds.toFixed(1).padStart(7)}] frame ${task.index}: sample ${Math.round(task.cpuSeconds * 12)}/1080`;

function whyWaiting(job: JobDetail, anyReady: boolean): string {
  if (job.state === 'held') return 'the job is held';
  return anyReady ? `all ${job.cpus}-processor slots are taken` : 'no PC is in the lab';
}
