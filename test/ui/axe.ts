import axe from 'axe-core';
import { expect } from 'vitest';

/** Nothing that axe knows to be a hindrance, in words a person can act on. */
export async function expectNoBarriers(): Promise<void> {
  const { violations } = await axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    // The frame of the test runner is not ours.
    resultTypes: ['violations'],
  });
  const found = violations.flatMap(({ id, help, nodes }) =>
    nodes.map(
      ({ html, failureSummary }) =>
        `${id}: ${help}\n  ${html.slice(0, 300)}\n  ${failureSummary ?? ''}`,
    ),
  );
  expect(found).toEqual([]);
}
