import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Access } from '../../../src-main/api/access.ts';
import { Sessions } from '../../../src-main/api/sessions.ts';
import { token } from '../../served-head.ts';
import { HeadUnderTest, withToken } from './head-under-test.ts';

let head: HeadUnderTest;
beforeEach(async () => {
  head = new HeadUnderTest();
  await head.start();
});
afterEach(() => head.close());

/** What a browser calls this machine on the plain port. */
const host = () => `${new Access(token, 'any').localName}:${head.localPort}`;

const cookieOf = async (local: boolean): Promise<string> => {
  const headers = local ? { host: host() } : {};
  const greeted = await head.ask({ path: `/?token=${token}`, headers }, undefined, local);
  expect(greeted.status).toBe(200);
  return greeted.headers['set-cookie']?.[0] ?? '';
};

it('the API opens for the token and for nobody without it', async () => {
  await expect(head.socket({})).rejects.toThrow('401');
  await expect(head.socket({ authorization: 'Bearer ' })).rejects.toThrow('401');
  await expect(head.socket({ authorization: `Bearer ${token}x` })).rejects.toThrow('401');
  await expect(head.socket({}, true)).rejects.toThrow('401');
  await head.socket(withToken);
  await head.socket(withToken, true);
});

it('blobs can be stored and fetched with the token only', async () => {
  const refused = await head.ask({ method: 'PUT', path: '/blob' }, 'ten letters');
  expect(refused.status).toBe(401);
  expect(refused.body).toBe('Show the token of this head, or a member certificate.\n');
  expect((await head.ask({ path: `/blob/${'a'.repeat(64)}` })).status).toBe(401);
});

it('a browser that opens the printed address gets a cookie that no script can read and no other site can use', async () => {
  const cookie = await cookieOf(false);
  const attributes = cookie.split('; ').slice(1);
  expect(attributes.sort()).toEqual([
    ...['HttpOnly', `Max-Age=${12 * 3600}`, 'Path=/', 'SameSite=Strict', 'Secure'],
  ]);
  expect(await cookieOf(true)).not.toContain('Secure');
  const session = { cookie: cookie.split(';', 1)[0] ?? '' };
  const page = await head.ask({ path: '/', headers: session });
  expect(page.status).toBe(200);
  expect(page.body).toContain('<title>Nightshift</title>');
  await head.socket({ ...session, origin: `https://127.0.0.1:${head.port}` });
});

it('a cookie of the same name that somebody else has set locks nobody out, before ours or after it', async () => {
  const [ours = ''] = (await cookieOf(true)).split(';', 1);
  const theirs = `${ours.split('=', 1)[0] ?? ''}=made.up`;
  for (const cookie of [`${theirs}; ${ours}`, `${ours}; ${theirs}`])
    await head.socket({ cookie, host: host(), origin: `http://${host()}` }, true);
  await expect(head.socket({ cookie: theirs, host: host() }, true)).rejects.toThrow('401');
});

it('a page of another site, or of another port of this machine, cannot use the cookie', async () => {
  const session = { cookie: (await cookieOf(true)).split(';', 1)[0] ?? '', host: host() };
  for (const origin of ['https://evil.example', 'http://127.0.0.1:1', 'null']) {
    await expect(head.socket({ ...session, origin }, true)).rejects.toThrow('403');
    const headers = { ...session, origin };
    expect((await head.ask({ method: 'PUT', path: '/blob', headers }, 'x', true)).status).toBe(401);
  }
});

it('the plain port has its UI at a name nobody else can guess, since a cookie of 127.0.0.1 goes to every port there', async () => {
  const greeted = await head.ask({ path: `/?token=${token}` }, undefined, true);
  expect(greeted.headers['set-cookie']).toBeUndefined();
  expect(greeted.body).toContain(`url=http://${host()}/?token=${token}"`);
  expect(host()).toMatch(/^nightshift-[0-9a-f]{20}\.localhost:/);
  expect(new Access(`${token}1`, 'any').localName).not.toBe(new Access(token, 'any').localName);
  // Neither by another name of this machine, nor by one that was made to lead to it.
  const [cookie = ''] = (await cookieOf(true)).split(';', 1);
  for (const other of [
    `127.0.0.1:${head.localPort}`,
    `localhost:${head.localPort}`,
    'evil.example',
  ])
    await expect(head.socket({ cookie, host: other }, true)).rejects.toThrow('401');
  await head.socket({ cookie, host: host(), origin: `http://${host()}` }, true);
});

it('a cookie is good for a night, and by the listener where it was got', async () => {
  const local = await cookieOf(true);
  const tls = await cookieOf(false);
  expect(local).toContain(`Max-Age=${12 * 3600}`);
  const [localPair = '', tlsPair = ''] = [local, tls].map((text) => text.split(';', 1)[0] ?? '');
  await expect(head.socket({ cookie: localPair })).rejects.toThrow('401');
  await expect(head.socket({ cookie: tlsPair, host: host() }, true)).rejects.toThrow('401');
  await head.socket({ cookie: tlsPair });
});

it('a cookie that was altered, or is over, opens nothing', async () => {
  const pair = (await cookieOf(true)).split(';', 1)[0] ?? '';
  const [name = '', value = ''] = pair.split('=');
  const [until = '', signature = ''] = value.split('.');
  for (const forged of [`${Number(until) + 1}.${signature}`, `1.${signature}`, '', until]) {
    await expect(head.socket({ cookie: `${name}=${forged}`, host: host() }, true)).rejects.toThrow(
      '401',
    );
  }
});

it('an address with the token of another head says so, and one without a token tells where to find it', async () => {
  const wrong = await head.ask({ path: '/?token=of-another-head' });
  expect(wrong.status).toBe(403);
  expect(wrong.body).toMatch(/^The token in this address is not the one of this head;/);
  expect(wrong.headers['set-cookie']).toBeUndefined();
  const none = await head.ask({ path: '/jobs' });
  expect(none.status).toBe(401);
  expect(none.body).toMatch(/^Open the address with a token in it/);
});

it('a browser that asks for a favicon gets the moon', async () => {
  for (const path of ['/favicon.ico', '/moon.svg']) {
    const icon = await head.ask({ path });
    expect(icon.status).toBe(200);
    expect(icon.headers['content-type']).toBe('image/svg+xml');
  }
});

it('the UI comes with a policy that runs no script but ours, and gives out nothing beside its folder', async () => {
  const script = await head.ask({ path: '/assets/main-Ab3dEf6h.js' });
  expect(script.status).toBe(200);
  expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8');
  expect(script.headers['cache-control']).toContain('immutable');
  expect(script.headers['content-security-policy']).toContain("script-src 'self';");
  expect(script.headers['content-security-policy']).toContain("style-src 'self' 'unsafe-inline';");
  for (const path of [
    '/assets/../../api-token.js',
    '/%2e%2e/identity/lab.json',
    '/nothing.css',
    '/..%2fapi.js',
  ]) {
    expect((await head.ask({ path })).status).toBe(404);
  }
  expect((await head.ask({ path: '/%zz.js', headers: withToken })).status).toBeLessThan(500);
  expect((await head.ask({ path: '//', headers: withToken })).status).toBeLessThan(500);
});

it('a page that breaks off in the middle of a large file leaves no file open', async () => {
  const large = join(head.home, 'ui', 'assets', 'large-Ab3dEf6h.js');
  writeFileSync(large, Buffer.alloc(32 << 20, ' '));
  const openFiles = (): number =>
    readdirSync('/proc/self/fd').filter((number) => linkOf(number) === large).length;
  let mostOpen = 0;
  for (let page = 0; page < 5; page += 1) {
    await new Promise<void>((resolve) => {
      const path = '/assets/large-Ab3dEf6h.js';
      const call = get({ host: '127.0.0.1', port: head.localPort, path, agent: false });
      call.on('response', (answer) => {
        mostOpen = Math.max(mostOpen, openFiles());
        answer.destroy();
        resolve();
      });
    });
  }
  expect(mostOpen).toBeGreaterThan(0);
  await vi.waitFor(() => expect(openFiles()).toBe(0));
});

function linkOf(descriptor: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return undefined; // closed meanwhile
  }
}

it('a session can be listed and ended: its page is hung up on, and its cookie is good for nothing', async () => {
  const api = await head.client();
  const pairOf = (cookie: string): string => cookie.split(';', 1)[0] ?? '';
  const mine = { cookie: pairOf(await cookieOf(true)), host: host() };
  const other = { cookie: pairOf(await cookieOf(true)), host: host() };
  const [first, second] = await api.sessions.list();
  expect(first).toMatchObject({ listener: 'local', from: '127.0.0.1' });
  expect(first!.until - first!.since).toBe(12 * 3_600_000);
  const page = await head.socket(mine, true);
  const closed = new Promise<number>((resolve) => page.once('close', resolve));
  expect(await api.sessions.end({ session: first!.id })).toEqual({ ended: [first!.id] });
  expect(await closed).toBe(1008);
  await expect(head.socket(mine, true)).rejects.toThrow('401');
  await head.socket(other, true);
  expect((await api.sessions.list()).map(({ id }) => id)).toEqual([second!.id]);
  await expect(api.sessions.end({ session: 'none' })).rejects.toThrow('there is no session "none"');
  expect((await api.sessions.end({ session: 'all' })).ended).toEqual([second!.id]);
  await expect(head.socket(other, true)).rejects.toThrow('401');
});

it('sessions that an earlier head has kept stay good', () => {
  const path = join(import.meta.dirname, '../../fixtures/sessions/before-2026-11-27.json');
  const sessions = new Sessions(path);
  expect(sessions.isOpen('abc', 'tls', 1_500_000)).toBe(true);
  expect(sessions.isOpen('abc', 'local', 1_500_000)).toBe(false);
});

it('sessions outlive the head, but not a book that cannot be read, and are never without end', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sessions-'));
  try {
    const path = join(folder, 'sessions.json');
    const before = new Sessions(path);
    const { id } = before.begin({ listener: 'tls', from: '10.0.0.2', agent: 'Fox\u001b[2J' }, 1000);
    expect(before.list(1000)[0]?.agent).toBe('Fox [2J');
    const after = new Sessions(path);
    expect(after.isOpen(id, 'tls', 1000)).toBe(true);
    expect(after.isOpen(id, 'local', 1000)).toBe(false);
    expect(after.isOpen(id, 'tls', 1000 + 12 * 3_600_000)).toBe(false);
    for (const damage of ['', '{', '[1]', 'null']) {
      writeFileSync(path, damage);
      expect(new Sessions(path).list()).toEqual([]);
    }
    const many = new Sessions(null);
    for (let browser = 0; browser < 1500; browser += 1)
      many.begin({ listener: 'tls', from: '10.0.0.2', agent: '' });
    expect(many.list()).toHaveLength(1000);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
