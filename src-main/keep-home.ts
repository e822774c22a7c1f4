// A lab's home copied, and brought back: `node src-main/keep-home.ts backup|restore PATH`. The head may run meanwhile.
import { resolve } from 'node:path';
import { refuse } from '../shared/base/result.ts';
import { refusalWords } from '../shared/words/refusal-words.ts';
import { defaultHome, headHome } from './platform/home/head-home.ts';
import { backUpHome, dropHalfMade, restoreHome } from './platform/home/home-backup.ts';

// A lab's keys are in it.
process.umask(0o077);
const [verb, path = ''] = process.argv.slice(2);
const home = headHome(resolve(defaultHome(process.env)));
for (const [signal, number] of [
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGTERM', 15],
] as const) {
  process.once(signal, () => {
    dropHalfMade();
    process.exit(128 + number);
  });
}
const done = await keep();
if (!done.ok) {
  console.error(`nightshift: ${refusalWords(done.error)}`);
  process.exitCode = done.error.kind === 'misuse' ? 2 : 1;
}

function keep(): ReturnType<typeof backUpHome> | ReturnType<typeof restoreHome> {
  if (verb === 'backup' && path !== '') return backUpHome(home, resolve(path));
  if (verb === 'restore' && path !== '') return restoreHome(resolve(path), home);
  return Promise.resolve(refuse('misuse', 'say backup PATH or restore PATH.'));
}
