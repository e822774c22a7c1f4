import type {
  JobDetail,
  LabView,
  MachineView,
  Report,
  TaskView,
} from '../../../shared/api/views.ts';
import { jobId, memberId, taskIdOf } from '../../../shared/domain/ids.ts';

/** The moment at which the simulated lab stands still. */
export const stillAt = Date.UTC(2026, 10, 21, 22, 30);

export function machineOf(name: string, more: Partial<MachineView> = {}): MachineView {
  return {
    id: memberId(name),
    name,
    seat: null,
    state: 'ready',
    cordoned: false,
    banned: false,
    draining: null,
    linked: true,
    cpu: 4,
    memory: 8 * 1024 ** 3,
    memoryFree: 6 * 1024 ** 3,
    load: 0.25,
    speed: 1000,
    cpuModel: 'Intel(R) Core(TM) i5-7500',
    cpuFamily: 'A',
    tasks: [],
    slotsUsed: 0,
    releasedAt: null,
    leftAt: null,
    lostAt: null,
    flag: null,
    leaving: null,
    note: null,
    ...more,
  };
}

export function taskOf(job: string, index: number, more: Partial<TaskView> = {}): TaskView {
  return {
    id: taskIdOf(jobId(job), index),
    index,
    state: 'queued',
    phase: 'queued',
    movingTo: null,
    machine: null,
    attempt: 0,
    exitCode: null,
    ranMs: ranFor(more),
    lastMachine: null,
    cpuSeconds: 0,
    memory: 0,
    waitingBecause: null,
    ahead: null,
    reason: null,
    startedAt: null,
    finishedAt: null,
    savedAt: null,
    restartsFromZero: 0,
    outputs: [],
    migrations: [],
    ...more,
  };
}

/** A task that never left its machine since it started. */
function ranFor({ startedAt, finishedAt }: Partial<TaskView>): number {
  return startedAt == null ? 0 : (finishedAt ?? stillAt) - startedAt;
}

export function jobOf(
  id: string,
  name: string,
  tasks: TaskView[],
  more: Partial<JobDetail> = {},
): JobDetail {
  const number = (state: TaskView['state']): number =>
    tasks.filter((task) => task.state === state).length;
  return {
    id: jobId(id),
    name,
    owner: 'ada',
    state: 'running',
    held: more.state === 'held',
    heldTasks: 0,
    counts: {
      queued: number('queued'),
      running: number('running'),
      suspended: number('suspended'),
      done: number('done'),
      failed: number('failed'),
      cancelled: number('cancelled'),
    },
    submittedAt: stillAt - 120_000,
    finishedAt: null,
    command: 'render scene.blend {task}',
    tasks,
    memory: 512 * 1024 ** 2,
    cpus: 1,
    wallTime: null,
    pack: 'base',
    ...more,
  };
}

export function labOf(machines: MachineView[], jobs: JobDetail[]): LabView {
  return {
    lab: 'Room 12',
    labId: 'a1b2c3',
    version: '0.1.0',
    night: 3,
    startedAt: stillAt - 3_600_000,
    address: '127.0.0.1',
    practice: true,
    machines,
    otherHead: null,
    unenrolled: [],
    jobs: jobs.map(({ counts, memory: _m, cpus: _c, wallTime: _w, pack: _p, ...job }) => ({
      ...job,
      tasks: counts,
    })),
    moves: [],
    arrived: [],
    diary: [],
  };
}

export function reportOf(more: Partial<Report> = {}): Report {
  return {
    lab: 'Room 12',
    night: 3,
    from: stillAt - 4 * 3_600_000,
    until: stillAt,
    tasksDone: 0,
    tasksFailed: 0,
    tasksSuspended: 0,
    moves: [],
    checkpoints: 0,
    minutesLost: 0,
    losses: [],
    coreHours: 0,
    returned: { given: 0, confirmed: 0 },
    machines: [],
    failures: [],
    ...more,
  };
}
