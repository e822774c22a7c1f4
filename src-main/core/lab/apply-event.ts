import { assertNever } from '../../../shared/base/assert-never.ts';
import { bytes, monotonicMillis, type EpochMillis } from '../../../shared/base/units.ts';
import { epoch, type MemberId, type TaskId } from '../../../shared/domain/ids.ts';
import type { Task } from '../../../shared/domain/job.ts';
import type { Member } from '../../../shared/domain/member.ts';
import type { LabEvent } from './events.ts';
import {
  emptyTally,
  machinesOf,
  newTask,
  reindexTask,
  taskIndexes,
  type LabState,
} from './state.ts';
import type { Touched } from './turn.ts';

/**
 * The only function that changes what is in the log. It never refuses: an event has happened. `at` is the wall
 * clock of the moment it was decided and comes from the log on replay.
 */
export function applyEvent(
  state: LabState,
  event: LabEvent,
  at: EpochMillis,
  touched: Touched,
): void {
  switch (event.e) {
    case 'member-enrolled':
    case 'member-arrived':
    case 'member-suspected':
    case 'member-returned':
    case 'member-lost':
    case 'member-cordoned':
    case 'member-uncordoned':
    case 'member-draining':
    case 'member-evacuated':
    case 'member-released':
    case 'member-left':
    case 'member-stayed':
    case 'member-expected':
    case 'member-came-back':
      touched.members.add(event.member);
      applyToMember(state, event, at);
      return;
    case 'night-opened':
      state.night = emptyTally(event.night, at);
      touched.lab = true;
      return;
    case 'job-submitted': {
      const { job } = event;
      state.jobs.set(job.id, { ...job });
      state.nextJob = Math.max(state.nextJob, Number(job.id) + 1);
      touched.jobs.add(job.id);
      touched.lab = true;
      addTasks(state, job.id);
      return;
    }
    case 'job-held':
    case 'job-resumed':
    case 'job-cancelled': {
      const job = state.jobs.get(event.job);
      if (!job) return;
      if (event.e === 'job-cancelled') job.cancelled = true;
      else job.held = event.e === 'job-held';
      touched.jobs.add(event.job);
      return;
    }
    default:
      applyToTask(state, event, at, touched);
  }
}

/** Makes the tasks of a job as new; rows of tasks that have moved on replace them at start. */
export function addTasks(state: LabState, id: Task['job']): void {
  const job = state.jobs.get(id);
  if (!job) return;
  const { first, last } = taskIndexes(job);
  state.index.open.set(id, last - first + 1);
  const queued = new Set<TaskId>();
  for (let index = first; index <= last; index += 1) {
    const task = newTask(id, index);
    state.tasks.set(task.id, task);
    queued.add(task.id);
  }
  state.index.waiting.set(id, { suspended: new Set(), queued });
}

type MemberEvent = Extract<LabEvent, { readonly member: MemberId }>;

function applyToMember(state: LabState, event: MemberEvent, at: EpochMillis): void {
  if (event.e === 'member-enrolled') {
    const known = state.members.get(event.member);
    const fresh: Member = {
      id: event.member,
      name: event.name,
      seat: event.seat,
      facts: event.facts,
      state: 'enrolling',
      beforeSuspect: 'ready',
      cordoned: known?.cordoned ?? false,
      drain: null,
      linked: false,
      heardAt: known?.heardAt ?? monotonicMillis(0),
      load: { load: 0, memoryFree: event.facts.memory },
      enrolledAt: at,
      // A new boot does not yet say whether it is welcome: its hello is judged by these.
      releasedAt: known?.releasedAt ?? null,
      departure: known?.departure ?? null,
      cameBack: known?.cameBack ?? null,
    };
    // A PC that enrols again while its attempts are still in the books keeps its state until its hello settles them.
    if (
      known &&
      (known.state === 'ready' || known.state === 'draining' || known.state === 'suspect')
    ) {
      known.name = event.name;
      known.facts = event.facts;
      return;
    }
    state.members.set(event.member, fresh);
    return;
  }
  const member = state.members.get(event.member);
  if (!member) return;
  switch (event.e) {
    case 'member-arrived':
      member.facts = event.facts;
      member.state = 'ready';
      member.drain = null;
      member.releasedAt = null;
      member.departure = null;
      if (member.cameBack?.wasOpen) member.cordoned = false;
      member.cameBack = null;
      return;
    case 'member-came-back':
      member.facts = event.facts;
      member.state = 'ready';
      member.drain = null;
      member.releasedAt = null;
      member.departure = null;
      member.cameBack = {
        at,
        after: event.after,
        wasOpen: member.cameBack?.wasOpen ?? !member.cordoned,
      };
      member.cordoned = true;
      return;
    case 'member-suspected':
      member.beforeSuspect = member.state === 'draining' ? 'draining' : 'ready';
      member.state = 'suspect';
      return;
    case 'member-returned':
      member.state = member.beforeSuspect;
      return;
    case 'member-lost':
      member.state = 'lost';
      member.drain = null;
      return;
    case 'member-cordoned':
      member.cordoned = true;
      return;
    case 'member-uncordoned':
      member.cordoned = false;
      member.cameBack = null;
      return;
    case 'member-draining':
      member.drain = { purpose: event.purpose, moment: event.moment };
      if (member.state === 'suspect') member.beforeSuspect = 'draining';
      else member.state = 'draining';
      return;
    case 'member-evacuated':
      member.drain = null;
      member.cordoned = true;
      member.state = 'ready';
      return;
    case 'member-released':
      member.state = 'released';
      member.drain = null;
      member.releasedAt = at;
      member.departure = { leftAt: null, stayed: false, expected: false };
      return;
    case 'member-left':
      // One that came back and was switched off was given back only now.
      if (member.state !== 'released') member.releasedAt = at;
      member.state = 'released';
      member.drain = null;
      member.departure = {
        leftAt: at,
        stayed: false,
        expected: member.departure?.expected ?? false,
      };
      return;
    case 'member-stayed':
      if (member.departure) member.departure.stayed = true;
      return;
    case 'member-expected':
      if (member.departure) member.departure.expected = true;
      return;
    default:
      assertNever(event, 'member event');
  }
}

type TaskEvent = Extract<LabEvent, { readonly task: TaskId }>;

function applyToTask(state: LabState, event: TaskEvent, at: EpochMillis, touched: Touched): void {
  const task = state.tasks.get(event.task);
  if (!task) return;
  touched.tasks.add(task.id);
  touched.jobs.add(task.job);
  const before = { state: task.state, machines: machinesOf(task) };
  changeTask(state, task, event, at);
  reindexTask(state, task, before);
}

function changeTask(state: LabState, task: Task, event: TaskEvent, at: EpochMillis): void {
  changeState(state, task, event, at);
  countRunning(task, at);
}

/** Keeps the time it ran: from the start of an attempt to its end, whatever ends it. */
function countRunning(task: Task, at: EpochMillis): void {
  if (task.attempt) task.lastMachine = task.attempt.machine;
  const runs = task.attempt !== null && task.attempt.phase !== 'starting';
  if (runs) task.runningSince ??= at;
  else if (task.runningSince !== null) {
    task.ranMs += Math.max(0, at - task.runningSince);
    task.runningSince = null;
  }
}

function changeState(state: LabState, task: Task, event: TaskEvent, at: EpochMillis): void {
  switch (event.e) {
    case 'task-placed':
      task.epoch = event.epoch;
      task.state = 'running';
      task.home = event.machine;
      task.attempt = {
        epoch: event.epoch,
        machine: event.machine,
        placedAt: at,
        phase: 'starting',
        move: null,
        from: event.from,
      };
      return;
    case 'task-started':
      if (task.attempt) task.attempt.phase = 'running';
      task.startedAt ??= at;
      return;
    case 'task-move-begun':
      if (!task.attempt) return;
      task.epoch = event.toEpoch;
      task.attempt.phase = 'leaving';
      task.attempt.move = { to: event.to, toEpoch: event.toEpoch, because: event.because, at };
      return;
    case 'task-moved': {
      const move = task.attempt?.move;
      if (!task.attempt || !move) return;
      task.migrations.push({
        from: task.attempt.machine,
        to: move.to,
        at: move.at,
        because: move.because,
        bytes: 0,
        freezeMs: 0,
        totalMs: 0,
      });
      task.attempt = {
        epoch: event.toEpoch,
        machine: move.to,
        placedAt: at,
        phase: 'running',
        move: null,
        from: task.attempt.from,
      };
      return;
    }
    case 'task-move-measured': {
      const migration = task.migrations.findLast((candidate) => candidate.to === event.to);
      if (!migration) return;
      migration.bytes = event.bytes;
      migration.freezeMs = event.freezeMs;
      migration.totalMs = event.totalMs;
      return;
    }
    case 'task-move-failed':
      if (!task.attempt) return;
      task.attempt.phase = 'running';
      task.attempt.move = null;
      task.reason = event.reason;
      return;
    case 'task-saved':
      task.checkpoints = [event.checkpoint, ...task.checkpoints].slice(0, 2);
      task.cpuSeconds = Math.max(task.cpuSeconds, event.checkpoint.cpuSeconds);
      task.log = event.checkpoint.log ?? task.log;
      state.night.checkpoints += 1;
      if (event.suspended) {
        task.state = 'suspended';
        task.attempt = null;
      }
      return;
    case 'task-checkpoint-dropped':
      task.checkpoints = task.checkpoints.filter((checkpoint) => checkpoint.hash !== event.hash);
      if (task.state === 'suspended' && task.checkpoints.length === 0) {
        task.state = 'queued';
        task.restartsFromZero += 1;
      }
      return;
    case 'task-attempt-lost':
      task.attempt = null;
      task.reason = event.reason;
      task.lostMs += event.lostMs;
      state.night.lostMs += event.lostMs;
      if (event.avoid && !task.avoid.includes(event.avoid)) task.avoid.push(event.avoid);
      if (task.checkpoints.length > 0) task.state = 'suspended';
      else {
        if (task.startedAt !== null) task.restartsFromZero += 1;
        task.state = 'queued';
      }
      return;
    case 'task-done':
      task.state = 'done';
      task.reason = null;
      endTask(state, task, event, at);
      state.night.tasksDone += 1;
      return;
    case 'task-failed':
      task.state = 'failed';
      task.reason = event.reason;
      endTask(state, task, event, at);
      state.night.tasksFailed += 1;
      return;
    case 'task-retried':
      task.failures += 1;
      task.state = 'queued';
      task.attempt = null;
      task.checkpoints = [];
      task.exitCode = event.exitCode;
      task.reason = event.reason;
      task.log = event.log;
      task.restartsFromZero += 1;
      if (event.avoid && !task.avoid.includes(event.avoid)) task.avoid.push(event.avoid);
      return;
    case 'task-stopping':
      if (task.attempt) task.attempt.phase = 'stopping';
      return;
    case 'task-cancelled':
      task.state = 'cancelled';
      task.attempt = null;
      task.checkpoints = [];
      task.finishedAt = at;
      return;
    default:
      assertNever(event, 'task event');
  }
}

function endTask(
  state: LabState,
  task: Task,
  event: Extract<TaskEvent, { readonly e: 'task-done' | 'task-failed' }>,
  at: EpochMillis,
): void {
  task.exitCode = event.exitCode;
  task.outputs = event.outputs;
  task.log = event.log ?? task.log;
  state.night.cpuSeconds += Math.max(0, event.cpuSeconds);
  task.cpuSeconds = Math.max(task.cpuSeconds, event.cpuSeconds);
  task.memory = bytes(0);
  task.attempt = null;
  task.checkpoints = [];
  task.finishedAt = at;
}

/** For replays that follow no one. */
export const untouched = (): Touched => ({
  lab: false,
  members: new Set(),
  jobs: new Set(),
  tasks: new Set(),
});

export const nextEpoch = (task: Task): Task['epoch'] => epoch(task.epoch + 1);
