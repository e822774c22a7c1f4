import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabNames } from './lab-network.ts';

/** Where the host's hierarchies are mounted. */
export interface Hierarchies {
  readonly unified: string | undefined;
  /** v1 controllers a PC is shown, with their mount points. */
  readonly v1: readonly { readonly controller: 'memory' | 'cpu'; readonly mount: string }[];
}

/** From /proc/self/mountinfo (proc(5)): a v1 hierarchy names its controllers in the super options. */
export function findHierarchies(mountinfo: string): Hierarchies {
  let unified: string | undefined;
  const v1: { controller: 'memory' | 'cpu'; mount: string }[] = [];
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const mount = before.split(' ')[4];
    const [type, , options = ''] = after.split(' ');
    if (!mount) continue;
    if (type === 'cgroup2') unified ??= mount;
    if (type !== 'cgroup') continue;
    for (const controller of ['memory', 'cpu'] as const) {
      if (
        options.split(',').includes(controller) &&
        !v1.some((known) => known.controller === controller)
      )
        v1.push({ controller, mount });
    }
  }
  return { unified, v1 };
}

export const readHierarchies = async (): Promise<Hierarchies> =>
  findHierarchies(await readFile('/proc/self/mountinfo', 'utf8'));

/** Makes the PC's groups; the folders to start it in. */
export async function makeGroups(
  hierarchies: Hierarchies,
  lab: LabNames,
  pc: string,
): Promise<string[]> {
  const folders: string[] = [];
  for (const mount of mountsOf(hierarchies)) {
    const above = join(mount, lab.group);
    const folder = join(above, pc);
    await mkdir(folder, { recursive: true });
    // Where cgroup2 has controllers, a PC may hand them on to its tasks.
    if (mount === hierarchies.unified) {
      for (const parent of [mount, above]) {
        for (const controller of ['memory', 'cpu', 'pids'])
          await writeFile(join(parent, 'cgroup.subtree_control'), `+${controller}`).catch(
            () => undefined,
          );
      }
    }
    folders.push(folder);
  }
  return folders;
}

const mountsOf = ({ unified, v1 }: Hierarchies): string[] => [
  ...(unified ? [unified] : []),
  ...v1.map(({ mount }) => mount),
];

/** Process ids in the PC's groups, whatever they hang below. */
export async function processesOf(
  hierarchies: Hierarchies,
  lab: LabNames,
  pc: string,
): Promise<number[]> {
  const found = new Set<number>();
  const look = async (folder: string): Promise<void> => {
    const listed = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '');
    for (const line of listed.split('\n')) if (line !== '') found.add(Number(line));
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => []))
      if (entry.isDirectory()) await look(join(folder, entry.name));
  };
  for (const mount of mountsOf(hierarchies)) await look(join(mount, lab.group, pc));
  return [...found];
}

/** Removes groups from the leaves up; false while one still has a process that is dying. */
export async function removeGroups(
  hierarchies: Hierarchies,
  lab: LabNames,
  pc?: string,
): Promise<boolean> {
  let gone = true;
  const remove = async (folder: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => []))
      if (entry.isDirectory()) await remove(join(folder, entry.name));
    await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') gone = false;
    });
  };
  for (const mount of mountsOf(hierarchies))
    await remove(pc ? join(mount, lab.group, pc) : join(mount, lab.group));
  return gone;
}
