import { expect, test } from 'vitest';
import { busiest, type ProfileNode } from '../../bench/head/profile.ts';

const node = (id: number, functionName: string, url = ''): ProfileNode => ({
  id,
  callFrame: { functionName, url },
});

test('a profile names what held the thread, and leaves out when it was idle', () => {
  const nodes = [
    node(1, '(idle)'),
    node(2, 'placeWaiting', 'file:///lab/dist/head/run-head.mjs'),
    node(3, 'writev', 'node:internal/stream_base_commons'),
    // Called from elsewhere.
    node(4, 'placeWaiting', 'file:///lab/dist/head/run-head.mjs'),
  ];
  const profile = { nodes, samples: [1, 2, 3, 4], timeDeltas: [6000, 2000, 1000, 1000] };
  expect(busiest(profile)).toBe(
    'busy 4 ms of 10: placeWaiting 75 %, writev (stream_base_commons) 25 %',
  );
});

test('a head that had nothing to do', () => {
  expect(busiest({ nodes: [] })).toBe('busy 0 ms of 0: ');
});
