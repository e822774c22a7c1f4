import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { compiledFolder } from '../../../shared/domain/settings.ts';
import { writePrivateFile } from '../identity/private-file.ts';
import { makeFolder } from '../../../shared/node/make-folder.ts';

/** Where everything of one lab's head lies. */
export interface HeadHome {
  readonly folder: string;
  readonly identity: string;
  readonly store: string;
  /** How far the store is known to reach, told beside it (`StoreMark`). */
  readonly mark: string;
  readonly blobs: string;
  readonly practice: string;
  /** Of network boot: its settings and dnsmasq's configuration. */
  readonly netboot: string;
  /** Boot images of this lab. */
  readonly images: string;
  /** The head's own program as it was compiled last; may go at any time. */
  readonly compiled: string;
  readonly log: string;
  readonly token: string;
  /** Browsers that were let in. */
  readonly sessions: string;
  /** Tells programs on this machine where the head is; gone when it has stopped in good order. */
  readonly headJson: string;
}

/** What `head.json` says. */
export interface HeadJson {
  readonly pid: number;
  /** The TLS port. */
  readonly port: number;
  readonly url: string;
  /** With the token: open it in a browser on this machine. */
  readonly browserUrl: string;
  readonly startedAt: number;
  readonly practice: boolean;
}

export function headHome(folder: string): HeadHome {
  return {
    folder,
    identity: join(folder, 'identity'),
    store: join(folder, 'lab.sqlite'),
    mark: join(folder, 'lab.mark'),
    blobs: join(folder, 'blobs'),
    practice: join(folder, 'practice'),
    netboot: join(folder, 'netboot'),
    images: join(folder, 'images'),
    compiled: join(folder, compiledFolder),
    log: join(folder, 'head.log'),
    token: join(folder, 'api-token'),
    sessions: join(folder, 'sessions.json'),
    headJson: join(folder, 'head.json'),
  };
}

/** The folder is this user's alone, also when somebody made it beforehand for others to read. */
export function makeHome(home: HeadHome): void {
  makeFolder(home.folder);
  const { mode, uid } = statSync(home.folder);
  if ((mode & 0o077) === 0 || uid !== process.getuid?.()) return;
  // A folder with other things in it, such as /srv, is for others to look into; what is ours has modes of its own there.
  const names = readdirSync(home.folder);
  if (names.length === 0 || existsSync(home.identity)) chmodSync(home.folder, 0o700);
}

/** NIGHTSHIFT_HOME, or the place XDG has for a user's data. */
export function defaultHome(environment: NodeJS.ProcessEnv): string {
  const chosen = environment['NIGHTSHIFT_HOME'];
  if (chosen) return chosen;
  return join(environment['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'nightshift');
}

export function writeHeadJson(home: HeadHome, facts: HeadJson): void {
  writePrivateFile(home.headJson, `${JSON.stringify(facts, null, 1)}\n`);
}

export function removeHeadJson(home: HeadHome): void {
  rmSync(home.headJson, { force: true });
}

/** Undefined when there is none, or none that can be read. */
export function readHeadJson(home: HeadHome): HeadJson | undefined {
  try {
    const value = JSON.parse(readFileSync(home.headJson, 'utf8')) as Partial<HeadJson> | null;
    const { pid, port, url, browserUrl } = value ?? {};
    const isWhole = typeof pid === 'number' && typeof port === 'number';
    if (!isWhole || typeof url !== 'string' || typeof browserUrl !== 'string') return undefined;
    return { startedAt: 0, practice: false, ...value, pid, port, url, browserUrl };
  } catch {
    return undefined;
  }
}
