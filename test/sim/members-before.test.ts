import { expect, test } from 'vitest';
import type { Result } from '../../shared/base/result.ts';
import { decodeToMember, encodeToHead } from '../../shared/wire/codec.ts';
import type { ToMember } from '../../shared/wire/to-member.ts';
import * as before from '../fixtures/wire-before/codec.mjs';
import type { SimulatedLab } from '../../src-sim/simulated-lab.ts';
import type { Dialect, SimulatedLinks } from '../../src-sim/simulated-links.ts';
import { playNight } from './fault-nights.ts';

/**
 * A member system that was built before messages could grow: it knows nothing of what has come since, leaves out what it does
 * not know, and hangs up on a word it does not understand (here: the night ends with a fault).
 */
const dialectBefore: Dialect = {
  decodeToMember: (text) => before.decodeToMember(text) as unknown as Result<ToMember>,
  encodeToHead(message) {
    const said = before.decodeToHead(before.encodeToHead(message));
    if (!said.ok || !said.value) throw new Error(`it could not say "${message.t}"`);
    return before.encodeToHead(said.value);
  },
};

const today: Dialect = { decodeToMember, encodeToHead };

const speaking =
  (dialectOf: SimulatedLinks['dialectOf']) =>
  (lab: SimulatedLab): void =>
    void (lab.links.dialectOf = dialectOf);

const seeds = Array.from({ length: 12 }, (_, at) => 7100 + at);

test.each([
  ['simulated members', false],
  ['the real agent', true],
])('members of the version before keep every promise with this head: %s', async (_, agents) => {
  for (const seed of seeds) {
    const { faults, story } = await playNight(
      seed,
      agents,
      speaking(() => dialectBefore),
    );
    expect(faults, `seed ${seed}\n${story.join('\n')}`).toEqual([]);
  }
});

test('a lab of old and new members does so, too', async () => {
  for (const seed of seeds) {
    const { faults, story } = await playNight(
      seed,
      true,
      speaking((member) =>
        Number(/\d+$/.exec(member)?.[0] ?? 0) % 2 === 0 ? dialectBefore : today,
      ),
    );
    expect(faults, `seed ${seed}\n${story.join('\n')}`).toEqual([]);
  }
});

test('the dialect is the one before: it does not know what came since', () => {
  const welcome = { t: 'all-here', task: '1.1', epoch: 1 };
  expect(before.decodeToHead(JSON.stringify(welcome)).ok).toBe(false);
});
