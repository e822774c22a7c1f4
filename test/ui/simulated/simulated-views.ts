import type {
  JobDetail,
  JobView,
  LabView,
  MachineView,
  Report,
  TaskView,
} from '../../../shared/api/views.ts';
import { blobHash, jobId, memberId, taskIdOf } from '../../../shared/domain/ids.ts';

/** Made-up views to build scenes from. */

const gib = 1024 ** 3;

export function machineOf(name: string, more: Partial<MachineView> = {}): MachineView {
  return {
    id: memberId(name),
    name,
    seat: null,
    state: 'ready',
    cordoned: false,
    linked: true,
    cpu: 4,
    memory: 8 * gib,
    memoryFree: 7.2 * gib,
    load: 0.04,
    speed: 1000,
    cpuModel: 'Intel(R) Core(TM) i5-7500',
    cpuFamily: 'x86-64-v3/k2f9',
    tasks: [],
    slotsUsed: 0,
    releasedAt: null,
    leftAt: null,
    flag: null,
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
    machine: null,
    attempt: 0,
    exitCode: null,
    ranMs: 0,
    lastMachine: null,
    cpuSeconds: 0,
    memory: 0,
    waitingBecause: null,
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

/** A task that ended well and left a file. */
export function doneTask(job: string, index: number, at: number, machine: string): TaskView {
  return taskOf(job, index, {
    state: 'done',
    phase: 'done',
    machine: null,
    attempt: 1,
    exitCode: 0,
    cpuSeconds: 88 + (index % 7) * 3.5,
    memory: 180 * 1024 ** 2,
    startedAt: at - 95_000,
    finishedAt: at,
    outputs: [
      {
        path: `frame-${String(index).padStart(4, '0')}.png`,
        hash: blobHash(index.toString(16).padStart(64, 'a')),
        size: 1_480_000 + index * 977,
        executable: false,
      },
    ],
    migrations:
      index % 9 === 4
        ? [
            {
              from: machine,
              to: 'pc-02',
              at: at - 40_000,
              because: `${machine} is being emptied`,
              bytes: 137_000_000,
              freezeMs: 410,
              totalMs: 3020,
            },
          ]
        : [],
  });
}

/** State and counts follow from the tasks, unless the job is held. */
export function detailOf(
  id: string,
  name: string,
  tasks: TaskView[],
  more: Partial<JobDetail> = {},
): JobDetail {
  const counts = { queued: 0, running: 0, suspended: 0, done: 0, failed: 0, cancelled: 0 };
  let last = 0;
  for (const task of tasks) {
    counts[task.state] += 1;
    last = Math.max(last, task.finishedAt ?? 0);
  }
  const open = counts.queued + counts.running + counts.suspended;
  const held = more.state === 'held' && open > 0;
  const ended = counts.failed > 0 ? 'failed' : counts.cancelled > 0 ? 'cancelled' : 'done';
  const going =
    counts.running > 0 || counts.done > 0
      ? 'running'
      : counts.suspended > 0
        ? 'suspended'
        : 'queued';
  return {
    owner: 'ada',
    submittedAt: 0,
    command: 'true',
    memory: null,
    cpus: 1,
    wallTime: null,
    pack: 'base',
    ...more,
    id: jobId(id),
    name,
    counts,
    tasks,
    state: held ? 'held' : open > 0 ? going : ended,
    finishedAt: open === 0 ? last : null,
  };
}

export function jobViewOf({
  counts,
  id,
  name,
  owner,
  state,
  submittedAt,
  finishedAt,
  command,
}: JobDetail): JobView {
  return { id, name, owner, state, submittedAt, finishedAt, command, tasks: { ...counts } };
}

export function labOf(more: Partial<LabView>): LabView {
  return {
    lab: 'Room 12',
    labId: 'a1b2c3',
    version: '0.1.0',
    night: 3,
    startedAt: 0,
    address: '192.168.12.2:7411',
    practice: true,
    machines: [],
    otherHead: null,
    strangers: [],
    jobs: [],
    moves: [],
    arrived: [],
    diary: [],
    ...more,
  };
}

export function reportOf(more: Partial<Report>): Report {
  return {
    lab: 'Room 12',
    night: 3,
    from: 0,
    until: 0,
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
