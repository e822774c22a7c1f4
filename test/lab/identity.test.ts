import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BootIdentity } from '../../shared/wire/enrolment.ts';
import { NamespaceNetwork, type Program } from './identity/network.ts';

const headProbe = join(import.meta.dirname, 'identity', 'head-probe.ts');
const pcProbe = join(import.meta.dirname, 'identity', 'pc-probe.ts');

let network: NamespaceNetwork;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-identity-'));
  network = new NamespaceNetwork();
  network.add('head', '10.77.0.1');
  network.add('pc1', '10.77.0.11');
});
afterEach(() => {
  network[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function startHead(
  change: { at?: string; lab?: string; port?: number; folder?: string } = {},
) {
  const at = change.at ?? 'head';
  const lab = change.lab ?? 'Room 101';
  const home = join(folder, change.folder ?? lab);
  const head = network.run(at, headProbe, [home, lab, String(change.port ?? 7411)]);
  await head.until('boot');
  return head;
}

function startPc(name: string, boot: unknown, change: Partial<BootIdentity> = {}): Program {
  return network.run(
    name,
    pcProbe,
    [`key-${name}`],
    JSON.stringify({ ...(boot as object), ...change }),
  );
}

test('a PC finds its head by multicast, enrols, links, and follows it through restarts, to another port and to another address', async () => {
  const head = await startHead();
  const boot = head.last('boot');
  const pc = startPc('pc1', boot);
  expect(await pc.until('open')).toBe('https://10.77.0.1:7411');
  await head.until('hello', (member) => member === 'key-pc1');
  expect(head.events.find((event) => 'hello' in event)?.address).toBe('10.77.0.11');
  await pc.until('message', (t) => t === 'lease');

  head.kill();
  await pc.until('closed');
  const again = await startHead();
  await again.until('hello');

  again.kill();
  const moved = await startHead({ port: 7500 });
  await pc.until('open', (url) => url === 'https://10.77.0.1:7500');
  await moved.until('hello');

  moved.kill('SIGTERM');
  network.add('head2', '10.77.0.2');
  const elsewhere = await startHead({ at: 'head2' });
  await pc.until('open', (url) => url === 'https://10.77.0.2:7411');
  await elsewhere.until('hello');
  expect(pc.count('enrolled')).toBe(1);
});

test('a PC that was cut off drops its link by itself and is back when the cable is', async () => {
  const head = await startHead();
  const pc = startPc('pc1', head.last('boot'));
  await pc.until('message', (t) => t === 'lease');
  network.cut('pc1');
  await pc.until('closed', (reason) => reason === 'the head does not answer');
  network.heal('pc1');
  await head.until('hello', () => head.count('hello') === 2);
  expect(pc.count('enrolled')).toBe(1);
});

test('a PC before the head of another lab says so on both sides and joins its own when that comes', async () => {
  const other = await startHead({ lab: 'Room 202' });
  network.add('head2', '10.77.0.2');
  const own = await startHead({ at: 'head2' });
  const boot = own.last('boot');
  own.kill('SIGTERM');
  const pc = startPc('pc1', boot);
  const sentence =
    'Found the head of lab "Room 202" at 10.77.0.1:7411; this boot medium belongs to lab "Room 101".';
  await pc.until('screen', (text) => String(text).startsWith(sentence));
  const seen = (await other.until('seen')) as {
    machineKey: string;
    address: string;
    reason: string;
  };
  expect(seen).toMatchObject({ machineKey: 'key-pc1', address: '10.77.0.11' });
  expect(seen.reason).toContain(sentence);
  await startHead({ at: 'head2' });
  expect(await pc.until('open')).toBe('https://10.77.0.2:7411');
});

test('a PC with an expired token says so on both sides', async () => {
  const head = await startHead();
  const pc = startPc('pc1', head.last('expired'));
  await pc.until('screen', (text) =>
    String(text).includes("refuses this PC. This boot medium's token expired on"),
  );
  expect(await head.until('seen')).toMatchObject({ machineKey: 'key-pc1' });
});

test('a PC without cable, address or head names what is missing, in this order, and goes on by itself', async () => {
  const head = await startHead();
  const boot = head.last('boot');
  head.kill();
  network.add('pc2');
  network.change('sw', 'link', 'set', 'p-pc2', 'down');
  const pc = startPc('pc2', boot);
  await pc.until('screen', (text) => String(text).startsWith('No link'));
  network.change('sw', 'link', 'set', 'p-pc2', 'up');
  await pc.until('screen', (text) => String(text).startsWith('No address'));
  network.change('pc2', 'addr', 'add', '10.77.0.12/24', 'dev', 'eth0');
  await pc.until('screen', (text) => String(text).startsWith('Nobody answers by multicast'));
  const again = await startHead();
  await again.until('hello', (member) => member === 'key-pc2');
});

test('without multicast the fixed address on the boot medium does', async () => {
  const head = await startHead();
  // The head's answers come from its first address, so that the second is found on the boot medium only.
  network.change('head', 'addr', 'add', '10.77.0.3/32', 'dev', 'eth0');
  network.change('sw', 'link', 'set', 'p-pc1', 'type', 'bridge_slave', 'mcast_flood', 'off');
  const pc = startPc('pc1', head.last('boot'), { headAddress: '10.77.0.3:7411' });
  expect(await pc.until('open')).toBe('https://10.77.0.3:7411');
});

test('a second head of one lab does not start while the first answers', async () => {
  const head = await startHead();
  network.add('head2', '10.77.0.2');
  const second = network.run('head2', headProbe, [join(folder, 'Room 101'), 'x', '7411']);
  expect(await second.until('refused')).toBe(
    'Another head of lab "Room 101" answers at 10.77.0.1:7411; stop that one first, since one lab has one head.',
  );
  expect(head.count('closed')).toBe(0);
});

test('two heads of one lab that a split network kept apart hear of each other when it heals, and when one stops', async () => {
  network.add('head2', '10.77.0.2');
  const first = await startHead();
  cpSync(join(folder, 'Room 101'), join(folder, 'copy'), { recursive: true });
  network.cut('head2');
  const second = await startHead({ at: 'head2', folder: 'copy' });
  network.heal('head2');
  // A PC that looks for its head asks for both; without one they ask by themselves, later.
  startPc('pc1', second.last('boot'));
  expect(await second.until('other')).toBe('10.77.0.1:7411');
  expect(await first.until('other')).toBe('10.77.0.2:7411');
  second.kill('SIGTERM');
  await first.until('other', (where) => where === null);
});
