import { randomUUID } from 'node:crypto';
import { chmod, link, lstat, mkdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ok, refuse, type Result } from '../../shared/base/result.ts';
import { setTimes } from '../../shared/node/file-times.ts';
import { shownPath, type LocalPath, type Traits } from '../../shared/domain/local-tree.ts';
import { faultWords } from './fault-words.ts';
import { codeOf, makeFolder } from './make-folder.ts';

/** As Node takes it. */
export const forNode = (path: LocalPath): string | Buffer =>
  typeof path === 'string' ? path : Buffer.from(path);

/** What was made in this process, so that a folder of a thousand files is looked at once. */
const known = new Set<string>();

/**
 * The folders between `into` and what is to be written: made, or there already, and every one of them a folder. A link in
 * between, perhaps of an earlier fetch, would lead what comes from a task to anywhere on this machine. `itself`: the place
 * is to be a folder, too.
 */
export async function makeFolderBelow(
  into: string,
  place: LocalPath,
  itself = false,
): Promise<Result<null>> {
  const top = Buffer.from(into).toString('latin1');
  const whole = Buffer.from(place).toString('latin1');
  try {
    if (!known.has(top)) await makeFolder(into);
    known.add(top);
    const separator = process.platform === 'win32' ? /[\\/]/ : '/';
    const parts = whole
      .slice(top.length)
      .split(separator)
      .filter((part) => part !== '');
    let at = top.replace(/\/+$/, '');
    for (const part of itself ? parts : parts.slice(0, -1)) {
      at += `/${part}`;
      if (known.has(at)) continue;
      const folder = Buffer.from(at, 'latin1');
      await mkdir(folder).catch((error: unknown) => {
        if (codeOf(error) !== 'EEXIST') throw error;
      });
      if (!(await lstat(folder)).isDirectory()) {
        const what = shownPath(folder);
        return refuse(
          'refused',
          `${what} is no folder but a file or a link, and nothing is written through it.`,
        );
      }
      known.add(at);
    }
    return ok(null);
  } catch (error) {
    return refuse(
      'failed',
      `the folder of ${shownPath(place)} cannot be made (${faultWords(codeOf(error))}).`,
    );
  }
}

/** Beside a file that is being written, under a name of its own, however long the file's is. */
export function draftOf(place: LocalPath): string | Buffer {
  const name = `.nightshift-${randomUUID()}.part`;
  if (typeof place === 'string') return join(dirname(place), name);
  const path = Buffer.from(place).toString('latin1');
  return Buffer.from(`${path.slice(0, path.lastIndexOf('/'))}/${name}`, 'latin1');
}

/** `force`: in place of another link or file, never of a folder. */
export async function makeLink(
  place: LocalPath,
  target: Uint8Array,
  force: boolean,
): Promise<Result<null>> {
  try {
    const there = await readlink(forNode(place), 'latin1').catch(() => undefined);
    const wanted = Buffer.from(target);
    if (there === wanted.toString('latin1')) return ok(null);
    if (force && !(await isFolder(place))) await rm(forNode(place), { force: true });
    await symlink(wanted, forNode(place));
    return ok(null);
  } catch (error) {
    return refuse(
      'failed',
      `the link ${shownPath(place)} cannot be made (${faultWords(codeOf(error))}).`,
    );
  }
}

/** Another name of a file that was just written; false where the disk has no such thing. */
export async function makeName(first: LocalPath, place: LocalPath): Promise<boolean> {
  const draft = draftOf(place);
  try {
    await link(forNode(first), draft);
    await rename(draft, forNode(place));
    await rm(draft, { force: true }); // rename(2) does nothing when both are the same file already
    return true;
  } catch {
    return false;
  }
}

/**
 * Times and then modes of what was just made, in this order: what is closed by its mode keeps its time. A disk that has no
 * such thing keeps its own.
 */
export async function setTraits(all: readonly Traits[]): Promise<void> {
  const times = all.flatMap(({ place, mtime }) =>
    mtime === null ? [] : [{ path: Buffer.from(place), mtime }],
  );
  await setTimes(times).catch(() => undefined);
  for (const { place, mode } of all)
    if (mode !== null) await chmod(forNode(place), mode).catch(() => undefined);
}

const isFolder = async (place: LocalPath): Promise<boolean> =>
  (await lstat(forNode(place)).catch(() => undefined))?.isDirectory() ?? false;
