import { monotonicMillis, type MonotonicMillis, seconds } from '../../../shared/base/units.ts';
import { wallTimeLeft } from './attempt.ts';
import { collect, giveUpResults } from './endings.ts';
import { keyOf, type AgentState, type Turn } from './turn.ts';
import { terminate } from './works.ts';

/** How long a program that is over its wall time has to end after TERM. */
const wallTimeGrace = seconds(3);

/** What time alone brings about. */
export function doWhatIsDue(turn: Turn): void {
  for (const attempt of turn.state.attempts.values()) {
    if (attempt.stage.at === 'collecting' && isDue(turn, attempt.giveUpAt))
      giveUpResults(turn, attempt);
    if (attempt.stage.at === 'collecting' && isDue(turn, attempt.collectAgainAt))
      collect(turn, attempt, attempt.stage.ending);
    if (attempt.stage.at !== 'live') continue;
    const left = wallTimeLeft(attempt.wall, turn.now);
    if (left !== null && left <= 0 && attempt.ending === null && attempt.work?.kind !== 'send')
      terminate(turn, attempt, { by: 'limit', reason: 'over its wall time' }, wallTimeGrace);
    if (isDue(turn, attempt.killAt)) {
      attempt.killAt = null;
      turn.directives.push({ d: 'kill', of: keyOf(attempt) });
    }
  }
}

const isDue = (turn: Turn, moment: MonotonicMillis | null): boolean =>
  moment !== null && turn.now >= moment;

/** The next moment at which `doWhatIsDue` does something. */
export function attemptsWakeAt(state: AgentState): MonotonicMillis | null {
  let next = Infinity;
  for (const { stage, wall, killAt, collectAgainAt, giveUpAt, ending } of state.attempts.values()) {
    if (stage.at === 'collecting' && collectAgainAt !== null) next = Math.min(next, collectAgainAt);
    if (stage.at === 'collecting' && giveUpAt !== null) next = Math.min(next, giveUpAt);
    if (stage.at !== 'live') continue;
    if (killAt !== null) next = Math.min(next, killAt);
    if (wall.left !== null && wall.runningSince !== null && ending === null)
      next = Math.min(next, wall.runningSince + wall.left);
  }
  return next === Infinity ? null : monotonicMillis(next);
}
