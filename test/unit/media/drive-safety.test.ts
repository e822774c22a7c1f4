import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytes } from '../../../shared/base/units.ts';
import type { Drive, DriveUse } from '../../../shared/domain/drive.ts';
import {
  driveFault,
  driveIdentity,
  judgeDrive,
  judgeFile,
  largeDrive,
} from '../../../src-main/core/boot-image/drive-safety.ts';
import { driveView } from '../../../src-main/core/boot-image/drive-view.ts';
import { driveOf, useOf } from './drives.ts';

const plainly = { identity: null, typedName: null };
const withPart = (more: Partial<DriveUse>): Partial<Drive> => ({
  uses: [useOf('/dev/sdb', { kind: 'disk' }), useOf('/dev/sdb1', more)],
});

describe('which drives are never written', () => {
  test.each<readonly [string, Partial<Drive>, RegExp]>([
    ['a built-in disk', { transport: 'nvme', removable: false, hotplug: false }, /built in/],
    ['a disk in a hot-swap bay', { transport: 'sata', hotplug: true }, /built in/],
    ['a card soldered in', { transport: null, removable: true }, /unknown connection/],
    ['a USB drive that cannot be unplugged', { removable: false, hotplug: false }, /built in/],
    ['a CD', { kind: 'rom' }, /no drive that can be unplugged/],
    ['a loop device', { kind: 'loop' }, /no drive that can be unplugged/],
    ['a card reader without a card', { size: bytes(0) }, /no medium/],
    ['a stick with its switch moved', { readOnly: true }, /write-protected/],
    ['the stick this machine runs from', withPart({ mountedAt: ['/'] }), /uses it at \/$/],
    ['one with this machine’s /boot', withPart({ mountedAt: ['/boot/efi'] }), /\/boot\/efi/],
    ['one with somebody’s home', withPart({ mountedAt: ['/home'] }), /\/home/],
    ['one that only looks like media', withPart({ mountedAt: ['/mediathek'] }), /mediathek/],
    ['one that is swapped to', withPart({ mountedAt: ['[SWAP]'] }), /swaps to it/],
    ['swap space', withPart({ fileSystem: 'swap' }), /swap space/],
    ['part of a volume group', withPart({ fileSystem: 'LVM2_member' }), /LVM/],
    ['part of a RAID', withPart({ fileSystem: 'linux_raid_member' }), /RAID/],
    ['an encrypted one', withPart({ fileSystem: 'crypto_LUKS' }), /encrypted/],
    ['a BitLocker To Go', withPart({ fileSystem: 'BitLocker' }), /encrypted/],
    ['one with an open encrypted volume', withPart({ kind: 'crypt' }), /built upon it/],
    ['one with a logical volume', withPart({ kind: 'lvm' }), /built upon it/],
  ])('%s', (_what, more, why) => {
    const drive = driveOf('/dev/sdb', more);
    expect(driveFault(drive)).toMatch(why);
    expect(judgeDrive(drive, plainly)).toMatchObject({ ok: false, error: { code: 'refused' } });
    expect(driveView(drive)).toMatchObject({ erasable: false, typeName: null });
  });

  test('whatever a drive is, only a writable USB drive that nobody but people use is let through', () => {
    const anyUse = fc.record({
      path: fc.constant('/dev/sdb1'),
      kind: fc.constantFrom('disk', 'part', 'crypt', 'lvm', 'raid1', 'md', 'mpath'),
      fileSystem: fc.constantFrom(null, 'vfat', 'ext4', 'swap', 'LVM2_member', 'crypto_LUKS'),
      label: fc.constant(null),
      mountedAt: fc.array(
        fc.constantFrom('/', '/boot', '/usr', '/home', '[SWAP]', '/media/ada/STICK', '/mnt/x'),
        { maxLength: 2 },
      ),
    });
    const anyDrive: fc.Arbitrary<Drive> = fc.record({
      path: fc.constant('/dev/sdb'),
      name: fc.constantFrom(null, 'SanDisk Ultra'),
      serial: fc.constantFrom(null, '1'),
      size: fc.constantFrom(0, 1, 8e9, largeDrive, largeDrive + 1, 4e12).map(bytes),
      readOnly: fc.boolean(),
      removable: fc.boolean(),
      hotplug: fc.boolean(),
      transport: fc.constantFrom(null, 'usb', 'sata', 'nvme', 'mmc', 'iscsi'),
      kind: fc.constantFrom('disk', 'loop', 'rom', 'part', 'zram'),
      deviceNumber: fc.constant('8:16'),
      sequence: fc.constantFrom(null, 3),
      uses: fc.array(anyUse, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(anyDrive, (drive) => {
        if (!judgeDrive(drive, plainly).ok) return;
        expect(drive).toMatchObject({ kind: 'disk', transport: 'usb', readOnly: false });
        expect(drive.removable || drive.hotplug).toBe(true);
        expect(drive.size).toBeGreaterThan(0);
        expect(drive.size).toBeLessThanOrEqual(largeDrive);
        for (const { kind, fileSystem, mountedAt } of drive.uses) {
          expect(['disk', 'part']).toContain(kind);
          expect([null, 'vfat', 'ext4']).toContain(fileSystem);
          expect(mountedAt.every((at) => /^\/(media|mnt)\//.test(at))).toBe(true);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('a stick that may be written', () => {
  test('is judged with what has to be unmounted first', () => {
    const drive = driveOf('/dev/sdb', withPart({ mountedAt: ['/media/ada/PHOTOS'] }));
    expect(judgeDrive(drive, plainly)).toMatchObject({
      ok: true,
      value: { path: '/dev/sdb', mountedAt: ['/media/ada/PHOTOS'], identity: driveIdentity(drive) },
    });
  });

  test('needs its name typed when it is large', () => {
    const archive = driveOf('/dev/sdb', { name: 'WD Elements', size: bytes(4e12) });
    expect(driveView(archive)).toMatchObject({ erasable: true, typeName: 'WD Elements' });
    expect(judgeDrive(archive, plainly)).toMatchObject({
      ok: false,
      error: { sentence: expect.stringContaining('confirm with its name: WD Elements') as string },
    });
    expect(judgeDrive(archive, { identity: null, typedName: 'SanDisk' }).ok).toBe(false);
    expect(judgeDrive(archive, { identity: null, typedName: ' wd elements ' }).ok).toBe(true);
  });

  test.each<readonly [string, Partial<Drive>]>([
    ['another stick of the same make', { serial: 'another', sequence: 13 }],
    ['a twin without a serial number', { serial: null, sequence: 13 }],
    ['a larger one', { size: bytes(31_000_000_000) }],
    ['a stick on a kernel that numbers none', { sequence: null, serial: 'another' }],
  ])('is refused when in its place stands %s', (_what, more) => {
    const chosen = driveIdentity(driveOf('/dev/sdb'));
    const now = driveOf('/dev/sdb', more);
    expect(judgeDrive(now, { identity: chosen, typedName: null })).toMatchObject({
      ok: false,
      error: { sentence: expect.stringContaining('Another drive is at /dev/sdb') as string },
    });
  });
});

describe('an image file', () => {
  const wish = { size: bytes(1000), replace: false };
  test.each([
    ['folder', /is a folder/],
    ['other', /no plain file; write a drive with --drive/],
    ['file', /is there already/],
  ] as const)('is refused where there is a %s', (there, why) => {
    expect(judgeFile('/tmp/x', there, wish)).toMatchObject({
      ok: false,
      error: { sentence: expect.stringMatching(why) as string },
    });
  });

  test('never replaces a device, whatever is wished', () => {
    expect(judgeFile('/dev/sda', 'other', { ...wish, replace: true }).ok).toBe(false);
  });

  test('is made where nothing is, or where it is wished', () => {
    expect(judgeFile('/tmp/x', 'missing', wish).ok).toBe(true);
    expect(judgeFile('/tmp/x', 'file', { ...wish, replace: true }).ok).toBe(true);
  });
});
