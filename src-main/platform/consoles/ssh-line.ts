import { join } from 'node:path';
import type { MemberId } from '../../../shared/domain/ids.ts';
import type { ConsoleLine } from '../../ports/console-access.ts';
import type { SessionKey } from './console-authority.ts';

/** Where the sshd of a PC listens. */
export interface ConsoleAddress {
  readonly member: MemberId;
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

/** What runs there. */
export interface RemoteProgram {
  /** In the words of the shell there; null: a shell that somebody types into. */
  readonly command: string | null;
  readonly terminal: boolean;
}

/**
 * How `ssh` is run for one session: by the files of that session alone, whatever this machine's user has set up (`-F none`), and
 * without a question: a PC is who its certificate says, or the session ends. A PC that falls silent ends it within a minute.
 */
export function sshLine(
  at: ConsoleAddress,
  key: SessionKey,
  { command, terminal }: RemoteProgram,
): ConsoleLine {
  const settings = {
    BatchMode: 'yes',
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    CertificateFile: key.certificateFile,
    PreferredAuthentications: 'publickey',
    HostKeyAlias: at.member,
    HostKeyAlgorithms: 'ssh-ed25519-cert-v01@openssh.com',
    StrictHostKeyChecking: 'yes',
    UserKnownHostsFile: key.knownHostsFile,
    GlobalKnownHostsFile: 'none',
    UpdateHostKeys: 'no',
    ClearAllForwardings: 'yes',
    ForwardAgent: 'no',
    ConnectTimeout: '15',
    ServerAliveInterval: '15',
    ServerAliveCountMax: '3',
    LogLevel: 'ERROR',
  };
  const args = [
    ...['-F', 'none', '-i', key.keyFile, '-p', String(at.port), '-l', at.user],
    ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    // Without a terminal bytes arrive as they are, and ~. is text.
    ...(terminal ? ['-tt'] : ['-T', '-e', 'none']),
    ...['--', at.host],
    ...(command === null ? [] : [command]),
  ];
  const env = { PATH: programFolders, TERM: 'xterm-256color', LANG: 'C.UTF-8' };
  return { program: 'ssh', args, env, until: key.until, cleanup: () => key.cleanup() };
}

/** Of Linux and macOS; Windows brings OpenSSH in a folder of its own. */
const programFolders =
  process.platform === 'win32'
    ? join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'OpenSSH')
    : '/usr/local/bin:/usr/bin:/bin';
