import type { TaskId } from '../../../shared/domain/ids.ts';
import type { Reason } from '../../../shared/domain/reasons.ts';
import type { Report } from '../../../shared/api/views.ts';
import type { EpochMillis } from '../../../shared/base/units.ts';
import { minutes } from '../../../shared/base/units.ts';
import type { Task } from '../../../shared/domain/job.ts';
import type { LabState } from '../state/state.ts';
import { departureFlag, departureNote, lossNote, type TimeOfDay } from './departure.ts';

/** The morning report of the night that is going on, or of the last one. */
export function nightReport(
  state: LabState,
  lab: string,
  until: EpochMillis,
  timeOfDay: TimeOfDay,
): Report {
  const { night } = state;
  const tasks = [...state.tasks.values()];
  const name = (id: string): string => state.members.get(id as never)?.name ?? id;
  return {
    lab,
    night: night.number,
    from: night.openedAt,
    until: night.endedAt ?? until,
    tasksDone: night.tasksDone,
    tasksFailed: night.tasksFailed,
    tasksSuspended: tasks.filter((task) => task.state === 'suspended').length,
    moves: [...(night.gone?.moves ?? []), ...tasks.flatMap(movesOf)]
      .filter((migration) => migration.at >= night.openedAt)
      .map((migration) => ({
        ...migration,
        from: name(migration.from),
        to: name(migration.to),
      })),
    checkpoints: night.checkpoints,
    minutesLost: inMinutes(night.lostMs),
    losses: night.losses.map(({ task, machine, at, lostMs, reason }) => ({
      ...{
        task,
        machine: name(machine),
        at,
        minutes: inMinutes(lostMs),
        reason,
      },
    })),
    coreHours: Math.round((night.cpuSeconds / 3600) * 1000) / 1000,
    returned: returnsOf(state),
    machines: [...state.members.values()].map((member) => ({
      name: member.name,
      state: member.state,
      returnedAt: member.releasedAt,
      leftAt: member.departure?.leftAt ?? null,
      flag: departureFlag(member),
      lostAt: member.lostAt,
      note:
        lossNote(member, timeOfDay) ?? (departureFlag(member) && departureNote(member, timeOfDay)),
    })),
    failures: [
      ...(night.gone?.failures ?? []).map(failureOf),
      ...failuresOf(tasks, night.openedAt),
    ],
  };
}

const movesOf = (task: Task) => task.migrations.map((move) => ({ ...move, task: task.id }));

const failuresOf = (tasks: readonly Task[], since: EpochMillis): Report['failures'] =>
  tasks.flatMap((task) => {
    // Held for what it did to PCs: it has not failed, but neither does it go on by itself.
    if (task.heldFor !== null) return [{ task: task.id, held: true, reason: task.heldFor }];
    return task.state === 'failed' && (task.finishedAt ?? 0) >= since
      ? [failureOf({ task: task.id, reason: task.reason })]
      : [];
  });

const failureOf = (failure: {
  readonly task: TaskId;
  readonly reason: Reason | null;
}): Report['failures'][number] => ({
  task: failure.task,
  held: false,
  reason: failure.reason,
});

const inMinutes = (span: number): number => Math.round((span / minutes(1)) * 100) / 100;

/** PCs that were given back since the night began, and how many of them are known to have left and stayed away. */
function returnsOf({ members, night }: LabState): Report['returned'] {
  const given = [...members.values()].filter(
    ({ releasedAt, cameBack }) => Math.max(releasedAt ?? 0, cameBack?.at ?? 0) >= night.openedAt,
  );
  const confirmed = given.filter(
    (member) => member.departure?.leftAt != null && departureFlag(member) === null,
  );
  return { given: given.length, confirmed: confirmed.length };
}
