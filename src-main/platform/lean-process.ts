import { existsSync, statfsSync } from 'node:fs';
import { enableCompileCache, flushCompileCache } from 'node:module';
import { dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { compiledFolder } from '../../shared/domain/settings.ts';

/** The code takes ten MiB; on a disk that has less than this left there is better use for them. */
const worthIt = 256 * 1024 * 1024;

/**
 * For a process that lives all night and mostly waits; before the bulk of the program is loaded. `codeFolder`: where its
 * code is kept as V8 has compiled it, so that the next start needs neither the compiler that takes the types out of
 * TypeScript nor the memory it leaves behind. Without the folder everything works as well.
 */
export function beLean(codeFolder: string): void {
  // V8 gives short-lived objects up to 96 MiB once many come at a time, such as when a thousand PCs join, and never takes
  // them back. One MiB is collected more often and as quickly.
  setFlagsFromString('--semi-space-growth-factor=1');
  const { bavail, bsize } = statfsSync(dirname(codeFolder));
  if (bavail * bsize > worthIt) enableCompileCache(codeFolder);
}

/**
 * For whoever starts a head in this home: given to Node itself, its very first files are there compiled, too. Not before
 * the head has made the folder: Node would make the home as well, for everybody to read.
 */
export function leanEnvironment(home: string): NodeJS.ProcessEnv {
  const compiled = join(home, compiledFolder);
  return existsSync(compiled) ? { NODE_COMPILE_CACHE: compiled } : {};
}

/** When all is loaded: who is killed writes nothing more. */
export const keepCompiled = (): void => flushCompileCache();
