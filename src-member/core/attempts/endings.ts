import type { AttemptKey } from '../../../shared/domain/attempt-key.ts';
import type { ProgramEnd } from '../../ports/container-runtime.ts';
import type { Ending, ToHead } from '../../../shared/wire/to-head.ts';
import type { HeldAttempt } from './attempt.ts';
import { clear } from './freezing.ts';
import { keyOf, say, type Turn } from './turn.ts';
import { formatDuration, monotonicMillis } from '../../../shared/base/units.ts';
import { collectWithin } from '../../../shared/domain/timings.ts';

export function endingOf(attempt: HeldAttempt, end: ProgramEnd): Ending {
  if (attempt.ending?.by === 'stop') return { cause: 'stopped' };
  if (attempt.ending?.by === 'limit') return { cause: 'limit', reason: attempt.ending.reason };
  if (end.because !== null) return end.because;
  return { cause: 'exit', exitCode: end.exitCode };
}

const firstCollectRetry = 3000;
const lastCollectRetry = 120_000;

/**
 * Milliseconds until results are sent again after the `failures`-th failure: each try reads them all, which may be
 * gigabytes, so the wait doubles; and once there is room somebody waits for them, so it does not grow for ever.
 */
export const collectRetry = (failures: number): number =>
  Math.min(lastCollectRetry, firstCollectRetry * 2 ** (failures - 1));

export function collect(turn: Turn, attempt: HeldAttempt, ending: Ending): void {
  attempt.collectAgainAt = null;
  // Also of a program that failed or ran out of its limits: what it left may tell why, or be half the work.
  const ran = ['exit', 'limit', 'no-output'].includes(ending.cause);
  turn.directives.push({
    d: 'collect',
    of: keyOf(attempt),
    ending,
    patterns: ran ? attempt.spec.outputs : [],
  });
}

/** Somebody wants this PC: from now on the results have only so much time, and whoever waits is told how much. */
export function hurry(turn: Turn, attempt: HeldAttempt): void {
  const span = collectWithin(turn.state.timings);
  attempt.giveUpAt ??= monotonicMillis(turn.now + span);
  const left = Math.max(0, attempt.giveUpAt - turn.now);
  const reason = `they are on their way to the head, and given up in ${formatDuration(left)}, since its PC is wanted`;
  say(turn, { t: 'results-wait', ...keyOf(attempt), reason });
}

/** They took too long. */
export function giveUpResults(turn: Turn, attempt: HeldAttempt): void {
  const within = formatDuration(collectWithin(turn.state.timings));
  const reason = `its results were not on the head within ${within} after its PC was wanted`;
  const report = overReport(attempt, { cause: 'machine', reason });
  clear(turn, attempt, { is: 'report', report });
}

/** The head has not got all that the report names: everything is read and sent once more, what is there already not. */
export function collectAgain(turn: Turn, attempt: HeldAttempt): void {
  const { stage } = attempt;
  if (stage.at !== 'over' || stage.report.t !== 'ended') return;
  const { ending } = stage.report;
  attempt.stage = { at: 'collecting', ending };
  attempt.collectFailures = 0;
  collect(turn, attempt, ending);
}

/** The report of an attempt that ended before its program was known to run. */
export function overReport(of: AttemptKey, ending: Ending): ToHead {
  return { t: 'ended', ...keyOf(of), ending, outputs: [], log: null, cpuSeconds: 0 };
}
