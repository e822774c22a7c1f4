export type Count = { readonly passed: number; readonly failed: number; readonly skipped: number };

/**
 * Counts a vitest JSON report. A run that failed without a failed test (a file that does not load,
 * an error nobody caught, no report at all) counts as one failure, so that the sum cannot lie.
 */
export function countVitest(report: string | undefined, exitedWell: boolean): Count {
  const { passed, failed, skipped } = report === undefined ? nothing : readReport(report);
  const unseen = !exitedWell && failed === 0 ? 1 : 0;
  return { passed, failed: failed + unseen, skipped };
}

const nothing: Count = { passed: 0, failed: 0, skipped: 0 };

function readReport(text: string): Count {
  const report = JSON.parse(text) as Readonly<Record<string, unknown>>;
  const number = (key: string): number => (typeof report[key] === 'number' ? report[key] : 0);
  return {
    passed: number('numPassedTests'),
    failed: number('numFailedTests'),
    skipped: number('numPendingTests') + number('numTodoTests'),
  };
}
