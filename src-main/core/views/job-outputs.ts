import { ok, type Result } from '../../../shared/base/result.ts';
import type { TaskId } from '../../../shared/domain/ids.ts';
import type { OutputFile } from '../../../shared/domain/job.ts';
import { findJob, tasksOf } from '../jobs/names.ts';
import type { LabState } from '../lab/state.ts';

/** What each task of a job left: its files and its log, by their hashes. */
export function jobOutputs(
  state: LabState,
  text: string,
): Result<{ task: TaskId; index: number; files: OutputFile[]; log: string | null }[]> {
  const job = findJob(state, text);
  if (!job.ok) return job;
  return ok(
    tasksOf(state, job.value).map((task) => ({
      task: task.id,
      index: task.index,
      files: [...task.outputs],
      log: task.log,
    })),
  );
}
