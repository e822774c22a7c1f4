import type { JobSpec } from '../../../shared/domain/job.ts';

/**
 * Why the inputs of a job are no tree that a PC could lay down: two of one name, or something below a link, which is a
 * name and has nothing below it. Escaped paths are told apart from those that only look like them.
 */
export function inputTreeFault({ inputs, inputNodes = [] }: JobSpec): string | undefined {
  const taken = new Set<string>();
  const links = inputNodes.filter(({ kind }) => kind === 'link');
  const keyOf = (path: string, escaped: true | undefined, task: number | '' = ''): string =>
    `${task} ${escaped === true ? 'escaped ' : ''}${path}`;
  for (const { path, escaped, onlyTask } of [...inputs, ...links]) {
    const isTaken = taken.has(keyOf(path, escaped, onlyTask)) || taken.has(keyOf(path, escaped));
    if (isTaken) return `two inputs have the same name "${path}" in the task's directory.`;
    taken.add(keyOf(path, escaped, onlyTask));
  }
  const leaves = new Set(links.map(({ path }) => path));
  if (leaves.size === 0) return undefined;
  for (const { path } of [...inputs, ...inputNodes])
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
      if (leaves.has(path.slice(0, at)))
        return `the input "${path}" stands below "${path.slice(0, at)}", which is a link.`;
  return undefined;
}
