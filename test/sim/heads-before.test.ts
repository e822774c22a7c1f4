import { expect, test } from 'vitest';
import type { Result } from '../../shared/base/result.ts';
import type { ToHead } from '../../shared/wire/to-head.ts';
import type { SimulatedLab } from '../../src-sim/simulated-lab.ts';
import type { HeadDialect } from '../../src-sim/simulated-links.ts';
import * as before from '../fixtures/wire-before/codec.mjs';
import { AgentLab } from './agent-member.ts';
import { playNight } from './fault-nights.ts';

/**
 * A head that was built before messages could grow: its welcome says nothing of what it can, fields that came since are lost
 * on it, and a word that it does not know ends the night with a fault.
 */
const headBefore: HeadDialect = {
  decodeToHead: (text) => before.decodeToHead(text) as unknown as Result<ToHead>,
  encodeToMember(message) {
    const said = before.decodeToMember(before.encodeToMember(message));
    if (!said.ok || !said.value) throw new Error(`it could not say "${message.t}"`);
    return before.encodeToMember(said.value);
  },
};

const seeds = Array.from({ length: 12 }, (_, at) => 8100 + at);

async function playAll(agents: boolean, prepare: (lab: SimulatedLab) => void): Promise<void> {
  for (const seed of seeds) {
    const { faults, story } = await playNight(seed, agents, prepare);
    expect(faults, `seed ${seed}\n${story.join('\n')}`).toEqual([]);
  }
}

const pagesFollow = (lab: SimulatedLab): void => {
  if (lab instanceof AgentLab) lab.pagesFollow = true;
};

test.each([
  ['simulated members', false],
  ['the real agent', true],
])('members of today keep every promise with a head of the version before: %s', (_, agents) =>
  playAll(agents, (lab) => {
    lab.links.headDialect = headBefore;
  }),
);

test('they do so, too, where programs run before all of their memory is there', () =>
  playAll(true, (lab) => {
    lab.links.headDialect = headBefore;
    pagesFollow(lab);
  }));

test('with a head of today as well', () => playAll(true, pagesFollow));

test('and programs did run before all of their memory was there', async () => {
  let steps = 0;
  await playNight(seeds[0]!, true, (lab) => {
    pagesFollow(lab);
    const today = lab.links.headDialect;
    lab.links.headDialect = {
      encodeToMember: (message) => today.encodeToMember(message),
      decodeToHead(text) {
        const said = today.decodeToHead(text);
        if (said.ok && said.value.t === 'all-here') steps += 1;
        return said;
      },
    };
  });
  expect(steps).toBeGreaterThan(0);
});
