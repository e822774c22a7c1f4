import { expect, test } from 'vitest';
import { monotonicMillis } from '../../../../shared/base/units.ts';
import { beginEnrolment } from '../../../../src-member/core/enrolment/enrolment-state.ts';
import { identity } from './boot-identity.ts';

test('a PC that starts looks for its head from this moment on, and knows nobody yet', () => {
  expect(beginEnrolment(identity, monotonicMillis(7))).toEqual({
    ...{
      identity,
      phase: { at: 'waiting', until: 7 },
      nics: [],
      addresses: [],
      otherHeads: new Map(),
    },
    ...{ certificate: null, failures: 0, trouble: null, seekingSince: 7, askedAt: null },
  });
});
