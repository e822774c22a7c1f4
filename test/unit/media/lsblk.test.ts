import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { driveFault } from '../../../src-main/core/boot-image/drive-safety.ts';
import { decodeLsblk } from '../../../src-main/platform/drives/lsblk.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';

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
        if (!decoded.ok) expect(refusalWords(decoded.error)).toMatch(/^lsblk /);
      }),
    );
  });

  /** Kinds of readings: a null in each field, in a partition, sizes as texts, columns that are not there. */
  test.each(['maj:min', 'size', 'ro', 'rm', 'hotplug', 'type'])(
    'of a device without %s is said of that device, and hides no other',
    (field) => {
      for (const broken of [
        device({ path: '/dev/sdq', [field]: null }),
        device({ path: '/dev/sdq', children: [device({ path: '/dev/sdq1', [field]: null })] }),
      ]) {
        const decoded = decodeLsblk(printed(broken, device({ path: '/dev/sdb', tran: 'usb' })));
        const [odd, other] = decoded.ok ? decoded.value : [];
        expect(other).toMatchObject({ path: '/dev/sdb', transport: 'usb' });
        expect(odd && driveFault(odd)).toMatch(/^the system does not say what it is \(.*: /);
      }
    },
  );

  test.each([{ path: null }, { path: 7 }, { path: '/dev/sdq', children: [null] }, null, [], 'sdq'])(
    'of what is hardly a device hides no other: %j',
    (odd) => {
      const other = device({ path: '/dev/sdb', tran: 'usb' });
      const decoded = decodeLsblk(JSON.stringify({ blockdevices: [odd, odd, other] }));
      const drives = decoded.ok ? decoded.value : [];
      expect(drives[2]).toMatchObject({ path: '/dev/sdb', transport: 'usb' });
      const faults = drives.slice(0, 2).map((drive) => driveFault(drive) ?? '');
      expect(faults.every((fault) => fault.startsWith('the system does not say'))).toBe(true);
      expect(drives).toHaveLength(3);
    },
  );

  test('of sectors and numbers of file systems is kept', () => {
    const more = { 'log-sec': 4096, uuid: '1-2', fstype: 'btrfs' };
    expect(decodeLsblk(printed(device(more)))).toMatchObject({
      value: [{ logicalSector: 4096, uses: [{ uuid: '1-2' }] }],
    });
  });

  test('before 2.37 tells one mount at the most, and the kernel the others', () => {
    const { mountpoints: _, ...old } = device({ mountpoint: '/media/ada/X' }) as Record<
      string,
      unknown
    >;
    const mounts =
      '36 25 8:0 / /media/ada/X rw - ext4 /dev/sda rw\n37 25 8:0 /a /srv/a\\040b rw - ext4 /dev/sda rw\n';
    expect(decodeLsblk(printed(old), mounts)).toMatchObject({
      value: [{ uses: [{ mountedAt: ['/media/ada/X', '/srv/a b'] }] }],
    });
  });
});
