import { chmod, chown, copyFile, lchown, link, mkdir, stat, symlink } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import type { InputFile, InputNode } from '../../../shared/domain/job.ts';
import { pathBytes, type PathText } from '../../../shared/domain/path-text.ts';
import { setTimes, type TimeOf } from '../../../shared/node/file-times.ts';
import { writeSparse } from '../../../shared/node/sparse-file.ts';

/** Where an input stands in a task's directory, byte for byte. */
export function placeOf(folder: string, input: PathText): Buffer {
  const below = pathBytes(input);
  if (below === undefined) throw new Error('its path is none');
  return Buffer.concat([Buffer.from(`${folder}/`), below]);
}

/**
 * One file, as the program's own. A copy, for it may be changed; holes stay holes, since it lies in RAM.
 */
export async function layFile(
  from: string,
  { mode, executable }: Pick<InputFile, 'mode' | 'executable'>,
  to: Buffer,
  user: number,
): Promise<void> {
  const { size, blocks } = await stat(from);
  if (blocks * 512 < size) await writeSparse(to, createReadStream(from));
  else await copyFile(from, to);
  await chmod(to, mode ?? (executable ? 0o755 : 0o644));
  await chown(to, user, user);
}

/**
 * What remains when the files stand: their other names, links, and the folders' modes; times last, since all of this
 * changes them. Links come after every file, so that nothing is ever written through one.
 */
export async function finishTree(
  folder: string,
  files: readonly InputFile[],
  nodes: readonly InputNode[],
  user: number,
): Promise<void> {
  await linkNames(folder, files);
  const times: TimeOf[] = [];
  for (const node of nodes) {
    const place = placeOf(folder, node);
    if (node.kind === 'link') {
      await makeParents(folder, node, user);
      const { target, targetEscaped } = node;
      const to = pathBytes({ path: target, escaped: targetEscaped });
      if (to === undefined) throw new Error('the target of a link is none');
      await symlink(Buffer.from(to), place);
      await lchown(place, user, user);
    } else {
      await makeFolders(folder, partsOf(folder, node), user);
      await chmod(place, node.mode);
    }
    times.push({ path: place, mtime: node.mtime });
  }
  for (const file of files)
    if (file.mtime !== undefined) times.push({ path: placeOf(folder, file), mtime: file.mtime });
  await setTimes(times);
}

/** The first of the names has been laid down. */
async function linkNames(folder: string, files: readonly InputFile[]): Promise<void> {
  for (const [first, others] of otherNames(files))
    for (const other of others) await link(placeOf(folder, first), placeOf(folder, other));
}

/** Names that are no files of their own, by the one that is. */
export function otherNames(files: readonly InputFile[]): Map<InputFile, readonly InputFile[]> {
  const firsts = new Map<number, InputFile>();
  const names = new Map<InputFile, InputFile[]>();
  for (const file of files) {
    if (file.hard === undefined) continue;
    const first = firsts.get(file.hard);
    // The same number with another content is a mistake of whoever counted: then it is a file of its own.
    if (first === undefined) firsts.set(file.hard, file);
    else if (first.hash === file.hash) names.set(first, [...(names.get(first) ?? []), file]);
  }
  return names;
}

/** The folders above an input, each the user's. */
export function makeParents(folder: string, input: PathText, user: number): Promise<void> {
  return makeFolders(folder, partsOf(folder, input).slice(0, -1), user);
}

async function makeFolders(folder: string, parts: readonly string[], user: number): Promise<void> {
  for (let depth = 1; depth <= parts.length; depth += 1) {
    const place = Buffer.concat([
      Buffer.from(`${folder}/`),
      Buffer.from(parts.slice(0, depth).join('/'), 'latin1'),
    ]);
    try {
      await mkdir(place, { mode: 0o755 });
      await chown(place, user, user);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
}

/** Bytes as text, one character each. */
const partsOf = (folder: string, input: PathText): readonly string[] =>
  placeOf(folder, input)
    .toString('latin1')
    .slice(Buffer.byteLength(folder) + 1)
    .split('/');
