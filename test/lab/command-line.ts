import { refuse } from '../../shared/base/result.ts';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../scripts/project-node.mjs';
import { runCommandLine } from '../../src-cli/commands/run-command-line.ts';
import { paintFor } from '../../src-cli/core/paint.ts';
import type { World } from '../../src-cli/core/ports.ts';
import { connectToHead } from '../../src-cli/platform/head-connection.ts';
import { readHeadJson } from '../../src-cli/platform/head-directory.ts';
import { localFiles } from '../../src-cli/platform/local-files.ts';
import { evening, type ServedHead } from '../served-head.ts';

export interface Ran {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

export interface Typing {
  readonly done: Promise<Ran>;
  /** What it printed so far. */
  readonly out: () => string;
  readonly err: () => string;
  readonly interrupt: () => void;
}

/**
 * One command line in this process: the real commands, connection and files, on a terminal that is written down and a
 * clock that stands still, or is that of the lab in front of which it is typed.
 */
export function type(
  where: string | ServedHead,
  words: readonly string[],
  more: Partial<World> = {},
): Typing {
  const served = typeof where === 'string' ? undefined : where;
  const home = typeof where === 'string' ? where : where.home;
  let out = '';
  let err = '';
  const interruption = new AbortController();
  const plain = paintFor(false);
  const world: World = {
    witness: () => Promise.reject(new Error('nobody stands beside this lab')),
    terminal: {
      outIsTty: false,
      sayIsTty: false,
      columns: () => 100,
      rows: () => 30,
      paint: plain,
      sayPaint: plain,
      out: (line) => void (out += `${line}\n`),
      write: async (text) => void (out += text),
      program: async (bytes) => void (out += Buffer.from(bytes).toString()),
      say: (line) => void (err += `${line}\n`),
      progress: () => undefined,
    },
    heads: {
      home,
      connect: () => connectToHead(home),
      running: () => readHeadJson(home),
      lives: () => false,
      runHere: async () => 0,
      startBehind: async () => refuse('failed', 'not in this test.'),
      startedBehind: async () => false,
      keepHome: async () => ({ ok: true as const, value: null }),
    },
    files: localFiles,
    loginName: () => 'ada',
    standardInput: async () => ({ ok: true, value: null }),
    variable: (name) => process.env[name],
    isRoot: () => true,
    asRoot: (...words) => ['sudo', ...words].join(' '),
    endsInItsOwnTime: () => undefined,
    now: served?.now ?? (() => evening),
    wait: served?.wait ?? ((span) => pause(Math.min(span, 20))),
    interrupted: interruption.signal,
    ...more,
  };
  return {
    done: runCommandLine(words, world).then((exitCode) => ({ exitCode, out, err })),
    out: () => out,
    err: () => err,
    interrupt: () => interruption.abort(),
  };
}

const pause = promisify(setTimeout);

export const ran = (where: string | ServedHead, ...words: string[]): Promise<Ran> =>
  type(where, words).done;

/** `npx nightshift …` as it is: the launcher in a process of its own. */
export function spawned(
  home: string,
  words: readonly string[],
  more: { readonly environment?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): Promise<Ran> {
  const child = spawn(process.execPath, [join(projectRoot, 'bin', 'nightshift.mjs'), ...words], {
    env: {
      ...process.env,
      NIGHTSHIFT_HOME: home,
      NO_COLOR: '',
      FORCE_COLOR: '',
      ...more.environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(more.cwd === undefined ? {} : { cwd: more.cwd }),
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ exitCode: code ?? -1, out, err }));
  });
}
