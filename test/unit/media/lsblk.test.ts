import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeLsblk } from '../../../src-main/platform/drives/lsblk.ts';

const device = (more: object): object => ({
  path: '/dev/sda',
  'maj:min': ' 8:0  ',
  size: 256060514304,
  ro: false,
  rm: false,
  hotplug: false,
  tran: 'sata',
  type: 'disk',
  vendor: 'ATA     ',
  model: 'Samsung SSD 850',
  serial: 'S2R5',
  mountpoints: [null],
  fstype: null,
  label: null,
  ...more,
});
const printed = (...devices: readonly object[]): string =>
  JSON.stringify({ blockdevices: devices });

describe('what lsblk tells', () => {
  test('of a disk with an encrypted system becomes a drive and all its uses', () => {
    const text = printed(
      device({
        children: [
          device({
            path: '/dev/sda1',
            type: 'part',
            fstype: 'crypto_LUKS',
            children: [
              device({ path: '/dev/mapper/x', type: 'crypt', mountpoints: ['/home', '/'] }),
            ],
          }),
        ],
      }),
    );
    expect(decodeLsblk(text)).toMatchObject({
      ok: true,
      value: [
        {
          path: '/dev/sda',
          name: 'ATA Samsung SSD 850',
          deviceNumber: '8:0',
          transport: 'sata',
          uses: [
            { path: '/dev/sda', mountedAt: [] },
            { path: '/dev/sda1', fileSystem: 'crypto_LUKS' },
            { path: '/dev/mapper/x', kind: 'crypt', mountedAt: ['/home', '/'] },
          ],
        },
      ],
    });
  });

  test('in the older way, with flags as texts, means the same', () => {
    const old = printed(
      device({ ro: '0', rm: '1', hotplug: '1', size: '8000000000', tran: 'usb' }),
    );
    expect(decodeLsblk(old)).toMatchObject({
      ok: true,
      value: [{ readOnly: false, removable: true, hotplug: true, size: 8_000_000_000 }],
    });
  });

  test('that nobody understands is a sentence, never a surprise', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const decoded = decodeLsblk(text);
        if (!decoded.ok) expect(decoded.error.sentence).toMatch(/^lsblk /);
      }),
    );
    expect(decodeLsblk(printed(device({ size: null })))).toMatchObject({
      ok: false,
      error: { sentence: expect.stringContaining('size') as string },
    });
  });
});
