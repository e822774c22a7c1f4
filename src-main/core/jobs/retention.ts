import { byHand } from '../../../shared/domain/reasons.ts';
import { ok, type Result } from '../../../shared/base/result.ts';
import { hours, type Millis } from '../../../shared/base/units.ts';
import type { JobId } from '../../../shared/domain/ids.ts';
import { refuseFor } from '../../../shared/domain/refusals.ts';
import type { Job } from '../../../shared/domain/job.ts';
import type { LabState } from '../state/state.ts';
import type { Turn } from '../state/turn.ts';
import { cutOldLog } from './log-cut.ts';
import { findJob } from '../state/find-job.ts';

/** Looking through all jobs costs something, and a month does not end to the minute. */
const lookEvery = hours(1);
/** Tasks of a job that is over are looked at in the next days, if at all. */
const inMemoryFor = 24 * hours(1);
/** Jobs that go in one turn, so that nobody waits for them. */
const mostAtOnce = 20;

/** By a person: all of them, or none. Their results leave the disk when it is cleaned next. */
export function removeJobs(turn: Turn, texts: readonly string[]): Result<{ ids: JobId[] }> {
  const jobs = new Set<Job>();
  for (const text of texts) {
    const found = findJob(turn.state, text);
    if (!found.ok) return found;
    const may = mayRemove(turn.state, found.value);
    if (!may.ok) return may;
    jobs.add(found.value);
  }
  for (const job of jobs) turn.emit({ e: 'job-removed', job: job.id, because: byHand });
  return ok({ ids: [...jobs].map(({ id }) => id) });
}

export function setKeepFor(turn: Turn, keepFor: Millis): Result<{ keepFor: Millis }> {
  if (keepFor !== turn.state.keepFor) turn.emit({ e: 'keep-for-set', keepFor });
  return ok({ keepFor });
}

/**
 * What has been over for longer than jobs are kept leaves. A wrong clock must not empty the lab: nothing leaves before the
 * clock has gone on for an hour without a jump, whenever the head was started or somebody set it.
 */
export function removeOld(turn: Turn): void {
  const { state, now, wall } = turn;
  const { transient } = state;
  archiveOld(turn);
  const { trusted } = transient;
  const jumped =
    trusted === null || Math.abs(wall - trusted.wall - (now - trusted.now)) > hours(1) / 60;
  if (jumped) {
    transient.trusted = { now, wall };
    return;
  }
  if (now - trusted.now < lookEvery) return;
  cutOldLog(turn);
  if (now < transient.nextRetention) return;
  let left = mostAtOnce;
  for (const job of state.jobs.values()) {
    const finishedAt = state.index.tallies.get(job.id)?.finishedAt ?? wall;
    if (wall - finishedAt < state.keepFor || !mayRemove(state, job).ok) continue;
    if ((left -= 1) < 0) return;
    turn.emit({ e: 'job-removed', job: job.id, because: { code: 'kept-long-enough', facts: {} } });
  }
  transient.nextRetention = (now + lookEvery) as typeof now;
}

/** Nothing is lost by it, so no clock has to be trusted. */
function archiveOld(turn: Turn): void {
  const { state, now, wall } = turn;
  const { transient } = state;
  if (now < transient.nextArchive) return;
  let left = mostAtOnce;
  for (const { id, archived } of state.jobs.values()) {
    if (archived || (state.index.open.get(id) ?? 0) > 0) continue;
    if (wall - (state.index.tallies.get(id)?.finishedAt ?? wall) < inMemoryFor) continue;
    if ((left -= 1) < 0) return;
    turn.emit({ e: 'job-archived', job: id });
  }
  transient.nextArchive = (now + lookEvery) as typeof now;
}

function mayRemove(state: LabState, { id }: Job): Result<null> {
  if ((state.index.open.get(id) ?? 0) > 0)
    return refuseFor('refused', 'job-is-not-over', { job: id });
  for (const other of state.jobs.values()) {
    const isOpen = (state.index.open.get(other.id) ?? 0) > 0;
    if (isOpen && [...other.spec.after, ...(other.spec.afterOk ?? [])].includes(id)) {
      return refuseFor('refused', 'job-is-waited-for', { job: id, by: other.id });
    }
  }
  return ok(null);
}
