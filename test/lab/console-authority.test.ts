import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { epochMillis, minutes } from '../../shared/base/units.ts';
import { memberId } from '../../shared/domain/ids.ts';
import {
  ConsoleAuthority,
  type ConsoleFolders,
  type SessionOrder,
} from '../../src-main/platform/consoles/console-authority.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';

let folder: string;
let folders: ConsoleFolders;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-consoles-'));
  folders = { keys: join(folder, 'identity'), sessions: join(folder, 'sessions') };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const now = epochMillis(Date.UTC(2026, 2, 3, 22));
const order: SessionOrder = {
  member: memberId('pc-07'),
  keyId: 'here:s1',
  sources: ['10.0.0.1/32'],
  forcedCommand: null,
  terminal: true,
};

async function opened(): Promise<ConsoleAuthority> {
  const result = await ConsoleAuthority.open(folders);
  if (!result.ok) throw new Error(refusalWords(result.error));
  return result.value;
}

/** What OpenSSH itself reads in a certificate; times in UTC. */
const read = (file: string): string =>
  execFileSync('ssh-keygen', ['-L', '-f', file], {
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC' },
  });

it('makes two keys once, which only the head may read, and keeps them', async () => {
  const first = await opened();
  const again = await opened();
  expect(again.userCa).toBe(first.userCa);
  expect(again.hostCa).toBe(first.hostCa);
  expect(first.userCa.split(' ')[1]).not.toBe(first.hostCa.split(' ')[1]);
  const files = readdirSync(folders.keys).toSorted();
  expect(files).toEqual(['console-host-ca.key', 'console-user-ca.key']);
  for (const name of files) expect(statSync(join(folders.keys, name)).mode & 0o777).toBe(0o600);
  expect(first.knownHosts).toBe(`@cert-authority * ${first.hostCa}\n`);
});

it('refuses a key that is damaged, and never makes another over it', async () => {
  await opened();
  const path = join(folders.keys, 'console-user-ca.key');
  writeFileSync(path, 'damaged', { mode: 0o600 });
  expect((await ConsoleAuthority.open(folders)).ok).toBe(false);
  expect(readFileSync(path, 'utf8')).toBe('damaged');
});

it('gives a session a key of its own, for minutes, one PC and one address, without forwarding', async () => {
  const authority = await opened();
  const session = await authority.issueSession(order, now);
  if (!session.ok) throw new Error(refusalWords(session.error));
  expect(session.value.until).toBe(now + minutes(5));
  expect(statSync(session.value.keyFile).mode & 0o777).toBe(0o600);
  const text = read(session.value.certificateFile);
  expect(text).toContain('user certificate');
  expect(text).toContain('Key ID: "here:s1"');
  expect(text).toContain('from 2026-03-03T21:55:00 to 2026-03-03T22:05:00');
  expect(text).toMatch(/Principals:\s+console-pc-07\n/);
  expect(text).toMatch(/Critical Options:\s+source-address 10\.0\.0\.1\/32\n/);
  expect(text).toMatch(/Extensions:\s+permit-pty\s*$/);
});

it('binds a session to the one command that it is for', async () => {
  const authority = await opened();
  const forcedCommand = 'crun exec "a, b" sh';
  const session = await authority.issueSession({ ...order, forcedCommand, terminal: false }, now);
  if (!session.ok) throw new Error(refusalWords(session.error));
  const text = read(session.value.certificateFile);
  expect(text).toContain(`force-command ${forcedCommand}\n`);
  expect(text).toMatch(/Extensions: \(none\)/);
});

it('throws keys of sessions away, those of a head that died at the next start', async () => {
  const authority = await opened();
  const [one, two] = [
    await authority.issueSession(order, now),
    await authority.issueSession(order, now),
  ];
  if (!one.ok || !two.ok) throw new Error('no session');
  await one.value.cleanup();
  await one.value.cleanup();
  expect(existsSync(one.value.keyFile)).toBe(false);
  expect(existsSync(two.value.keyFile)).toBe(true);
  await opened();
  expect(existsSync(two.value.keyFile)).toBe(false);
});

it('certifies the host key of a PC by its id, and nothing that is no such key', async () => {
  const authority = await opened();
  mkdirSync(join(folder, 'pc'));
  const key = join(folder, 'pc', 'host');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const publicKey = readFileSync(`${key}.pub`, 'utf8');
  const made = await authority.issueHost(publicKey, memberId('pc-07'), now);
  if (!made.ok) throw new Error(refusalWords(made.error));
  writeFileSync(`${key}-cert.pub`, made.value);
  const text = read(`${key}-cert.pub`);
  expect(text).toContain('host certificate');
  expect(text).toMatch(/Principals:\s+pc-07\n/);
  for (const bad of ['', 'ssh-rsa AAAA', `${publicKey}${publicKey}`, `x ${publicKey}`]) {
    expect(await authority.issueHost(bad, memberId('pc-07'), now)).toMatchObject({ ok: false });
  }
  expect(await authority.issueHost(publicKey, memberId('pc-07,pc-08'), now)).toMatchObject({
    ok: false,
  });
  expect(readdirSync(folders.sessions)).toEqual([]);
});

it('asks for the addresses that a session comes from', async () => {
  const authority = await opened();
  expect(await authority.issueSession({ ...order, sources: [] }, now)).toMatchObject({ ok: false });
});
