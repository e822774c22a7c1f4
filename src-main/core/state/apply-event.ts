import type { EpochMillis } from '../../../shared/base/units.ts';
import { applyToMember } from './apply-to-member.ts';
import { applyToTask } from './apply-to-task.ts';
import type { LabEvent } from './events.ts';
import { archiveJob, removeJob } from './remove-job.ts';
import { addTasks, cancelUntouched, changeOpen } from './reindex.ts';
import { emptyTally, type LabState } from './state.ts';
import type { Touched } from './touched.ts';

/**
 * The only function that changes what is in the log. It never refuses: an event has happened. `at` is the wall
 * clock of the moment it was decided and comes from the log on replay.
 */
export function applyEvent(
  state: LabState,
  event: LabEvent,
  at: EpochMillis,
  touched: Touched,
): void {
  switch (event.e) {
    case 'member-enrolled':
    case 'member-arrived':
    case 'member-described':
    case 'member-suspected':
    case 'member-returned':
    case 'member-lost':
    case 'member-outdated':
    case 'member-cordoned':
    case 'member-uncordoned':
    case 'member-draining':
    case 'member-evacuated':
    case 'member-released':
    case 'member-left':
    case 'member-stayed':
    case 'member-expected':
    case 'member-came-back':
    case 'member-banned':
    case 'member-unbanned':
      touched.members.add(event.member);
      applyToMember(state, event, at);
      return;
    case 'seats-given':
      for (const { machineKey, seat } of event.seats) {
        if (seat) state.seats.set(machineKey, seat);
        else state.seats.delete(machineKey);
        touched.seats.add(machineKey);
      }
      for (const member of state.members.values()) {
        if (!touched.seats.has(member.facts.machineKey)) continue;
        member.seat = state.seats.get(member.facts.machineKey) ?? null;
        touched.members.add(member.id);
      }
      return;
    case 'member-forgotten':
      touched.members.add(event.member);
      touched.lab = true;
      state.members.delete(event.member);
      state.index.on.delete(event.member);
      state.index.used.delete(event.member);
      state.retired.set(event.member, at);
      return;
    case 'night-opened':
      state.night = emptyTally(event.night, at);
      touched.lab = true;
      return;
    case 'night-ended':
      state.night.endedAt = at;
      touched.lab = true;
      return;
    case 'job-submitted': {
      const { job } = event;
      const kept = { ...job };
      state.jobs.set(job.id, kept);
      state.nextJob = Math.max(state.nextJob, Number(job.id) + 1);
      touched.jobs.add(job.id);
      touched.lab = true;
      addTasks(state, kept);
      return;
    }
    case 'job-archived':
      touched.jobs.add(event.job);
      touched.refs.set(event.job, archiveJob(state, event.job));
      return;
    case 'job-removed':
      removeJob(state, event.job);
      touched.jobs.add(event.job);
      touched.lab = true;
      return;
    case 'keep-for-set':
      state.keepFor = event.keepFor;
      touched.lab = true;
      return;
    case 'job-held':
    case 'job-resumed':
    case 'job-cancelled':
    case 'job-queue-cancelled': {
      const job = state.jobs.get(event.job);
      if (!job) return;
      if (event.e === 'job-queue-cancelled') cancelUntouched(state, job, at);
      else {
        if (event.e === 'job-cancelled') job.cancelled = true;
        else job.held = event.e === 'job-held';
        changeOpen(state, job, 0);
      }
      touched.jobs.add(event.job);
      touched.jobsAsWhole.add(event.job);
      return;
    }
    default:
      applyToTask(state, event, at, touched);
  }
}
