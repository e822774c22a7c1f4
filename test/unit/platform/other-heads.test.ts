import { expect, it } from 'vitest';
import { seconds } from '../../../shared/base/units.ts';
import { otherHeadSentence } from '../../../shared/domain/other-head.ts';
import { OtherHeads } from '../../../src-main/platform/discovery/other-heads.ts';
import { ManualClock } from '../../../src-sim/manual-clock.ts';

const srv = (port: number, more: { name?: string; ttl?: number } = {}) => ({
  additionals: [
    {
      ...{ name: 'nightshift-a1._nightshift._tcp.local', type: 'SRV', ttl: 120 },
      ...{ data: { port, target: 'nightshift-a1.local' } },
      ...more,
    },
  ],
});

/** Whoever is in `heads` has the lab's key; everybody else only says so. */
function listening(withKey: readonly string[] = ['10.0.0.2:7411', '10.0.0.1:7500']) {
  const clock = new ManualClock();
  let changes = 0;
  const knocks: string[] = [];
  const known = new Set(withKey);
  const own = {
    ...{ id: 'a1', port: 7411 },
    isOwn: (address: string): boolean => address === '10.0.0.1',
    knock: (host: string, port: number): Promise<boolean> => {
      knocks.push(`${host}:${port}`);
      return Promise.resolve(known.has(`${host}:${port}`));
    },
  };
  const heads = new OtherHeads(own, clock, () => (changes += 1));
  const hear = async (packet: Parameters<typeof heads.hear>[0], from: string): Promise<void> => {
    heads.hear(packet, from);
    await Promise.resolve();
    await Promise.resolve();
  };
  return { clock, heads, hear, known, knocks, changes: () => changes };
}

it('a head does not take itself, or the head of another lab, for a second one', async () => {
  const { heads, hear, changes, knocks } = listening();
  await hear(srv(7411), '10.0.0.1');
  await hear(srv(7411, { name: 'nightshift-b2._nightshift._tcp.local' }), '10.0.0.2');
  await hear({ answers: [{ name: 'x', type: 'TXT' }] }, '10.0.0.2');
  await hear(srv(99_999), '10.0.0.2');
  expect(heads.current()).toBeNull();
  expect(knocks).toEqual([]);
  expect(changes()).toBe(0);
});

it('a second one is told of once, on this machine, too, and forgotten when it says goodbye and is gone', async () => {
  const { heads, hear, known, changes } = listening();
  await hear(srv(7411), '10.0.0.2');
  await hear(srv(7411), '10.0.0.2');
  expect(heads.current()).toBe('10.0.0.2:7411');
  expect(changes()).toBe(1);
  known.delete('10.0.0.2:7411');
  await hear(srv(7411, { ttl: 0 }), '10.0.0.2');
  expect(heads.current()).toBeNull();
  await hear(srv(7500), '10.0.0.1');
  expect(heads.current()).toBe('10.0.0.1:7500');
  expect(changes()).toBe(3);
});

it('a goodbye that somebody else said for it changes nothing', async () => {
  const { heads, hear, changes } = listening();
  await hear(srv(7411), '10.0.0.2');
  await hear(srv(7411, { ttl: 0 }), '10.0.0.2');
  expect(heads.current()).toBe('10.0.0.2:7411');
  expect(changes()).toBe(1);
});

it('who announces himself without the lab’s key is nobody, and costs few knocks', async () => {
  const { heads, hear, changes, knocks } = listening();
  for (let port = 1000; port < 2000; port += 1) await hear(srv(port), '10.0.0.9');
  await hear(srv(1000), '10.0.0.9');
  expect(heads.current()).toBeNull();
  expect(changes()).toBe(0);
  expect(knocks).toHaveLength(64);
});

it('one that falls silent is forgotten, which is told', async () => {
  const { heads, hear, clock, changes } = listening();
  await hear(srv(7411), '10.0.0.2');
  clock.advance(seconds(60));
  expect(heads.current()).toBe('10.0.0.2:7411');
  clock.advance(seconds(60));
  await hear(srv(7411), '10.0.0.1');
  expect(heads.current()).toBeNull();
  expect(changes()).toBe(2);
});

it('is one sentence', () => {
  expect(otherHeadSentence('10.0.0.2:7411')).toMatch(
    /^Another head .*10\.0\.0\.2:7411; stop .*\.$/,
  );
});
