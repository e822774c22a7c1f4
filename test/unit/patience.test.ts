import { expect, test } from 'vitest';
import { Patience, usable } from '../lab/patience.ts';

test.each([
  ['all of it counts on an idle machine', 1000, 0, 1000],
  ['time in line for a processor does not', 1000, 900, 100],
  ['but every wait ends', 1000, 1000, 62.5],
  ['whatever the kernel reckons', 1000, 5000, 62.5],
])('of time that passes, %s', (_what, passed, inLine, counts) => {
  expect(usable(passed, inLine)).toBe(counts);
});

test('patience never grows back, and never runs ahead of the clock', () => {
  const began = performance.now();
  const patience = new Patience();
  let before = 0;
  for (let look = 0; look < 20; look += 1) {
    const spent = patience.spent();
    expect(spent).toBeGreaterThanOrEqual(before);
    before = spent;
  }
  expect(before).toBeLessThanOrEqual(performance.now() - began);
});
