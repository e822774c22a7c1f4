import { constants, createReadStream } from 'node:fs';
import { glob, lstat, open, readdir, realpath } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join, relative } from 'node:path';
import { ok, type Result } from '../../shared/base/result.ts';
import type { AttemptKey } from '../../shared/domain/attempt-key.ts';
import { blobHash } from '../../shared/domain/ids.ts';
import type { OutputFile } from '../../shared/domain/job.ts';
import type { BlobFault } from '../../shared/ports/task-files.ts';
import type { HttpsHeadBlobs } from './head-blobs.ts';

/**
 * What the patterns match below the task's directory; a directory stands for all files in it. The program is gone, so
 * nothing changes under our hands, but it may have left links that lead out of its directory: those are not followed.
 */
export async function matchOutputs(
  folder: string,
  patterns: readonly string[],
): Promise<{ readonly paths: readonly string[]; readonly missed: string | null }> {
  const inside = await realpath(folder);
  const found = new Set<string>();
  let missed: string | null = null;
  for (const pattern of patterns) {
    let matched = 0;
    for (const path of await matches(inside, pattern)) {
      found.add(path);
      matched += 1;
    }
    if (matched > 0) continue;
    missed ??= `the output pattern "${pattern}" matched no file in the task's directory`;
  }
  return { paths: [...found].sort(), missed };
}

async function matches(inside: string, pattern: string): Promise<readonly string[]> {
  const below = pattern
    .replace(/^\/task\//, '')
    .replace(/^(\.\/)+/, '')
    .replace(/\/+$/, '');
  if (below === '' || below.startsWith('/') || below.split('/').includes('..')) return [];
  const found: string[] = [];
  // A name may contain what looks like a pattern.
  const literal = await isBelow(inside, join(inside, below));
  const paths: string[] = literal ? [below] : [];
  if (!literal) for await (const path of glob(below, { cwd: inside })) paths.push(path);
  for (const path of paths) found.push(...(await filesAt(inside, join(inside, path))));
  return found;
}

/** Regular files at and below a path that really lies in the folder. */
async function filesAt(inside: string, path: string): Promise<readonly string[]> {
  if (!(await isBelow(inside, path))) return [];
  const facts = await lstat(path);
  if (facts.isFile()) return [relative(inside, path)];
  // A link to a file of the task is as good as the file; a link to a directory would count its files twice.
  if (facts.isSymbolicLink())
    return (await lstat(await realpath(path))).isFile() ? [relative(inside, path)] : [];
  if (!facts.isDirectory()) return [];
  const found: string[] = [];
  for (const name of (await readdir(path)).sort())
    found.push(...(await filesAt(inside, join(path, name))));
  return found;
}

async function isBelow(inside: string, path: string): Promise<boolean> {
  try {
    return (await realpath(path)).startsWith(`${inside}/`);
  } catch {
    return false;
  }
}

export async function storeOutput(
  folder: string,
  path: string,
  blobs: HttpsHeadBlobs,
  of: AttemptKey,
): Promise<Result<OutputFile, BlobFault>> {
  const real = await realpath(join(folder, path));
  const handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const facts = await handle.stat();
    const digest = createHash('sha256');
    for await (const chunk of handle.createReadStream({ autoClose: false, start: 0 }))
      digest.update(chunk as Buffer);
    const hash = blobHash(digest.digest('hex'));
    const executable = (facts.mode & 0o100) !== 0;
    if (!(await blobs.has({ hash, size: facts.size }, of))) {
      const stored = await blobs.store(createReadStream(real), of);
      if (!stored.ok) return stored;
      return ok({ path, ...stored.value, executable });
    }
    return ok({ path, hash, size: facts.size, executable });
  } finally {
    await handle.close();
  }
}
