import type { MachineView } from '../../shared/api/views.ts';

/** A task that was on one PC in a view and is on another in the next. */
export interface Arrival {
  readonly task: string;
  readonly from: string;
  readonly to: string;
}

export function arrivalsBetween(
  before: readonly MachineView[],
  after: readonly MachineView[],
): readonly Arrival[] {
  const was = new Map<string, string>();
  for (const { name, tasks } of before) for (const task of tasks) was.set(task, name);
  return after.flatMap(({ name, tasks }) =>
    tasks.flatMap((task): Arrival[] => {
      const from = was.get(task);
      return from === undefined || from === name ? [] : [{ task, from, to: name }];
    }),
  );
}
