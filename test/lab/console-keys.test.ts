import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { epochMillis, hours, type EpochMillis } from '../../shared/base/units.ts';
import { memberId } from '../../shared/domain/ids.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import {
  ConsoleAuthority,
  principalOf,
  type SessionOrder,
} from '../../src-main/platform/consoles/console-authority.ts';
import { sshLine, type RemoteProgram } from '../../src-main/platform/consoles/ssh-line.ts';

// A real sshd on this machine, which trusts the lab's authority and nothing else.
const member = memberId('pc-07');
const now = (): EpochMillis => epochMillis(Date.now());
let folder: string;
let authority: ConsoleAuthority;
let sshd: ChildProcess;
let port: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-sshd-'));
  authority = await authorityIn('lab');
  const hostKey = join(folder, 'host');
  spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', hostKey]);
  const certificate = await authority.issueHost(
    readFileSync(`${hostKey}.pub`, 'utf8'),
    member,
    now(),
  );
  if (!certificate.ok) throw new Error(refusalWords(certificate.error));
  writeFileSync(`${hostKey}-cert.pub`, certificate.value);
  writeFileSync(join(folder, 'user-ca.pub'), authority.userCa);
  writeFileSync(join(folder, 'principals'), `${principalOf(member)}\n`);
  port = await freePort();
  writeFileSync(join(folder, 'sshd_config'), config(hostKey));
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const words = ['-D', '-e', '-f', join(folder, 'sshd_config')];
  sshd = spawn('/usr/sbin/sshd', words, { stdio: ['ignore', 'ignore', 'pipe'] });
  await listening(sshd);
});
afterAll(() => {
  sshd.kill();
  rmSync(folder, { recursive: true, force: true });
});

const config = (hostKey: string): string =>
  [
    'ListenAddress 127.0.0.1',
    `Port ${port}`,
    `HostKey ${hostKey}`,
    `HostCertificate ${hostKey}-cert.pub`,
    `TrustedUserCAKeys ${join(folder, 'user-ca.pub')}`,
    `AuthorizedPrincipalsFile ${join(folder, 'principals')}`,
    'AuthorizedKeysFile none',
    'AuthenticationMethods publickey',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'DisableForwarding yes',
    'StrictModes no', // the folder lies in /tmp
    'UsePAM no',
    'PidFile none',
    '',
  ].join('\n');

async function authorityIn(name: string): Promise<ConsoleAuthority> {
  const made = await ConsoleAuthority.open({
    keys: join(folder, name),
    sessions: join(folder, `${name}-sessions`),
  });
  if (!made.ok) throw new Error(refusalWords(made.error));
  return made.value;
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port: free } = server.address() as AddressInfo;
      server.close(() => resolve(free));
    });
  });
}

async function listening({ stderr }: ChildProcess): Promise<void> {
  if (stderr === null) throw new Error('sshd was started without its errors');
  const said: string[] = [];
  for await (const line of createInterface({ input: stderr })) {
    said.push(line);
    if (line.startsWith('Server listening')) return void stderr.resume();
  }
  throw new Error(`sshd ended: ${said.join(' ')}`);
}

interface Try {
  readonly by?: ConsoleAuthority;
  readonly order?: Partial<SessionOrder>;
  readonly at?: EpochMillis;
  readonly from?: string;
  readonly to?: string;
  readonly input?: Uint8Array;
}

interface End {
  readonly code: number | null;
  readonly out: Buffer;
  readonly complaint: string;
}

async function run(command: string | null, tried: Try = {}): Promise<End> {
  const program: RemoteProgram = { command, terminal: tried.order?.terminal ?? false };
  const order: SessionOrder = {
    ...{ member, keyId: 'here:s1', sources: ['127.0.0.1/32'] },
    ...{ forcedCommand: null, terminal: program.terminal, ...tried.order },
  };
  const key = await (tried.by ?? authority).issueSession(order, tried.at ?? now());
  if (!key.ok) throw new Error(refusalWords(key.error));
  // A certificate of another authority is presented to a PC that is known all the same.
  writeFileSync(key.value.knownHostsFile, authority.knownHosts);
  const to = { member: memberId(tried.to ?? member), host: '127.0.0.1', port, user: 'root' };
  const line = sshLine(to, key.value, program);
  const words = [...(tried.from === undefined ? [] : ['-b', tried.from]), ...line.args];
  const end = spawnSync(line.program, words, {
    env: line.env,
    ...(tried.input === undefined ? {} : { input: tried.input }),
    maxBuffer: 64 * 1024 * 1024,
  });
  await line.cleanup();
  return { code: end.status, out: end.stdout, complaint: end.stderr.toString('utf8') };
}

const sshItself = 255;

test('a program ends with its own exit code, and nobody is asked for a host key', async () => {
  const end = await run('echo out; echo err >&2; exit 37');
  expect(end).toMatchObject({ code: 37, complaint: 'err\n' });
  expect(end.out.toString()).toBe('out\n');
});

test('what is not text goes in and comes back byte for byte', async () => {
  const input = randomBytes(4 * 1024 * 1024);
  const { code, out } = await run('cat', { input });
  expect(code).toBe(0);
  expect(sum(out)).toBe(sum(input));
});

test('a session with a terminal has one, and one without has none', async () => {
  expect((await run('test -t 0', { order: { terminal: true } })).code).toBe(0);
  expect((await run('test -t 0')).code).toBe(1);
});

test('a forced command runs whatever is asked for', async () => {
  const { out } = await run('echo mine', {
    order: { forcedCommand: 'echo "$SSH_ORIGINAL_COMMAND"s' },
  });
  expect(out.toString()).toBe('echo mines\n');
});

test.each<[string, Try]>([
  ['that expired', { at: epochMillis(Date.now() - hours(1)) }],
  ['that was stolen, from another address', { from: '127.0.0.2' }],
  ['for another PC', { order: { member: memberId('pc-08') } }],
])('a certificate %s opens nothing', async (_, tried) => {
  const { code, out, complaint } = await run('echo opened', tried);
  expect(code).toBe(sshItself);
  expect(out.toString()).toBe('');
  expect(complaint).toContain('Permission denied (publickey)');
});

test('a certificate of another lab opens nothing', async () => {
  const { code, complaint } = await run('echo opened', { by: await authorityIn('other') });
  expect(code).toBe(sshItself);
  expect(complaint).toContain('Permission denied (publickey)');
});

test('a PC that is not the one that was meant is not spoken to', async () => {
  const { code, complaint } = await run('echo opened', { to: 'pc-09' });
  expect(code).toBe(sshItself);
  expect(complaint).toContain('name is not a listed principal');
});

const sum = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
