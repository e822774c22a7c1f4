import type { BigIntStats } from 'node:fs';
import { lstat, readdir, readlink, realpath } from 'node:fs/promises';
import { matchesGlob, posix } from 'node:path';
import { largestTree, type TreeNode } from '../../../shared/domain/tree.ts';
import { pathTextOf } from '../../../shared/domain/path-text.ts';

/**
 * Paths in here are bytes, one character of text each (`latin1`): what a program left is found whatever its name is
 * made of. Relative to the task's directory, but for `real`.
 */
export interface FoundFile {
  readonly path: string;
  /** The very file, through no link. */
  readonly real: string;
}

export interface FoundOutputs {
  readonly files: readonly FoundFile[];
  readonly nodes: readonly TreeNode[];
  /** A sentence about the first pattern that matched nothing. */
  readonly missed: string | null;
  /** How much more there is than one task may leave. */
  readonly beyond: number;
}

type Entry =
  | { readonly is: 'file' | 'link'; readonly real: string; readonly facts: BigIntStats }
  | { readonly is: 'folder'; readonly facts: BigIntStats };

/** As bytes; what Node reads and writes of them. */
export const bytesOf = (path: string): Buffer => Buffer.from(path, 'latin1');

/**
 * What the patterns match below the task's directory; a directory stands for all that is in it. The program is gone, so
 * nothing changes under our hands, but it may have left links that lead out of its directory: those are not followed.
 */
export async function findOutputs(
  folder: string,
  patterns: readonly string[],
  most = largestTree,
): Promise<FoundOutputs> {
  const inside = await realpath(bytesOf(folder), 'latin1');
  const found = new Map<string, Entry>();
  let missed: string | null = null;
  let beyond = 0;
  const add = (path: string, entry: Entry): void => {
    if (found.size < most || found.has(path)) found.set(path, entry);
    else beyond += 1;
  };
  for (const pattern of patterns) {
    let matched = false;
    for await (const { path, real } of matches(inside, pattern)) {
      const isThere = await include(path, real, add, true);
      matched ||= isThere;
    }
    if (matched) continue;
    missed ??= `the output pattern "${pattern}" matched no file in the task's directory`;
  }
  return { ...(await told(inside, found)), missed, beyond };
}

interface Match {
  readonly path: string;
  readonly real: string;
}

async function* matches(inside: string, pattern: string): AsyncIterable<Match> {
  const asked = Buffer.from(pattern, 'utf8').toString('latin1');
  const plain = posix.normalize(asked.replace(/^\/task(\/|$)/, '')).replace(/\/+$/, '');
  if (plain.startsWith('/') || plain === '..' || plain.startsWith('../')) return;
  // Everything below a folder, hidden or not, is what the folder itself stands for.
  const below = plain.replace(/(^|\/)\*\*$/, '') || '.';
  // A name may contain what looks like a pattern.
  const literal = await realBelow(inside, below);
  if (literal !== undefined) {
    yield { path: below, real: literal };
    return;
  }
  const parts = below.split('/');
  const firstMagic = parts.findIndex((part) => /[*?[{!+@(]/.test(part));
  if (firstMagic < 0) return;
  const start = parts.slice(0, firstMagic).join('/');
  const real = await realBelow(inside, start || '.');
  const depth = parts.includes('**') || below.includes('{') ? Infinity : parts.length;
  if (real !== undefined)
    yield* search({ path: start, real }, bytesOf(below).toString('utf8'), firstMagic, depth);
}

/** Below a folder, as deep as the pattern may reach; what matches is not searched any further. */
async function* search(
  { path, real }: Match,
  pattern: string,
  level: number,
  depth: number,
): AsyncIterable<Match> {
  for (const name of await namesIn(real)) {
    const child = { path: path === '' ? name : `${path}/${name}`, real: `${real}/${name}` };
    if (matchesGlob(text(child.path), pattern)) yield child;
    else if (level + 1 < depth && (await lstat(bytesOf(child.real))).isDirectory())
      yield* search(child, pattern, level + 1, depth);
  }
}

/** For matching: a byte that is no UTF-8 counts as one character, and so does a backslash, which separates nothing here. */
const text = (path: string): string => bytesOf(path).toString('utf8').replaceAll('\\', '\uFFFD');

const namesIn = async (real: string): Promise<readonly string[]> =>
  (await readdir(bytesOf(real), { encoding: 'latin1' })).sort();

/** False: neither file, folder nor link. `asked`: a link to a folder counts as the folder, whose content is wanted. */
async function include(
  path: string,
  real: string,
  add: (path: string, entry: Entry) => void,
  asked = false,
): Promise<boolean> {
  const facts = await lstat(bytesOf(real), { bigint: true });
  if (facts.isFile()) add(path, { is: 'file', real, facts });
  else if (facts.isSymbolicLink()) add(path, { is: 'link', real, facts });
  else if (facts.isDirectory()) {
    if (path !== '.') add(path, { is: 'folder', facts });
    for (const name of await namesIn(real))
      await include(path === '.' ? name : `${path}/${name}`, `${real}/${name}`, add);
  } else return !asked;
  return true;
}

/** Where a path really leads; undefined: to nothing, or out of the folder. A link to a file is what it is: a link. */
async function realBelow(inside: string, path: string): Promise<string | undefined> {
  if (path === '.') return inside;
  try {
    const at = `${inside}/${path}`;
    const facts = await lstat(bytesOf(at));
    const real = await realpath(bytesOf(at), 'latin1').catch(() => undefined);
    if (real?.startsWith(`${inside}/`) === true)
      return facts.isSymbolicLink() && !(await lstat(bytesOf(real))).isDirectory() ? at : real;
    // The link itself, when it stands in a folder of the task.
    const home = await realpath(bytesOf(posix.dirname(at)), 'latin1');
    return facts.isSymbolicLink() && `${home}/`.startsWith(`${inside}/`) ? at : undefined;
  } catch {
    return undefined;
  }
}

async function told(
  inside: string,
  found: ReadonlyMap<string, Entry>,
): Promise<{ readonly files: readonly FoundFile[]; readonly nodes: readonly TreeNode[] }> {
  const files: FoundFile[] = [];
  const nodes: TreeNode[] = [];
  for (const path of [...found.keys()].sort()) {
    const entry = found.get(path);
    if (entry === undefined) continue;
    const mtime = String(entry.facts.mtimeNs);
    const named = pathTextOf(bytesOf(path));
    if (entry.is === 'file') files.push({ path, real: entry.real });
    else if (entry.is === 'folder')
      nodes.push({ kind: 'folder', ...named, mode: modeOf(entry.facts), mtime });
    else {
      const target = await readlink(bytesOf(entry.real), 'latin1');
      const file = await fileBehind(inside, path, entry.real, target, found);
      if (file === undefined) {
        const { path: to, escaped } = pathTextOf(bytesOf(targetInTree(path, target)));
        const written = { target: to, ...(escaped && { targetEscaped: escaped }) };
        nodes.push({ kind: 'link', ...named, ...written, mtime });
      } else files.push({ path, real: file });
    }
  }
  return { files, nodes };
}

/** A link to a file of the task that is not among the outputs is as good as the file, which would be missing. */
async function fileBehind(
  inside: string,
  path: string,
  link: string,
  target: string,
  found: ReadonlyMap<string, Entry>,
): Promise<string | undefined> {
  const to = posix.join(posix.dirname(path), targetInTree(path, target));
  if (found.has(to)) return undefined;
  // The program's own /task is this folder.
  const at = target.startsWith('/task/') ? `${inside}/${target.slice(6)}` : link;
  const real = await realpath(bytesOf(at), 'latin1').catch(() => undefined);
  if (real?.startsWith(`${inside}/`) !== true) return undefined;
  return (await lstat(bytesOf(real))).isFile() ? real : undefined;
}

/** The program's `/task/x` is nothing elsewhere: such a link is told relative to where it stands. */
const targetInTree = (path: string, target: string): string =>
  target.startsWith('/task/')
    ? posix.relative(posix.dirname(`/task/${path}`), target) || '.'
    : target;

const modeOf = (facts: BigIntStats): number => Number(facts.mode & 0o777n);
