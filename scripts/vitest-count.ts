export type Count = { readonly passed: number; readonly failed: number; readonly skipped: number };

/**
 * Counts a vitest JSON report. A file that fails without a failed test (it does not load) is one
 * failure, and so is a run that fails for no counted reason: the sum cannot lie.
 */
export function countVitest(report: string | undefined, exitedWell: boolean): Count {
  const { passed, failed, skipped } = report === undefined ? nothing : readReport(report);
  const unseen = !exitedWell && failed === 0 ? 1 : 0;
  return { passed, failed: failed + unseen, skipped };
}

const nothing: Count = { passed: 0, failed: 0, skipped: 0 };

/** The part of vitest's (and Jest's) report that is read here. */
type Report = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests?: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
};

function readReport(text: string): Count {
  const report = JSON.parse(text) as Report;
  const filesThatFell = report.testResults.filter(
    (file) =>
      file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + filesThatFell.length,
    skipped: report.numPendingTests + (report.numTodoTests ?? 0),
  };
}
