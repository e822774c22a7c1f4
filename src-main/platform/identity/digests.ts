import { createHmac } from 'node:crypto';
import type { Digests } from '../../ports/enrolment.ts';

export const nodeDigests: Digests = {
  hmac: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
};
