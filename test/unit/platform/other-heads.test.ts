import { expect, it } from 'vitest';
import { seconds } from '../../../shared/base/units.ts';
import { otherHeadSentence } from '../../../shared/domain/other-head.ts';
import { OtherHeads } from '../../../src-main/platform/other-heads.ts';
import { ManualClock } from '../../sim/manual-clock.ts';

const srv = (port: number, more: { name?: string; ttl?: number } = {}) => ({
  additionals: [
    {
      ...{ name: 'nightshift-a1._nightshift._tcp.local', type: 'SRV', ttl: 120 },
      ...{ data: { port, target: 'nightshift-a1.local' } },
      ...more,
    },
  ],
});

function listening() {
  const clock = new ManualClock();
  let changes = 0;
  const own = (address: string): boolean => address === '10.0.0.1';
  const heads = new OtherHeads({ id: 'a1', port: 7411 }, own, clock, () => (changes += 1));
  return { clock, heads, changes: () => changes };
}

it('a head does not take itself, or the head of another lab, for a second one', () => {
  const { heads, changes } = listening();
  heads.hear(srv(7411), '10.0.0.1');
  heads.hear(srv(7411, { name: 'nightshift-b2._nightshift._tcp.local' }), '10.0.0.2');
  heads.hear({ answers: [{ name: 'x', type: 'TXT' }] }, '10.0.0.2');
  expect(heads.current()).toBeNull();
  expect(changes()).toBe(0);
});

it('a second one is told of once, on this machine, too, and forgotten when it says goodbye', () => {
  const { heads, changes } = listening();
  heads.hear(srv(7411), '10.0.0.2');
  heads.hear(srv(7411), '10.0.0.2');
  expect(heads.current()).toBe('10.0.0.2:7411');
  expect(changes()).toBe(1);
  heads.hear(srv(7411, { ttl: 0 }), '10.0.0.2');
  expect(heads.current()).toBeNull();
  heads.hear(srv(7500), '10.0.0.1');
  expect(heads.current()).toBe('10.0.0.1:7500');
  expect(changes()).toBe(3);
});

it('one that falls silent is forgotten, which is told', () => {
  const { heads, clock, changes } = listening();
  heads.hear(srv(7411), '10.0.0.2');
  clock.advance(seconds(60));
  expect(heads.current()).toBe('10.0.0.2:7411');
  clock.advance(seconds(60));
  heads.hear(srv(7411), '10.0.0.1');
  expect(heads.current()).toBeNull();
  expect(changes()).toBe(2);
});

it('is one sentence', () => {
  expect(otherHeadSentence('10.0.0.2:7411')).toMatch(
    /^Another head .*10\.0\.0\.2:7411; stop .*\.$/,
  );
});
