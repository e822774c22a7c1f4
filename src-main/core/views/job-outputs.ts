import { ok, type Result } from '../../../shared/base/result.ts';
import type { TaskId } from '../../../shared/domain/ids.ts';
import type { Job, OutputFile, Task } from '../../../shared/domain/job.ts';
import { findJob, tasksOf } from '../jobs/names.ts';
import type { LabState } from '../lab/state.ts';

/** What each task of a job left: its files and its log, by their hashes. */
export function jobOutputs(
  state: LabState,
  text: string,
): Result<
  { task: TaskId; index: number; files: OutputFile[]; log: string | null; logName: string }[]
> {
  const job = findJob(state, text);
  if (!job.ok) return job;
  return ok(
    tasksOf(state, job.value).map((task) => ({
      task: task.id,
      index: task.index,
      files: [...task.outputs],
      log: task.log,
      logName: logNameOf(job.value, task),
    })),
  );
}

/** Paths from a script: whatever does not stay in the folder of the results is a plain name. */
function logNameOf({ id, spec }: Job, task: Task): string {
  const plain = (text: string): string => text.replace(/[/\\]/g, '-');
  const name = (spec.logName ?? 'task.log').replace(
    /\{(job|task|name|owner)\}/g,
    (_, what: string) =>
      ({ job: id, task: String(task.index), name: plain(spec.name), owner: plain(spec.owner) })[
        what
      ] ?? '',
  );
  const parts = name.split('/').filter((part) => part !== '' && part !== '.' && part !== '..');
  return parts.join('/') || 'task.log';
}
