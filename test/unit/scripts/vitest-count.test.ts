import { describe, expect, it } from 'vitest';
import { countVitest } from '../../../scripts/vitest-count.ts';

type File = readonly ('passed' | 'failed' | 'pending')[];

function report(...files: readonly File[]): string {
  const count = (status: string): number => files.flat().filter((is) => is === status).length;
  return JSON.stringify({
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('pending'),
    testResults: files.map((file) => ({
      status: file.length === 0 || file.includes('failed') ? 'failed' : 'passed',
      assertionResults: file.map((status) => ({ status })),
    })),
  });
}
const doesNotLoad: File = [];

describe('the sum of a test run', () => {
  it('counts what passed, failed and was skipped', () => {
    expect(countVitest(report(['passed', 'failed'], ['passed', 'pending']), false)).toEqual({
      passed: 2,
      failed: 1,
      skipped: 1,
    });
  });

  it('counts a file that does not load as a failure beside those of others', () => {
    expect(countVitest(report(['passed', 'failed'], doesNotLoad), false)).toEqual({
      passed: 1,
      failed: 2,
      skipped: 0,
    });
  });

  it('counts an error that nobody caught as a failure although every test passed', () => {
    expect(countVitest(report(['passed']), false)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  it('counts a run that fell before it could report as a failure', () => {
    expect(countVitest(undefined, false)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});
