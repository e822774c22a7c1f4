import { describe, expect, test } from 'vitest';
import { encodeCpio, file, folder, symlink } from '../../../src-main/core/boot-image/cpio.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const entries = [
  folder('etc'),
  file('etc/lab', text('12345')),
  file('etc/secret', text(''), 0o600),
  symlink('etc/link', 'lab'),
];

describe('archives for the kernel', () => {
  test('a header has its fields where the format says', () => {
    const archive = Buffer.from(encodeCpio([file('etc/lab', text('12345'), 0o600)])).toString(
      'latin1',
    );
    expect(archive.slice(0, 110)).toBe(
      '070701' +
        '00000001' + // inode
        '00008180' + // 0o100600
        '00000000' + // uid
        '00000000' + // gid
        '00000001' + // links
        '00000000' + // time
        '00000005' + // size
        '00000000'.repeat(4) + // devices
        '00000008' + // "etc/lab" and its NUL
        '00000000', // checksum
    );
    expect(archive.slice(110, 118)).toBe('etc/lab\0');
    expect(archive.slice(120, 125)).toBe('12345');
    expect(archive.slice(128, 134)).toBe('070701');
  });

  test('it ends on a whole block, so that another archive can follow', () => {
    for (let size = 0; size < 600; size += 7) {
      expect(encodeCpio([file('f', new Uint8Array(size))]).length % 512).toBe(0);
    }
  });

  test('equal entries make equal bytes', () => {
    expect(encodeCpio(entries)).toEqual(encodeCpio(entries));
  });
});
