// The head without a window: `node src-main/head.ts [--home DIR] [--port N] [--practice] [--lab NAME]`.
import { join } from 'node:path';
import { refuseHome } from '../shared/domain/home-refusal.ts';
import { defaultPort } from '../shared/domain/settings.ts';
import { systemCacheDir } from '../shared/domain/system-cache.ts';
import { portOf, readOptions, textOf } from './platform/head-arguments.ts';
import { defaultHome, headHome, makeHome } from './platform/head-home.ts';
import { codeOf } from './platform/make-folder.ts';
import { openHeadLog, type HeadLog } from './platform/head-log.ts';
import { beLean, keepCompiled } from './platform/lean-process.ts';

const projectRoot = join(import.meta.dirname, '..');

const options = readOptions(process.argv.slice(2), {
  home: { type: 'string' },
  port: { type: 'string' },
  practice: { type: 'boolean' },
  lab: { type: 'string' },
});
if (!options.ok) leave(2, options.error.sentence);
const port = portOf(options.value['port']);
if (!port.ok) leave(2, port.error.sentence);

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
const { runHead } = await import('./run-head.ts');
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
if (!head.ok) leave(1, head.error.sentence);
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
    return leave(1, refuseHome(home.folder, codeOf(error), chosenBy).error.sentence);
  }
}

function leave(code: number, sentence: string): never {
  console.error(`nightshift: ${sentence}`);
  process.exit(code);
}
