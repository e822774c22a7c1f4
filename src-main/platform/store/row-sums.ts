import { crc32 } from 'node:zlib';

/**
 * What stands beside each row so that a bit that flipped on the disk is noticed: SQLite looks at the shape of its pages, not at
 * what is in them. No protection from whoever means to change something.
 */
export const sumOf = (...columns: readonly (string | number)[]): number =>
  crc32(columns.join('\u0000'));
