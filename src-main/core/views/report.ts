import type { Report } from '../../../shared/api/views.ts';
import type { EpochMillis } from '../../../shared/base/units.ts';
import { minutes } from '../../../shared/base/units.ts';
import type { LabState } from '../lab/state.ts';

/** The morning report of the night that is going on, or of the last one. */
export function nightReport(state: LabState, lab: string, until: EpochMillis): Report {
  const { night } = state;
  const tasks = [...state.tasks.values()];
  const name = (id: string): string => state.members.get(id as never)?.name ?? id;
  return {
    lab,
    night: night.number,
    from: night.openedAt,
    until,
    tasksDone: night.tasksDone,
    tasksFailed: night.tasksFailed,
    tasksSuspended: tasks.filter((task) => task.state === 'suspended').length,
    moves: tasks.flatMap((task) =>
      task.migrations
        .filter((migration) => migration.at >= night.openedAt)
        .map((migration) => ({
          ...migration,
          task: task.id,
          from: name(migration.from),
          to: name(migration.to),
        })),
    ),
    checkpoints: night.checkpoints,
    minutesLost: Math.round((night.lostMs / minutes(1)) * 100) / 100,
    coreHours: Math.round((night.cpuSeconds / 3600) * 1000) / 1000,
    machines: [...state.members.values()].map((member) => ({
      name: member.name,
      state: member.state,
      returnedAt: member.releasedAt,
      note: member.state === 'lost' ? 'it vanished and did not come back' : null,
    })),
    failures: tasks
      .filter((task) => task.state === 'failed' && (task.finishedAt ?? 0) >= night.openedAt)
      .map((task) => ({ task: task.id, reason: task.reason ?? 'unknown' })),
  };
}
