import type { JobView } from '../../../shared/api/views.ts';

export const jobFilters = ['all', 'open', 'done', 'failed'] as const;
export type JobFilter = (typeof jobFilters)[number];

const statesOf: Readonly<Record<JobFilter, readonly JobView['state'][] | null>> = {
  all: null,
  open: ['queued', 'running', 'suspended', 'held'],
  done: ['done'],
  failed: ['failed', 'cancelled'],
};

/** Newest first; every word has to occur in the id, name, owner or command. */
export function filterJobs(jobs: readonly JobView[], filter: JobFilter, text: string): JobView[] {
  const states = statesOf[filter];
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return jobs
    .filter((job) => {
      if (states && !states.includes(job.state)) return false;
      if (words.length === 0) return true;
      const hay = `${job.id} ${job.name} ${job.owner} ${job.command}`.toLowerCase();
      return words.every((word) => hay.includes(word));
    })
    .sort((a, b) => Number(b.id) - Number(a.id));
}
