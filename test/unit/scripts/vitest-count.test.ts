import { describe, expect, it } from 'vitest';
import { countVitest } from '../../../scripts/vitest-count.ts';

const report = (passed: number, failed: number, pending = 0): string =>
  JSON.stringify({ numPassedTests: passed, numFailedTests: failed, numPendingTests: pending });

describe('the sum of a test run', () => {
  it('counts what passed, failed and was skipped', () => {
    expect(countVitest(report(5, 2, 1), false)).toEqual({ passed: 5, failed: 2, skipped: 1 });
  });

  it('counts a file that does not load as a failure although no test failed', () => {
    expect(countVitest(report(5, 0), false)).toEqual({ passed: 5, failed: 1, skipped: 0 });
  });

  it('counts a run that fell before it could report as a failure', () => {
    expect(countVitest(undefined, false)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});
