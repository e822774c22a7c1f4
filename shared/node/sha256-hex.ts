import { createHash } from 'node:crypto';

/** In lower-case hex digits. Text counts as UTF-8. */
export const sha256Hex = (content: Uint8Array | string): string =>
  createHash('sha256').update(content).digest('hex');
