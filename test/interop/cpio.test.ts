import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { encodeCpio, file, folder, symlink } from '../../src-main/core/boot-image/cpio.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

test('cpio itself reads the archives that we write for the kernel', () => {
  const archive = encodeCpio([
    folder('etc'),
    file('etc/lab', text('12345')),
    file('etc/secret', text(''), 0o600),
    symlink('etc/link', 'lab'),
  ]);
  const listed = spawnSync('cpio', ['-itv', '--quiet'], { input: archive, encoding: 'utf8' });
  const lines = listed.stdout.trim().split('\n');
  expect(lines.map((line) => [line.slice(0, 10), line.split(/\d{4} +/).pop()])).toEqual([
    ['drwxr-xr-x', 'etc'],
    ['-rw-r--r--', 'etc/lab'],
    ['-rw-------', 'etc/secret'],
    ['lrwxrwxrwx', 'etc/link -> lab'],
  ]);
});
