import { expect, test } from 'vitest';
import { memberId } from '../../../../shared/domain/ids.ts';
import { untouched } from '../../../../src-main/core/state/touched.ts';

test('nothing is touched at first, and nobody shares what is', () => {
  const [one, other] = [untouched(), untouched()];
  expect(one).toEqual({
    ...{ lab: false, seats: new Set(), members: new Set(), jobs: new Set(), tasks: new Set() },
    ...{ jobsAsWhole: new Set(), refs: new Map() },
  });
  one.members.add(memberId('pc-01'));
  expect(other.members.size).toBe(0);
});
