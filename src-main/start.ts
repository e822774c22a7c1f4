// What `npm start` runs once its packages are there: makes ready what is missing, starts the head and opens the app.
//   [--practice [--keep]]      plays one whole practice night and exits 0 if every promise held
//   [--head-only --practice]   makes ready and becomes the head, without a window
//   [--port N] [--lab NAME]    as for the head
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refuse, type Result } from '../shared/base/result.ts';
import { systemCacheDir } from '../shared/domain/system-cache.ts';
import { encodeCpio as encodeArchive } from './core/boot-image/cpio.ts';
import { ensureUi } from './platform/making-ready/build-when-changed.ts';
import { openBrowserWindow } from './platform/making-ready/browser-window.ts';
import { desktopAppCommand, windowObstacle } from './platform/making-ready/desktop-app.ts';
import { portOf, readOptions, textOf } from './platform/home/head-arguments.ts';
import { defaultHome, headHome, readHeadJson } from './platform/home/head-home.ts';
import { leanEnvironment } from '../shared/node/lean-environment.ts';
import { ensureOsTools } from '../shared/node/os-packages.ts';
import { refusalWords } from '../shared/words/refusal-words.ts';
import { practiceMeans, practiceWays } from './platform/making-ready/practice-ways.ts';
import { practiceSystems } from './platform/making-ready/practice-systems.ts';
import { progressLine } from './platform/making-ready/progress-line.ts';
import { buildBootImage } from './platform/system-builder/boot-image.ts';
import {
  becomeProgram,
  runCommand,
  runProgram,
  type Program,
} from './platform/making-ready/run-program.ts';

process.on('uncaughtException', (error) => leave(1, `this did not work: ${error.message}.`));

const options = readOptions(process.argv.slice(2), {
  practice: { type: 'boolean' },
  keep: { type: 'boolean' },
  'head-only': { type: 'boolean' },
  port: { type: 'string' },
  lab: { type: 'string' },
});
if (!options.ok) leave(2, refusalWords(options.error));
const given = options.value;
const port = portOf(given['port']);
if (!port.ok) leave(2, refusalWords(port.error));
const isPractice = given['practice'] === true;
const headOnly = given['head-only'] === true;
if (given['keep'] === true && (!isPractice || headOnly)) {
  leave(2, '--keep leaves a practice night open; give it together with --practice.');
}

const isRoot = process.getuid?.() === 0;
const progress = progressLine(process.stdout);
if (isPractice && !headOnly && !isRoot) {
  leave(1, practiceWays(practiceMeans(await hasBootImage())));
}

await makeReady();

const headFlags = [
  ...(isPractice ? ['--practice'] : []),
  ...(port.value === undefined ? [] : ['--port', String(port.value)]),
  ...labFlags(textOf(given['lab'])),
];
// Where a head ran before, its program lies compiled.
Object.assign(process.env, leanEnvironment(defaultHome(process.env)));
if (headOnly) process.exit(await becomeProgram('src-main/head.ts', headFlags));
if (isPractice) {
  // The player starts its head by itself, since it also kills and restarts it. It plays in a home of its own, which goes
  // when every promise held.
  const night = ['practice', 'night', ...(given['keep'] === true ? ['--keep'] : [])];
  const chosen = process.env['NIGHTSHIFT_HOME'];
  const home = chosen ?? mkdtempSync(join(tmpdir(), 'nightshift-practice-'));
  process.env['NIGHTSHIFT_HOME'] = home;
  const code = await runProgram('src-cli/nightshift.ts', night, 'inherit').ended;
  if (chosen === undefined && code === 0 && given['keep'] !== true) {
    rmSync(home, { recursive: true, force: true });
  }
  process.exit(code);
}
process.exit(await serve());

/** OS tools, member system, software pack, agent and UI: each only where it is missing or old. */
async function makeReady(): Promise<void> {
  if (process.platform === 'linux') {
    const onLine = (line: string): void => console.log(line);
    // Virtual PCs need no rights and none of this; they say themselves what they lack.
    const judge = isPractice && !isRoot ? passOver : insist;
    judge(await ensureOsTools(['system-builder', 'practice-containers'], onLine));
    const systems = await practiceSystems(systemCacheDir(process.env), progress.show);
    // A head of a real lab is of use without them; it is told what to do, as with the UI.
    if (isPractice) judge(systems);
    else advise(systems);
  }
  advise(await ensureUi(progress.show));
  progress.clear();
}

/** What virtual PCs boot; without root nothing is built by asking for it. */
async function hasBootImage(): Promise<boolean> {
  const cacheDir = systemCacheDir(process.env);
  const built = await buildBootImage({ cacheDir, onProgress: () => undefined, encodeArchive });
  return built.ok && existsSync(join(cacheDir, 'software-image-base'));
}

/** The app, which runs the head itself; else the head, with the UI in a window of a browser or its address here. */
async function serve(): Promise<number> {
  const obstacle = windowObstacle();
  const app = obstacle === undefined ? await desktopAppCommand() : refuse('refused', obstacle);
  if (app.ok) {
    console.log(
      'Opening the app, which runs the head; closing its window leaves it in the tray. Ctrl-C here stops it.',
    );
    return runCommand([...app.value, ...headFlags], ['inherit', 'ignore', 'inherit']).ended;
  }
  const head = runProgram('src-main/head.ts', headFlags, ['inherit', 'ignore', 'inherit']);
  const facts = await Promise.race([untilOpen(head), head.ended]);
  // It has said why.
  if (typeof facts === 'number') return facts;
  const home = headHome(defaultHome(process.env));
  const window =
    obstacle === undefined ? await openBrowserWindow(facts.browserUrl, home.folder) : app;
  const where = `The head is open at ${facts.url}.`;
  const why = refusalWords(app.error);
  console.log(
    window.ok
      ? `${where} Its UI is in a window of your browser, because ${why}. Ctrl-C here stops it.`
      : `${where} No app window, because ${why}; the same UI for a browser on this machine:\n${browserAddress(facts.browserUrl)}`,
  );
  return head.ended;
}

/** It carries the token: for eyes on a terminal, not for journals and logs. */
function browserAddress(url: string): string {
  return process.stdout.isTTY
    ? url
    : `see browserUrl in ${headHome(defaultHome(process.env)).headJson}`;
}

/** The head writes its page when it is ready; a page of a head that was killed carries another number. */
async function untilOpen(
  head: Program,
): Promise<{ readonly url: string; readonly browserUrl: string }> {
  const home = headHome(defaultHome(process.env));
  for (;;) {
    const facts = readHeadJson(home);
    if (facts !== undefined && facts.pid === head.pid) return facts;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function labFlags(lab: string | undefined): readonly string[] {
  return lab === undefined ? [] : ['--lab', lab];
}

function insist(result: Result<unknown>): void {
  progress.clear();
  if (!result.ok) leave(1, refusalWords(result.error));
}

function passOver(): void {
  progress.clear();
}

function advise(result: Result<unknown>): void {
  progress.clear();
  if (!result.ok) console.log(`Not yet: ${refusalWords(result.error)}`);
}

function leave(code: number, sentence: string): never {
  console.error(`nightshift: ${sentence}`);
  process.exit(code);
}
