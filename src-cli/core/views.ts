import { formatDuration, formatSize } from '../../shared/base/units.ts';
import { machineWords } from '../../shared/words/machine-words.ts';
import { reasonWords } from '../../shared/words/reason-words.ts';
import { phaseWords, taskWords } from '../../shared/words/task-words.ts';
import type { JobView, MachineView, TaskCounts, TaskView } from '../../shared/api/views.ts';
import type { WholeJob } from '../../shared/api/whole-job.ts';
import { count } from './count.ts';
import { paintState, type Paint } from './paint.ts';
import { formatAgo } from './relative-time.ts';
import { formatPairs, formatTable, type Column } from './table.ts';

/** Views of the API as lines for a person. */

const stateText = (machine: MachineView): string =>
  machine.cordoned ? `${machine.state}, cordoned` : machine.state;

export function machinesTable(machines: readonly MachineView[], paint: Paint): readonly string[] {
  const columns: Column<MachineView>[] = [
    { title: 'MACHINE', text: ({ name }) => name, most: 24 },
    { title: 'SEAT', text: ({ seat }) => seat ?? '-', most: 16 },
    {
      title: 'STATE',
      text: stateText,
      paint: (text, machine) =>
        machine.flag === null
          ? paintState(
              paint,
              machine.cordoned && machine.state === 'ready' ? 'cordoned' : machine.state,
            )(text)
          : paint.bad(text),
    },
    { title: 'SLOTS', align: 'right', text: (machine) => `${machine.slotsUsed}/${machine.cpu}` },
    { title: 'LOAD', align: 'right', text: ({ load }) => load.toFixed(2) },
    {
      title: 'MEMORY FREE',
      align: 'right',
      text: ({ memoryFree, memory }) => `${formatSize(memoryFree)} of ${formatSize(memory)}`,
    },
    { title: 'SPEED', align: 'right', text: ({ speed }) => `${Math.round(speed)}` },
    { title: 'FAMILY', text: ({ cpuFamily }) => cpuFamily, most: 20 },
    { title: 'TASKS', text: ({ tasks }) => firstFew(tasks, 4), most: 40 },
    { title: 'NOTE', text: (machine) => machineWords(machine) ?? '', most: 60, sentence: true },
  ];
  const used = machines.some(({ seat }) => seat !== null)
    ? columns
    : columns.filter(({ title }) => title !== 'SEAT');
  return formatTable(
    machines.some((machine) => machineWords(machine) !== null)
      ? used
      : used.filter(({ title }) => title !== 'NOTE'),
    machines,
    paint,
  );
}

function firstFew(texts: readonly string[], most: number): string {
  if (texts.length === 0) return '-';
  const more = texts.length - most;
  return texts.slice(0, most).join(' ') + (more > 0 ? ` +${more}` : '');
}

const totalOf = (tasks: TaskCounts): number =>
  tasks.queued + tasks.running + tasks.suspended + tasks.done + tasks.failed + tasks.cancelled;

/** `3 running, 2 done`: what there is, the liveliest first. */
export function countsText(tasks: TaskCounts): string {
  const order = ['running', 'queued', 'suspended', 'done', 'failed', 'cancelled'] as const;
  return (
    order
      .filter((state) => tasks[state] > 0)
      .map((state) => `${tasks[state]} ${state}`)
      .join(', ') || 'no tasks'
  );
}

export function jobsTable(jobs: readonly JobView[], now: number, paint: Paint): readonly string[] {
  return formatTable<JobView>(
    [
      { title: 'JOB', align: 'right', text: ({ id }) => id },
      { title: 'NAME', text: ({ name }) => name, most: 28 },
      { title: 'OWNER', text: ({ owner }) => owner, most: 16 },
      {
        title: 'STATE',
        text: ({ state }) => state,
        paint: (text, { state }) => paintState(paint, state)(text),
      },
      { title: 'TASKS', align: 'right', text: ({ tasks }) => `${tasks.done}/${totalOf(tasks)}` },
      { title: 'THESE ARE', text: ({ tasks }) => countsText(tasks), most: 48 },
      { title: 'SUBMITTED', text: ({ submittedAt }) => formatAgo(submittedAt, now) },
    ],
    jobs,
    paint,
  );
}

export function jobLines(job: WholeJob, now: number, paint: Paint): readonly string[] {
  const lines = [
    `${paint.strong(`Job ${job.id}`)}  ${job.name}  ${paintState(paint, job.state)(job.state)}`,
    ...formatPairs([
      ['Command', job.command],
      ['Owner', job.owner],
      ['Submitted', formatAgo(job.submittedAt, now)],
      ['Finished', job.finishedAt === null ? null : formatAgo(job.finishedAt, now)],
      ['Needs', needsText(job)],
      ['Tasks', `${count(totalOf(job.counts), 'task')}: ${countsText(job.counts)}`],
    ]),
    '',
    ...tasksTable(job.tasks, now, paint),
  ];
  const moved = job.tasks.filter(({ migrations }) => migrations.length > 0);
  return moved.length === 0 ? lines : [...lines, '', ...movesTable(moved, now, paint)];
}

function needsText(job: WholeJob): string {
  return [
    count(job.cpus, 'processor'),
    ...(job.memory === null ? [] : [`${formatSize(job.memory)} of memory`]),
    ...(job.wallTime === null ? [] : [`at most ${formatDuration(job.wallTime)}`]),
    `pack ${job.pack}`,
  ].join(', ');
}

export function tasksTable(
  tasks: readonly TaskView[],
  now: number,
  paint: Paint,
): readonly string[] {
  return formatTable<TaskView>(
    [
      { title: 'TASK', align: 'right', text: ({ id }) => id },
      {
        title: 'STATE',
        text: (task) =>
          task.phase === task.state ? task.state : `${task.state} (${phaseWords(task)})`,
        paint: (text, { state }) => paintState(paint, state)(text),
        most: 40,
      },
      {
        title: 'MACHINE',
        text: ({ machine, lastMachine }) => machine ?? lastMachine ?? '-',
        most: 24,
      },
      {
        title: 'ATTEMPT',
        align: 'right',
        text: ({ attempt }) => (attempt === 0 ? '-' : `${attempt}`),
      },
      {
        title: 'RAN',
        align: 'right',
        text: ({ ranMs }) => (ranMs === 0 ? '-' : formatDuration(ranMs)),
      },
      {
        title: 'CPU',
        align: 'right',
        text: ({ cpuSeconds }) => (cpuSeconds === 0 ? '-' : formatDuration(cpuSeconds * 1000)),
      },
      {
        title: 'EXIT',
        align: 'right',
        text: ({ exitCode }) => (exitCode === null ? '-' : `${exitCode}`),
      },
      {
        title: 'WHY',
        text: (task) => taskWords(task) ?? '',
        most: 100,
        sentence: true,
      },
    ],
    tasks,
    paint,
  );
}

function movesTable(tasks: readonly TaskView[], now: number, paint: Paint): readonly string[] {
  const moves = tasks.flatMap(({ id, migrations }) => migrations.map((move) => ({ id, ...move })));
  return formatTable(
    [
      { title: 'MOVED', align: 'right', text: ({ id }) => id },
      { title: 'FROM', text: ({ from }) => from },
      { title: 'TO', text: ({ to }) => to },
      { title: 'WHEN', text: ({ at }) => formatAgo(at, now) },
      { title: 'FROZEN', align: 'right', text: ({ freezeMs }) => formatDuration(freezeMs) },
      { title: 'IN ALL', align: 'right', text: ({ totalMs }) => formatDuration(totalMs) },
      { title: 'SIZE', align: 'right', text: ({ bytes }) => formatSize(bytes) },
      { title: 'BECAUSE', text: ({ because }) => reasonWords(because), most: 80, sentence: true },
    ],
    moves,
    paint,
  );
}
