import { access, chmod, constants, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { buildAsRoot } from '../making-ready/as-root.ts';
import { withBuildLock } from './build-lock.ts';
import type { OnProgress } from './build-progress.ts';
import { makeTreeFolder } from './finish-tree.ts';

export interface CachedStep {
  /** Folder in the cache, such as `member-system`. */
  readonly name: string;
  /** What is being made, for people. */
  readonly what: string;
  /** Names all that shapes the result; equal versions are interchangeable. */
  readonly version: string;
  readonly cacheDir: string;
  readonly onProgress: OnProgress;
  /** Fills the empty folder `into`; what it leaves after a refusal or a throw is removed. */
  make(into: string): Promise<Result<null>>;
}

const unfinished = '.building-';
const versionsKept = 2;

/**
 * The folder `<cacheDir>/<name>/<version>`, made now unless it is there. It appears whole or not at
 * all; while another process makes it we wait; the two versions used last are kept.
 */
export async function cachedStep(step: CachedStep): Promise<Result<string>> {
  const folder = resolve(step.cacheDir, step.name);
  const finished = join(folder, step.version);
  if (await isThere(finished)) return ok(await markUsed(finished));

  const mayWrite = await makeWritable(folder);
  if (!mayWrite) {
    return refuse(
      'refused',
      `The ${step.what} is not built yet, and only root may write ${step.cacheDir}: run \`${buildAsRoot()}\` once.`,
    );
  }
  const sayThatWeWait = (): void =>
    step.onProgress({
      step: step.what,
      line: `Waiting for another Nightshift that is building the ${step.what}`,
    });
  return withBuildLock(folder, sayThatWeWait, async () => {
    if (await isThere(finished)) return ok(await markUsed(finished));
    await removeUnfinished(folder);
    const building = join(folder, `${unfinished}${step.version}`);
    await makeTreeFolder(building);
    let made = false;
    try {
      const result = await step.make(building);
      if (!result.ok) return result;
      await openToAll(building);
      await rename(building, finished);
      made = true;
    } finally {
      if (!made) await rm(building, { recursive: true, force: true });
    }
    await keepLatest(folder, step.version);
    return ok(finished);
  });
}

async function makeWritable(folder: string): Promise<boolean> {
  try {
    await makeTreeFolder(folder);
    await access(folder, constants.W_OK);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return false;
    throw error;
  }
}

/** Who has built it, and with which umask, is all one to those who boot from it. What lies in a tree has its own modes. */
async function openToAll(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isFile()) await chmod(join(folder, entry.name), 0o644);
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** The folder's own time says when a version was last wanted; nothing below it is touched. */
async function markUsed(path: string): Promise<string> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined); // a shared cache may be read-only
  return path;
}

/** What a killed builder left. We hold the lock, so none of it is in use. */
async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(unfinished)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function keepLatest(folder: string, current: string): Promise<void> {
  const others = (await readdir(folder)).filter(
    (name) => name !== current && !name.startsWith(unfinished),
  );
  const used = await Promise.all(
    others.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })),
  );
  for (const name of versionsToRemove(used)) {
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

/** Of the versions besides the current one. */
export function versionsToRemove(
  others: readonly { readonly name: string; readonly at: number }[],
): readonly string[] {
  return [...others]
    .sort((a, b) => b.at - a.at)
    .slice(versionsKept - 1)
    .map(({ name }) => name);
}
