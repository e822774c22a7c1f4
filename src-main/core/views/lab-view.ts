import type { LabView } from '../../../shared/api/views.ts';
import type { MemberId } from '../../../shared/domain/ids.ts';
import { nightshiftVersion } from '../../../shared/domain/settings.ts';
import type { LabState } from '../lab/state.ts';
import type { TimeOfDay } from './departure-words.ts';
import { jobViews } from './job-view.ts';
import { machineViews } from './machine-view.ts';

/** What the view tells and the lab's own state does not know. */
export type Surroundings = Omit<LabView, 'version' | 'night' | 'machines' | 'jobs' | 'moves'>;

export function labView(state: LabState, around: Surroundings, timeOfDay: TimeOfDay): LabView {
  return {
    ...around,
    version: nightshiftVersion,
    night: state.night.number,
    machines: machineViews(state, timeOfDay),
    jobs: jobViews(state),
    moves: movesUnderWay(state),
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
