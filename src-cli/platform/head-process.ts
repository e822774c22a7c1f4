import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { open, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ok, refuse, type Result } from '../../shared/base/result.ts';
import { refuseHome } from '../../shared/domain/home-refusal.ts';
import { defaultPort } from '../../shared/domain/settings.ts';
import { leanEnvironment } from '../../shared/node/lean-environment.ts';
import { readHeadJson } from './head-directory.ts';
import { codeOf, makeFolder } from './make-folder.ts';

const rootOf = (name: 'start' | 'head' | 'keep-home'): string =>
  fileURLToPath(new URL(`../../src-main/${name}.ts`, import.meta.url));
/** A node: warning about an experimental feature is ours to know, not the user's. */
const quietly = '--disable-warning=ExperimentalWarning';

/** A head in the foreground; signals sent to this command reach it. Its exit code. */
export async function runHeadHere(
  home: string,
  flags: readonly string[],
  quiet: boolean,
): Promise<number> {
  const child = spawn(process.execPath, [quietly, rootOf('head'), ...flags], {
    env: { ...process.env, ...leanEnvironment(home) },
    // With --json stdout is for the answer; what the head says goes to stderr.
    stdio: ['inherit', quiet ? 2 : 'inherit', 'inherit'],
  });
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  // Ctrl-C in a terminal reaches the child by itself; it must not end us before the head has closed its store.
  const stay = (): void => undefined;
  process.on('SIGTERM', forward);
  process.on('SIGHUP', forward);
  process.on('SIGINT', stay);
  try {
    return await endOf(child);
  } finally {
    process.off('SIGTERM', forward);
    process.off('SIGHUP', forward);
    process.off('SIGINT', stay);
  }
}

/** In a process of its own: the head's data are the business of the head's code. */
export async function keepHome(
  home: string,
  verb: 'backup' | 'restore',
  path: string,
): Promise<Result<null>> {
  const child = spawn(process.execPath, [quietly, rootOf('keep-home'), verb, path], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, NIGHTSHIFT_HOME: home },
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const exitCode = await endOf(child);
  const sentence = said.trim().replace(/^nightshift: /, '');
  if (exitCode === 0) return ok(null);
  return refuse(exitCode === 2 ? 'misuse' : 'failed', sentence || `it ended with ${exitCode}.`);
}

function endOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
}

const logOf = (home: string): string => join(home, 'practice', 'start.log');
const markOf = (home: string): string => join(home, 'practice', 'started-by-practice-up');

export interface HeadBehind {
  readonly pid: number;
  readonly ended: Promise<{ readonly exitCode: number | null; readonly lastLine: string | null }>;
  readonly lines: (onLine: (line: string) => void) => void;
  readonly letGo: () => void;
}

/** A head in the background, in a session of its own; what it says goes to a file that is followed from here. */
export async function startHeadBehind(
  home: string,
  flags: readonly string[],
): Promise<Result<HeadBehind>> {
  let log: number;
  try {
    await makeFolder(join(home, 'practice'), 0o700);
    log = openSync(logOf(home), 'w', 0o600);
  } catch (error) {
    return refuseHome(home, codeOf(error));
  }
  const port = await portForNextHead(home);
  const child = spawn(process.execPath, [quietly, rootOf('start'), ...flags, '--port', `${port}`], {
    stdio: ['ignore', log, log],
    detached: true,
    cwd: home,
    env: { ...process.env, ...leanEnvironment(home), NIGHTSHIFT_HOME: home },
  });
  closeSync(log);
  const { pid } = child;
  if (pid === undefined) return refuse('failed', 'the head could not be started.');
  await writeFile(markOf(home), String(pid));

  const follower = await followLines(logOf(home));
  const ended = endOf(child).then(async (exitCode) => ({
    exitCode,
    lastLine: await follower.lastLine(),
  }));
  return ok({
    pid,
    ended,
    lines: follower.onLine,
    letGo: () => {
      follower.stop();
      child.unref();
    },
  });
}

/**
 * The port of the head before, so that members of one that was killed find the next where they knew it; else the usual
 * one; else, when that is another program's, any that is free.
 */
async function portForNextHead(home: string): Promise<number> {
  const before = (await readHeadJson(home, 'dead or alive'))?.port;
  for (const port of [...(before === undefined ? [] : [before]), defaultPort]) {
    if (await portIsFree(port)) return port;
  }
  return 0;
}

function portIsFree(port: number): Promise<boolean> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once('error', () => resolve(false));
    probe.listen(port, () => probe.close(() => resolve(true)));
  });
}

/** Whether the head that runs for this home is the one `startHeadBehind` started, or its child. */
export async function wasStartedBehind(home: string): Promise<boolean> {
  const [facts, mark] = await Promise.all([
    readHeadJson(home),
    readFile(markOf(home), 'utf8').catch(() => ''),
  ]);
  if (facts === null || !/^\d+$/.test(mark)) return false;
  return facts.pid === Number(mark) || (await parentOf(facts.pid)) === Number(mark);
}

/** proc(5): the fourth field of stat, after the name in parentheses, which may hold anything. */
async function parentOf(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[1] === undefined ? null : Number(fields[1]);
}

const lookEvery = 150;

async function followLines(path: string): Promise<{
  readonly onLine: (listener: (line: string) => void) => void;
  readonly lastLine: () => Promise<string | null>;
  readonly stop: () => void;
}> {
  const file = await open(path, 'r');
  let listener: (line: string) => void = () => undefined;
  let rest = '';
  let last: string | null = null;
  let reading: Promise<void> | null = null;
  const read = async (): Promise<void> => {
    const buffer = Buffer.alloc(64 * 1024);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return;
      const lines = (rest + buffer.toString('utf8', 0, bytesRead)).split(/\r?\n|\r/);
      rest = lines.pop() ?? '';
      for (const line of lines.filter((text) => text.trim() !== '')) {
        last = line;
        listener(line);
      }
    }
  };
  const turn = (): Promise<void> => (reading ??= read().finally(() => (reading = null)));
  const timer = setInterval(() => void turn().catch(() => undefined), lookEvery);
  return {
    onLine: (wanted) => (listener = wanted),
    lastLine: async () => {
      await turn().catch(() => undefined);
      return last;
    },
    stop: () => {
      clearInterval(timer);
      void (reading ?? Promise.resolve()).then(() => file.close()).catch(() => undefined);
    },
  };
}
