import type { LabView } from '../../../shared/api/views.ts';
import type { EpochMillis } from '../../../shared/base/units.ts';
import type { MemberId } from '../../../shared/domain/ids.ts';
import { nightshiftVersion } from '../../../shared/domain/settings.ts';
import type { LabState } from '../state/state.ts';
import type { TimeOfDay } from './departure.ts';
import { jobViews } from './job-view.ts';
import { machineViews } from './machine-view.ts';

/** What the view tells and the lab's own state does not know. */
export type Surroundings = Omit<
  LabView,
  'version' | 'night' | 'machines' | 'jobs' | 'moves' | 'arrived'
>;

/** For so long a move that has ended is told, milliseconds: several looks of whoever looks seldom. */
const toldFor = 10_000;

export function labView(
  state: LabState,
  around: Surroundings,
  timeOfDay: TimeOfDay,
  now: EpochMillis,
): LabView {
  return {
    ...around,
    version: nightshiftVersion,
    night: state.night.number,
    machines: machineViews(state, timeOfDay),
    jobs: jobViews(state),
    moves: movesUnderWay(state),
    arrived: movesEnded(state, now - toldFor),
  };
}

function movesUnderWay(state: LabState): LabView['moves'] {
  const name = (id: MemberId): string => state.members.get(id)?.name ?? id;
  const moves: LabView['moves'] = [];
  for (const id of state.index.active) {
    const attempt = state.tasks.get(id)?.attempt;
    if (attempt?.move)
      moves.push({
        task: id,
        from: name(attempt.machine),
        to: name(attempt.move.to),
        because: attempt.move.because,
      });
  }
  return moves;
}

/** By what the log says, not by where tasks are seen: one that was lost on a PC and goes on elsewhere did not move there. */
function movesEnded(state: LabState, since: number): LabView['arrived'] {
  const name = (id: MemberId): string => state.members.get(id)?.name ?? id;
  const ended: LabView['arrived'] = [];
  for (const id of state.index.active) {
    const task = state.tasks.get(id);
    const last = task?.migrations.at(-1);
    if (last?.arrivedAt === undefined || last.arrivedAt < since) continue;
    if (task?.attempt?.machine !== last.to) continue;
    ended.push({ task: id, from: name(last.from), to: name(last.to), at: last.arrivedAt });
  }
  return ended;
}
