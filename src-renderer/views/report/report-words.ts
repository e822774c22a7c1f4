import type { Report } from '../../../shared/api/views.ts';
import { counted } from '../../ui/time-words.ts';

/** Below this the figure shows as 0. */
const nothing = 0.05;

export function isEmptyNight(report: Report): boolean {
  const { tasksDone, tasksFailed, tasksSuspended, moves, checkpoints } = report;
  const flagged = report.machines.some(({ flag }) => flag !== null);
  return !flagged && tasksDone + tasksFailed + tasksSuspended + moves.length + checkpoints === 0;
}

/** The night in one sentence: what was done, and what it cost. */
export function headlineOf(report: Report): string {
  if (isEmptyNight(report)) return 'A quiet night.';
  const lost = report.machines.filter(({ state }) => state === 'lost').length;
  const parts = [`${counted(report.tasksDone, 'task')} done`];
  if (report.tasksFailed > 0) parts.push(`${report.tasksFailed.toLocaleString('en')} failed`);
  if (lost > 0) parts.push(`${counted(lost, 'PC')} lost`);
  const flagged = (flag: 'stayed' | 'came-back'): number =>
    report.machines.filter((machine) => machine.flag === flag).length;
  if (flagged('came-back') > 0) parts.push(`${counted(flagged('came-back'), 'PC')} came back`);
  if (flagged('stayed') > 0) parts.push(`${counted(flagged('stayed'), 'PC')} did not leave`);
  const minutes = Math.round(report.minutesLost * 10) / 10;
  const cost =
    report.minutesLost < nothing
      ? 'no work lost'
      : `${minutes} ${minutes === 1 ? 'minute' : 'minutes'} of work lost`;
  return `${parts.join(', ')}, ${cost}.`;
}
