import { ok, type Result } from '../../../shared/base/result.ts';
import type { JobSpec } from '../../../shared/domain/job.ts';
import { refuseFor } from '../../../shared/domain/refusals.ts';

/**
 * Refuses inputs that are no tree that a PC could lay down: two of one name, or something below a link, which is a
 * name and has nothing below it. Escaped paths are told apart from those that only look like them.
 */
export function judgeInputTree({ inputs, inputNodes = [] }: JobSpec): Result<null> {
  const taken = new Set<string>();
  const links = inputNodes.filter(({ kind }) => kind === 'link');
  const keyOf = (path: string, escaped: true | undefined, task: number | '' = ''): string =>
    `${task} ${escaped === true ? 'escaped ' : ''}${path}`;
  for (const { path, escaped, onlyTask } of [...inputs, ...links]) {
    const isTaken = taken.has(keyOf(path, escaped, onlyTask)) || taken.has(keyOf(path, escaped));
    if (isTaken) return refuseFor('misuse', 'inputs-share-a-name', { path });
    taken.add(keyOf(path, escaped, onlyTask));
  }
  const leaves = new Set(links.map(({ path }) => path));
  if (leaves.size === 0) return ok(null);
  for (const { path } of [...inputs, ...inputNodes])
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
      if (leaves.has(path.slice(0, at)))
        return refuseFor('misuse', 'input-below-a-link', { path, link: path.slice(0, at) });
  return ok(null);
}
