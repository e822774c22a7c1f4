import { ok, type Result } from '../../../shared/base/result.ts';
import { taskIdOf, type TaskId } from '../../../shared/domain/ids.ts';
import type { Job, OutputFile, Task } from '../../../shared/domain/job.ts';
import type { TreeNode } from '../../../shared/domain/tree.ts';
import { findJob } from '../state/find-job.ts';
import { taskIndexes } from '../state/new-task.ts';
import type { LabState } from '../state/state.ts';

export interface TaskOutputs {
  readonly task: TaskId;
  readonly index: number;
  readonly files: OutputFile[];
  readonly nodes: TreeNode[];
  readonly log: string | null;
  readonly logName: string;
}

/** What one answer may hold, logs counted with the files. */
const mostFiles = 2000;

/** What each task of a job that was ever placed left, from this index on: files and log, by their hashes. In parts; the last is empty. */
export function jobOutputs(state: LabState, text: string, from: number): Result<TaskOutputs[]> {
  const job = findJob(state, text);
  if (!job.ok) return job;
  const { first, last } = taskIndexes(job.value);
  const untouched = state.index.queue.untouchedOf(job.value.id);
  const found: TaskOutputs[] = [];
  let files = 0;
  for (let index = Math.max(first, from); index <= last && files < mostFiles; index += 1) {
    index = (untouched.runFrom(index) ?? index - 1) + 1;
    const task = index > last ? undefined : state.tasks.get(taskIdOf(job.value.id, index));
    if (!task) continue;
    found.push({
      task: task.id,
      index: task.index,
      files: [...task.outputs],
      nodes: [...(task.outputNodes ?? [])],
      log: task.log,
      logName: logNameOf(job.value, task),
    });
    files += task.outputs.length + (task.outputNodes?.length ?? 0) + 1;
  }
  return ok(found);
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
