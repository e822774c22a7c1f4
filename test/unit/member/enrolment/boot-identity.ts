import type { BootIdentity } from '../../../../shared/wire/enrolment.ts';

/** What a boot medium of the lab "Room 1" says. */
export const identity: BootIdentity = {
  version: 1,
  lab: 'Room 1',
  labId: 'lab-a',
  headKey: 'a'.repeat(64),
  token: { id: 'tok', secret: 's'.repeat(16) },
  headAddress: null,
  name: null,
  timings: 'night',
};
