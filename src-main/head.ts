// The head without a window: `node src-main/head.ts [--home DIR] [--port N] [--practice] [--lab NAME]`.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { refuse } from '../shared/base/result.ts';
import { refuseHome } from '../shared/domain/home-refusal.ts';
import { defaultPort } from '../shared/domain/settings.ts';
import { systemCacheDir } from '../shared/domain/system-cache.ts';
import { asksForHelp, portOf, readOptions, textOf } from './platform/home/head-arguments.ts';
import { defaultHome, headHome, makeHome } from './platform/home/head-home.ts';
import { codeOf } from '../shared/node/make-folder.ts';
import { projectRoot } from '../shared/node/project-root.ts';
import { refusalWords } from '../shared/words/refusal-words.ts';
import { openHeadLog, type HeadLog } from './platform/home/head-log.ts';
import {
  builtHead,
  buildWhenChanged,
  headBundle,
} from './platform/making-ready/build-when-changed.ts';
import type { runHead as RunHead } from './run-head.ts';
import { beLean, keepCompiled } from './platform/making-ready/lean-process.ts';

if (asksForHelp(process.argv.slice(2))) {
  console.log(`The head without a window:
  --home DIR    its data directory (default: ${defaultHome(process.env)})
  --port N      where members, browsers and commands reach it (default: ${defaultPort})
  --lab NAME    what the lab is called, when the home is new
  --practice    for practice PCs on this machine`);
  process.exit(0);
}
const options = readOptions(process.argv.slice(2), {
  home: { type: 'string' },
  port: { type: 'string' },
  practice: { type: 'boolean' },
  lab: { type: 'string' },
});
if (!options.ok) leave(2, refusalWords(options.error));
const port = portOf(options.value['port']);
if (!port.ok) leave(2, refusalWords(port.error));

const wished = textOf(options.value['home']);
const home = headHome(wished ?? defaultHome(process.env));
const log = openLog();
const onSurprise = (error: unknown): void => {
  log.fault('the head ended', error);
  const what = error instanceof Error ? error.message : String(error);
  leave(1, `the head cannot go on: ${what.split('\n', 1)[0] ?? ''} (${home.log} says more).`);
};
process.on('uncaughtException', onSurprise);
process.on('unhandledRejection', onSurprise);

/** Milliseconds. */
const endsWithin = 5000;
let stopping: Promise<void> | undefined;
beLean(home.compiled);
const { runHead } = await loadHead();
const head = await runHead({
  home: home.folder,
  cacheDir: systemCacheDir(process.env),
  port: port.value ?? defaultPort,
  practice: options.value['practice'] === true,
  lab: textOf(options.value['lab']),
  uiFolder: join(projectRoot, 'dist', 'ui'),
  log,
  onShutdown: () => setImmediate(stop),
});
if (!head.ok) leave(1, refusalWords(head.error));
keepCompiled();
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
process.on('SIGHUP', stop);
// Whoever read what we print may be gone; the lab goes on.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);
// The address for a browser carries the token, which is for eyes on a terminal and not for journals and logs.
const inBrowser = process.stdout.isTTY
  ? `in a browser on this machine: ${head.value.facts.browserUrl}`
  : `${home.headJson} has the address for a browser on this machine`;
console.log(`Lab "${head.value.lab}" is open at ${head.value.facts.url}; ${inBrowser}`);

/**
 * Members go on by their leases until a head is back. What is acknowledged is stored already, so that whatever should hold up
 * the end may not do so for long.
 */
function stop(): void {
  setTimeout(() => {
    log.line('something did not let go in time; the head ends all the same');
    process.exit(0);
  }, endsWithin).unref();
  stopping ??= (head.ok ? head.value.stop() : Promise.resolve()).then(() => {
    log.line('the head has stopped');
    process.exit(0);
  }, onSurprise);
}

function openLog(): HeadLog {
  try {
    makeHome(home);
    return openHeadLog(home.log);
  } catch (error) {
    const chosenBy = wished === undefined ? 'NIGHTSHIFT_HOME' : '--home';
    return leave(1, refusalWords(refuseHome(home.folder, codeOf(error), chosenBy).error));
  }
}

/** As one file it takes a third of the memory. Where that cannot be built, such as in a folder of another user, its sources do. */
async function loadHead(): Promise<{ readonly runHead: typeof RunHead }> {
  const built = await buildWhenChanged(builtHead, () => undefined).catch((error: unknown) =>
    refuse('failed', String(error)),
  );
  if (built.ok)
    return (await import(pathToFileURL(headBundle).href)) as { readonly runHead: typeof RunHead };
  log.line(`the head runs from its sources and takes more memory: ${refusalWords(built.error)}`);
  return import('./run-head.ts');
}

function leave(code: number, sentence: string): never {
  console.error(`nightshift: ${sentence}`);
  process.exit(code);
}
