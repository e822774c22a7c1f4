import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { epochMillis, hours, minutes, type EpochMillis } from '../../../shared/base/units.ts';
import type { MemberId } from '../../../shared/domain/ids.ts';
import { makePrivateFolder, syncFolderOf } from '../identity/private-file.ts';
import { runTool } from '../practice/run-tool.ts';

/** A key opens new sessions for this long; a session that is open goes on. Long enough for a PC that is slow to answer. */
const sessionLife = minutes(5);
/** As long as the certificates that members have of the lab. */
const hostLife = hours(24);
/** Members' clocks differ from the head's; a certificate should not lie in a PC's future. */
const backdated = minutes(5);
/** What OpenSSH writes of an ed25519 key: its kind, its bytes, and perhaps a comment. */
const publicKeyForm = /^ssh-ed25519 [A-Za-z0-9+/]+={0,2}( [^\r\n]*)?\n?$/;
/** What goes into a certificate as a name: `ssh-keygen -n` parts names by commas. */
const nameForm = /^[A-Za-z0-9._-]{1,64}$/;

/** Where an authority keeps what it has. */
export interface ConsoleFolders {
  /** Its keys, beside the lab's others: a backup takes them along. */
  readonly keys: string;
  /** Keys of open sessions, of this run of the head only; nothing else lives there. */
  readonly sessions: string;
}

/** What a certificate of a session says. */
export interface SessionOrder {
  readonly member: MemberId;
  /** Who opened it and which session it is; the PC writes it into its own record. */
  readonly keyId: string;
  /** The head's addresses as the PC sees them, or networks in CIDR form; from elsewhere the certificate opens nothing. */
  readonly sources: readonly string[];
  /** What runs there whatever the client asks for; null: what it asks for. */
  readonly forcedCommand: string | null;
  readonly terminal: boolean;
}

/** A key of one session, in files that only the head's user may read. */
export interface SessionKey {
  readonly keyFile: string;
  readonly certificateFile: string;
  readonly knownHostsFile: string;
  readonly until: EpochMillis;
  /** Takes the files away; twice is harmless. */
  cleanup(): Promise<void>;
}

/** The name that a PC's sshd asks for in a user certificate. */
export const principalOf = (member: MemberId): string => `console-${member}`;

/**
 * The lab's two authorities of SSH: one signs keys of people's sessions, the other those of PCs, so that neither can pass for
 * the other. Certificates are OpenSSH's (PROTOCOL.certkeys), made by the system's `ssh-keygen`.
 */
export class ConsoleAuthority {
  /** Public keys as OpenSSH writes them: what PCs trust for users, and what the head trusts for PCs. */
  readonly userCa: string;
  readonly hostCa: string;
  readonly #folder: string;
  readonly #sessions: string;

  private constructor({ keys, sessions }: ConsoleFolders, userCa: string, hostCa: string) {
    this.#folder = keys;
    this.#sessions = sessions;
    this.userCa = userCa;
    this.hostCa = hostCa;
  }

  /**
   * Reads the keys, or makes the ones that are not there; never over one that is. What a head that died left behind of its
   * sessions is taken away.
   */
  static async open(folders: ConsoleFolders): Promise<Result<ConsoleAuthority>> {
    makePrivateFolder(folders.keys);
    rmSync(folders.sessions, { recursive: true, force: true });
    const publics: string[] = [];
    for (const name of [keyNames.user, keyNames.host]) {
      const made = await ensureKey(join(folders.keys, name), name);
      if (!made.ok) return made;
      publics.push(made.value);
    }
    const [userCa = '', hostCa = ''] = publics;
    return ok(new ConsoleAuthority(folders, userCa, hostCa));
  }

  /** The text of a known_hosts file by which every PC of the lab is known, and nobody is ever asked. */
  get knownHosts(): string {
    return `@cert-authority * ${this.hostCa}\n`;
  }

  /** A key for one session, good for minutes, for one PC, and from the head's addresses only. */
  async issueSession(order: SessionOrder, now: EpochMillis): Promise<Result<SessionKey>> {
    if (order.sources.length === 0 || !nameForm.test(order.member))
      return refuse('misuse', 'A key of a console needs a PC and the addresses it is used from.');
    makePrivateFolder(this.#sessions);
    const folder = mkdtempSync(join(this.#sessions, 'session-'));
    const cleanup = (): Promise<void> => rm(folder, { recursive: true, force: true });
    const keyFile = join(folder, 'key');
    const until = epochMillis(now + sessionLife);
    const knownHostsFile = join(folder, 'known_hosts');
    await writeFile(knownHostsFile, this.knownHosts, { mode: 0o600 });
    let made = await keygen(['-q', '-t', 'ed25519', '-N', '', '-C', 'session', '-f', keyFile]);
    if (made.ok)
      made = await this.#sign(keyNames.user, `${keyFile}.pub`, order.keyId, [
        ...['-n', principalOf(order.member), '-V', validity(now - backdated, until)],
        ...optionsOf(order),
      ]);
    if (!made.ok) {
      await cleanup();
      return made;
    }
    return ok({ keyFile, certificateFile: `${keyFile}-cert.pub`, knownHostsFile, until, cleanup });
  }

  /**
   * A certificate for the host key of a PC, whose name in it is the PC's id. `publicKey`: as OpenSSH writes it, unknown still;
   * only ed25519 is taken.
   */
  async issueHost(publicKey: string, member: MemberId, now: EpochMillis): Promise<Result<string>> {
    if (!publicKeyForm.test(publicKey) || !nameForm.test(member))
      return refuse('misuse', 'The host key is no ed25519 key in the form of OpenSSH.');
    makePrivateFolder(this.#sessions);
    const folder = mkdtempSync(join(this.#sessions, 'host-'));
    try {
      const file = join(folder, 'host.pub');
      await writeFile(file, publicKey, { mode: 0o600 });
      const signed = await this.#sign(keyNames.host, file, member, [
        ...['-h', '-n', member, '-V', validity(now - backdated, now + hostLife)],
      ]);
      return signed.ok ? ok(readFileSync(join(folder, 'host-cert.pub'), 'utf8').trim()) : signed;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  #sign(
    key: string,
    file: string,
    keyId: string,
    words: readonly string[],
  ): Promise<Result<string>> {
    return keygen(['-q', '-s', join(this.#folder, key), '-I', keyId, ...words, file]);
  }
}

const keyNames = { user: 'console-user-ca.key', host: 'console-host-ca.key' } as const;

/** The public key of a private one that is there or made now: whole, or not at all. */
async function ensureKey(path: string, comment: string): Promise<Result<string>> {
  if (!existsSync(path)) {
    const draft = `${path}.draft`;
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { mode: 0o700 });
    const file = join(draft, 'key');
    const made = await keygen(['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', file]);
    if (made.ok) {
      renameSync(file, path);
      syncFolderOf(path);
    }
    rmSync(draft, { recursive: true, force: true });
    if (!made.ok) return made;
  }
  const read = await keygen(['-y', '-P', '', '-f', path]);
  if (!read.ok) return read;
  return ok(read.value.trim());
}

/** In seconds since 1970, which no time zone turns into another time. */
const validity = (from: number, until: number): string => `${seconds16(from)}:${seconds16(until)}`;
const seconds16 = (at: number): string => `0x${Math.floor(at / 1000).toString(16)}`;

/** Nothing but what this session is for: no forwarding of any kind, no file that PCs' users could have written. */
function optionsOf({ sources, forcedCommand, terminal }: SessionOrder): readonly string[] {
  const options = ['clear', `source-address=${sources.join(',')}`];
  if (terminal) options.push('permit-pty');
  if (forcedCommand !== null) options.push(`force-command=${forcedCommand}`);
  return options.flatMap((option) => ['-O', option]);
}

async function keygen(words: readonly string[]): Promise<Result<string>> {
  const end = await runTool('ssh-keygen', words);
  if (end.ok) return ok(end.out);
  return refuse(
    'failed',
    end.complaint.includes('ENOENT')
      ? 'There is no ssh-keygen on this machine, so no console of a PC can be opened; install OpenSSH ' +
          '(on Debian: sudo apt-get install -y openssh-client).'
      : `ssh-keygen could not do what consoles need (${end.complaint}).`,
  );
}
