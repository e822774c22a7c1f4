// Composition root of the `nightshift` command; bin/nightshift.mjs imports it.
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { commandAsRoot } from '../shared/domain/as-root.ts';
import { runCommandLine } from './commands/run-command-line.ts';
import { cleanLines, ProgramText } from './core/clean-text.ts';
import { coloursWanted, paintFor } from './core/paint.ts';
import type { World } from './core/ports.ts';
import { connectToHead } from './platform/head-connection.ts';
import { headDirectory, processLives, runningHead } from './platform/head-directory.ts';
import {
  keepHome,
  runHeadHere,
  startHeadBehind,
  wasStartedBehind,
} from './platform/head-process.ts';
import { localFiles } from './platform/local-files.ts';
import { processTerminal } from './platform/process-terminal.ts';
import { readStandardInput } from './platform/standard-input.ts';

const home = headDirectory(process.env);
/** How long a command may take to end after Ctrl-C, milliseconds. */
let patience = 2000;
const interruption = new AbortController();
process.once('SIGINT', () => {
  interruption.abort();
  if (patience === Infinity) return;
  process.once('SIGINT', () => process.exit(130));
  setTimeout(() => process.exit(130), patience).unref();
});
// A surprise in the middle of nowhere is told as one line, too.
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error: unknown) => {
    const what = error instanceof Error ? error.message : String(error);
    console.error(`nightshift: something unexpected went wrong: ${what.split('\n', 1)[0] ?? ''}`);
    process.exit(1);
  });
}

const world: World = {
  terminal: processTerminal({
    coloursFor: (isTty, columns) =>
      paintFor(coloursWanted(isTty, process.env), isTty ? columns : undefined),
    clean: cleanLines,
    programText: () => new ProgramText(),
  }),
  heads: {
    home,
    connect: () => connectToHead(home),
    running: () => runningHead(home),
    lives: processLives,
    runHere: (flags, quiet) => {
      // A head ends in its own time.
      patience = Infinity;
      return runHeadHere(home, flags, quiet);
    },
    startBehind: (flags) => startHeadBehind(home, flags),
    startedBehind: () => wasStartedBehind(home),
    keepHome: (verb, path) => keepHome(home, verb, path),
  },
  files: localFiles,
  witness: async () =>
    (await import('./platform/practice-witness.ts')).practiceWitness(home, process.env),
  loginName: () => {
    try {
      return userInfo().username;
    } catch {
      return process.env['USER'] ?? 'nobody'; // a user id without an entry in passwd
    }
  },
  standardInput: readStandardInput,
  variable: (name) => process.env[name],
  isRoot: () => process.getuid?.() === 0,
  asRoot: (script, ...words) =>
    commandAsRoot(process.execPath, join(import.meta.dirname, '..', script), ...words),
  endsInItsOwnTime: () => (patience = Infinity),
  now: Date.now,
  wait: (span, over) => {
    const signal = over ? AbortSignal.any([interruption.signal, over]) : interruption.signal;
    return wait(span, undefined, { signal }).catch(() => undefined);
  },
  interrupted: interruption.signal,
};

// No process.exit: what is still on its way to a slow pipe has to arrive.
process.exitCode = await runCommandLine(process.argv.slice(2), world);
