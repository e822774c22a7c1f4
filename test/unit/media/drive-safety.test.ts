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
  nameToType,
} from '../../../src-main/core/boot-image/drive-safety.ts';
import { driveView } from '../../../src-main/core/boot-image/drive-view.ts';
import { driveOf, useOf } from './drives.ts';
import { inWords } from '../../in-words.ts';

const plainly = { identity: null, typedName: null };
const withPart = (more: Partial<DriveUse>): Partial<Drive> => ({
  uses: [useOf('/dev/sdb', { kind: 'disk' }), useOf('/dev/sdb1', more)],
});

describe('which drives are never written', () => {
  test.each<readonly [string, Partial<Drive>, RegExp]>([
    ['a built-in disk', { transport: 'nvme', removable: false, hotplug: false }, /built in/],
    ['a disk in a hot-swap bay', { transport: 'sata', hotplug: true }, /built in/],
    ['a card soldered in', { transport: null, removable: true }, /unknown connection/],
    [
      'one with sectors of 4096 bytes',
      { logicalSector: 4096 },
      /sectors of 4096 bytes.*take another/,
    ],
    [
      'one that lsblk does not understand',
      { unclear: 'size' },
      /the system does not say what it is/,
    ],
    ['part of a ZFS pool', withPart({ fileSystem: 'zfs_member' }), /ZFS/],
    ['part of a bcache', withPart({ fileSystem: 'bcache' }), /bcache/],
    ['part of something new', withPart({ fileSystem: 'stratis_member' }), /something larger/],
    ['a journal', withPart({ fileSystem: 'xfs_external_log' }), /journal/],
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
    expect(judgeDrive(drive, plainly)).toMatchObject({ ok: false, error: { kind: 'refused' } });
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

/**
 * Kinds of file systems: plain ones, those that may span several drives, parts of something larger, journals, unknown ones; of
 * drives: halves of what is mounted, of what is not, copies of one stick.
 */
describe('the other half of a file system', () => {
  const half = (path: string, mountedAt: readonly string[], more: Partial<DriveUse> = {}): Drive =>
    driveOf(path, {
      uses: [
        useOf(path, { kind: 'disk' }),
        useOf(`${path}1`, { fileSystem: 'btrfs', uuid: 'u-1', mountedAt, ...more }),
      ],
    });

  test('is not written, whether the first one is in use or not', () => {
    const [used, other] = [half('/dev/sdb', ['/srv/backup']), half('/dev/sdc', [])];
    expect(driveFault(other, [used, other])).toContain('that this machine uses at /srv/backup');
    expect(driveView(other, [used, other]).erasable).toBe(false);
    const typed = { identity: null, typedName: 'SanDisk Ultra' };
    expect(judgeDrive(other, typed, [used, other]).ok).toBe(false);
    expect(driveFault(other, [half('/dev/sdb', []), other])).toContain('on /dev/sdb1');
  });

  test('of which nobody knows where it is has to be named', () => {
    const alone = half('/dev/sdc', []);
    expect(inWords(judgeDrive(alone, plainly))).toMatchObject({
      error: { sentence: expect.stringContaining('may lie on other drives, too') as string },
    });
    expect(judgeDrive(alone, { identity: null, typedName: 'sandisk ultra' }).ok).toBe(true);
    const unknown = half('/dev/sdc', [], { fileSystem: 'newfs' });
    expect(judgeDrive(unknown, plainly).ok).toBe(false);
    expect(nameToType(unknown)).toBe('SanDisk Ultra');
  });

  test('is no such thing when it is a copy of an ordinary stick', () => {
    const copy = { fileSystem: 'iso9660', uuid: '2026-11-25' };
    const [first, second] = [half('/dev/sdb', ['/media/ada/X'], copy), half('/dev/sdc', [], copy)];
    expect(judgeDrive(second, plainly, [first, second]).ok).toBe(true);
    const running = half('/dev/sdb', ['/'], copy);
    expect(driveFault(second, [running, second])).toContain('that this machine uses at /');
  });
});

describe('a stick that may be written', () => {
  test.each<readonly [string, Partial<Drive>]>([
    ['of 64 GB', { size: bytes(64_021_856_256) }],
    ['of 128 GB', { size: bytes(128_043_712_512) }],
  ])('%s needs no name', (_what, more) => {
    expect(nameToType(driveOf('/dev/sdb', more))).toBeNull();
  });

  test('by USB, though it says that it is built in, has to be named', () => {
    const odd = driveOf('/dev/sdb', { removable: false, hotplug: false });
    expect(driveFault(odd)).toBeUndefined();
    expect(inWords(judgeDrive(odd, plainly))).toMatchObject({
      error: { sentence: expect.stringContaining('though it is a USB drive') as string },
    });
    expect(judgeDrive(odd, { identity: null, typedName: 'SanDisk Ultra' }).ok).toBe(true);
  });

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
    expect(inWords(judgeDrive(archive, plainly))).toMatchObject({
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
    expect(inWords(judgeDrive(now, { identity: chosen, typedName: null }))).toMatchObject({
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
    expect(inWords(judgeFile('/tmp/x', there, wish))).toMatchObject({
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
