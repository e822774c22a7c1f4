import type { LabView } from '../../shared/api/views.ts';

/** A move that has ended. */
export type Arrival = Pick<LabView['arrived'][number], 'task' | 'from' | 'to'>;

/** Those that the later view tells and the one before did not. Where tasks are seen says nothing: one may have been lost. */
export function arrivalsBetween(
  before: Pick<LabView, 'arrived'>,
  after: Pick<LabView, 'arrived'>,
): readonly Arrival[] {
  const told = new Set(before.arrived.map(({ task, at }) => `${task} ${at}`));
  return after.arrived.filter(({ task, at }) => !told.has(`${task} ${at}`));
}
