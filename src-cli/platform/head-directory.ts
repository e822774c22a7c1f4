import { readFileSync } from 'node:fs';
import { access, constants, readFile, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { codeOf } from './make-folder.ts';

/** Where the head keeps its data, and how a client on the same machine finds it. */
export function headDirectory(environment: NodeJS.ProcessEnv): string {
  const chosen = environment['NIGHTSHIFT_HOME'];
  if (chosen !== undefined && chosen !== '') return chosen;
  const shared = environment['XDG_DATA_HOME'];
  return shared !== undefined && shared !== ''
    ? join(shared, 'nightshift')
    : join(homedir(), '.local', 'share', 'nightshift');
}

/** What stands where the head's data should be; else what the OS says of it, such as ENOTDIR. */
export async function kindOfHome(home: string): Promise<string> {
  try {
    if (!(await stat(home)).isDirectory()) return 'ENOTDIR';
    await access(home, constants.X_OK);
    return 'folder';
  } catch (error) {
    const code = codeOf(error);
    return code === 'ENOENT' ? 'nothing' : code;
  }
}

export interface HeadJson {
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  readonly browserUrl: string | null;
}

/**
 * What a running head says of itself, or null when none runs. A killed one leaves its file behind, and its process id
 * may be somebody else's by now: so whoever has to be sure knocks at the port, too.
 */
export async function runningHead(home: string): Promise<HeadJson | null> {
  const facts = await readHeadJson(home);
  return facts !== null && (await answersAt(facts.port)) ? facts : null;
}

function answersAt(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 2000 });
    const settle = (answers: boolean) => (): void => {
      socket.destroy();
      resolve(answers);
    };
    socket
      .once('connect', settle(true))
      .once('error', settle(false))
      .once('timeout', settle(false));
  });
}

/** `'dead or alive'`: of the head before, too, unless it stopped in good order. */
export async function readHeadJson(
  home: string,
  which: 'alive' | 'dead or alive' = 'alive',
): Promise<HeadJson | null> {
  const text = await readFile(join(home, 'head.json'), 'utf8').catch(() => null);
  if (text === null) return null;
  const facts = decodeHeadJson(text);
  return facts !== null && (which !== 'alive' || processLives(facts.pid)) ? facts : null;
}

function decodeHeadJson(text: string): HeadJson | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { pid, port, url, browserUrl } = value as Readonly<Record<string, unknown>>;
  if (typeof pid !== 'number' || typeof port !== 'number' || typeof url !== 'string') return null;
  return { pid, port, url, browserUrl: typeof browserUrl === 'string' ? browserUrl : null };
}

export function processLives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** It has ended, and whoever inherited it has not looked yet. proc(5): the state stands behind the name. */
function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')')).startsWith(') Z');
  } catch {
    return false; // no /proc here
  }
}

export interface Credentials {
  readonly token: string;
  readonly labCa: string;
}

/** `null`: there are none; `'denied'`: they belong to another user. */
export async function readCredentials(home: string): Promise<Credentials | 'denied' | null> {
  try {
    const [token, labCa] = await Promise.all([
      readFile(join(home, 'api-token'), 'utf8'),
      readFile(join(home, 'identity', 'lab-ca.pem'), 'utf8'),
    ]);
    return { token: token.trim(), labCa };
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EACCES' ? 'denied' : null;
  }
}
