import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Result } from '../../../shared/base/result.ts';

/**
 * What is built of Debian's packages is kept for as long as its recipe stays the same, whatever Debian has published since. A
 * rebuild is a choice, and this file in the cache remembers when it was made last: its words are a part of each version.
 */
const fileIn = (cacheDir: string): string => join(cacheDir, 'packages-of');

/** Undefined before the first such choice. */
export async function packagesOf(cacheDir: string): Promise<string | undefined> {
  const text = await readFile(fileIn(cacheDir), 'utf8').catch(() => '');
  return text.trim() || undefined;
}

/** Builds with the packages of this moment; when it fails, what was there before is what counts again. */
export async function withPackagesOf<Value>(
  cacheDir: string,
  moment: string,
  build: () => Promise<Result<Value>>,
): Promise<Result<Value>> {
  const before = await packagesOf(cacheDir);
  await write(cacheDir, moment);
  let built: Result<Value> | undefined;
  try {
    built = await build();
    return built;
  } finally {
    if (built?.ok !== true) await write(cacheDir, before);
  }
}

async function write(cacheDir: string, moment: string | undefined): Promise<void> {
  const file = fileIn(cacheDir);
  if (moment === undefined) {
    await rm(file, { force: true });
    return;
  }
  await writeFile(`${file}.new`, `${moment}\n`);
  await rename(`${file}.new`, file);
}
