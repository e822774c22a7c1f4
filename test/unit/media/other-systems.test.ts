// Drives of Windows and macOS, by outputs after the tools' own documentation (test/fixtures/drives).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { Drive } from '../../../shared/domain/drive.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import {
  driveFault,
  driveIdentity,
  judgeDrive,
  nameToType,
} from '../../../src-main/core/boot-image/drive-safety.ts';
import { decodeDiskutil } from '../../../src-main/platform/drives/diskutil.ts';
import { macosDrives } from '../../../src-main/platform/drives/macos-drives.ts';
import { decodeWindowsDisks } from '../../../src-main/platform/drives/windows-disks.ts';
import { OddInputs } from '../fuzz/odd-inputs.ts';
import { windowsDrives } from '../../../src-main/platform/drives/windows-drives.ts';

const fixture = (name: string): string =>
  readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', 'drives', name), 'utf8');
const windows = fixture('windows.json');
const readWindows = (change: (text: string) => string = (text) => text): readonly Drive[] => {
  const drives = decodeWindowsDisks(change(windows));
  if (!drives.ok) throw new Error(refusalWords(drives.error));
  return drives.value;
};
const infos = new Map(
  ['disk0', 'disk4', 'disk5'].map((disk) => [disk, fixture(`macos-${disk}.plist`)]),
);
const readMacos = (): readonly Drive[] => {
  const drives = decodeDiskutil(fixture('macos-list.plist'), infos);
  if (!drives.ok) throw new Error(refusalWords(drives.error));
  return drives.value;
};
const faults = (drives: readonly Drive[]): Record<string, string> =>
  Object.fromEntries(
    drives.map((drive) => [
      `${drive.path} ${drive.name ?? ''}`,
      driveFault(drive, drives) ??
        (nameToType(drive) === null ? 'may be written' : 'after its name is typed'),
    ]),
  );

describe('the disks of a Windows PC', () => {
  test('are told apart: only sticks are offered, whatever may be needed by somebody only by its name', () => {
    expect(faults(readWindows())).toEqual({
      [String.raw`\\.\PhysicalDrive0 SAMSUNG MZVLB256HAHQ-00000`]: expect.stringMatching(
        /^this machine runs from it/,
      ) as string,
      [String.raw`\\.\PhysicalDrive1 SanDisk Ultra`]: 'may be written',
      [String.raw`\\.\PhysicalDrive2 WD My Passport 0820`]: 'this machine uses it at C:\\Backup\\',
      [String.raw`\\.\PhysicalDrive3 Generic STORAGE DEVICE`]: 'there is no medium in it',
      [String.raw`\\.\PhysicalDrive4 Kingston DataTraveler 3.0`]: 'after its name is typed',
    });
  });

  test.each<readonly [string, string, string, RegExp]>([
    ['one it swaps to', '"C:\\\\pagefile.sys"', '"E:\\\\pagefile.sys"', /swaps to it/],
    ['a part of a dynamic disk', '"MbrType": 12', '"MbrType": 66', /belongs to something larger/],
    [
      'one that Windows started from',
      '"MbrType": 12,\n   "IsBoot": false',
      '"MbrType": 12,\n   "IsBoot": true',
      /runs from it/,
    ],
  ])('%s is never written', (_, from, to, why) => {
    expect(windows).toContain(from);
    const drives = readWindows((text) => text.replace(from, to));
    expect(driveFault(drives[1] as Drive, drives)).toMatch(why);
  });

  test('of which a partition is not told is never written', () => {
    const value = JSON.parse(windows) as { partitions: { DiskNumber: number }[] };
    value.partitions = value.partitions.filter(({ DiskNumber }) => DiskNumber !== 1);
    const drives = readWindows(() => JSON.stringify(value));
    expect(driveFault(drives[1] as Drive)).toMatch(/^the system does not say what it is/);
  });

  test('another stick with the same number is another one', () => {
    const [, before] = readWindows();
    const [, after] = readWindows((text) =>
      text.replaceAll('4C530001230624117330', '4C530001230624117331'),
    );
    expect(driveIdentity(after as Drive)).not.toBe(driveIdentity(before as Drive));
  });

  test('one that is not understood hides none of the others', () => {
    const drives = readWindows((text) => text.replace('"Size": 15514730496', '"Size": "much"'));
    expect(drives).toHaveLength(5);
    expect(drives[1]).toMatchObject({ path: String.raw`\\.\PhysicalDrive1`, kind: 'unknown' });
    expect(driveFault(drives[1] as Drive)).toMatch(/does not say what it is \(Size: /);
  });

  test('are cleared only while the number is still theirs, in words that a device cannot choose', async () => {
    const scripts: string[] = [];
    const system = windowsDrives(async (script) => {
      scripts.push(script);
      return { code: 3, lines: [] };
    });
    const [, stick] = readWindows((text) => text.replaceAll('SANDISK&PROD', "’; Clear-Disk 0 #'"));
    expect(await system.free(stick as Drive)).toMatchObject({ error: { fault: 'vanished' } });
    expect(scripts[0]).toContain('select disk 1');
    expect(scripts[0]).not.toContain('Clear-Disk 0');
  });

  test('are read from among whatever else PowerShell has to say', async () => {
    const list = JSON.stringify(JSON.parse(windows));
    const noise = ['#< CLIXML', '<Objs Version="1.1.0.1"><Obj S="progress" RefId="0"/></Objs>'];
    const system = windowsDrives(async () => ({ code: 0, lines: [...noise, list, ''] }));
    expect(await system.list()).toEqual({ ok: true, value: readWindows() });
  });

  test('need an administrator, which is said', async () => {
    const system = windowsDrives(async () => ({ code: 1, lines: ['Access is denied.', ''] }));
    const freed = await system.free(readWindows()[1] as Drive);
    if (freed.ok) throw new Error('was freed');
    expect(refusalWords(freed.error)).toBe(
      String.raw`The head may not write \\.\PhysicalDrive1; start Nightshift as an administrator.`,
    );
  });

  test('that nobody understands are a sentence, never a surprise', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const decoded = decodeWindowsDisks(text);
        if (!decoded.ok)
          expect(refusalWords(decoded.error)).toMatch(/^(PowerShell|The list of disks) /);
      }),
    );
  });
});

describe('the disks of a Mac', () => {
  test('are told apart: a container belongs to the disk that it lies on', () => {
    expect(faults(readMacos())).toEqual({
      '/dev/disk0 APPLE SSD AP0256Q': 'this machine uses it at /',
      '/dev/disk4 Ultra': 'may be written',
      '/dev/disk5 My Passport 0820': 'after its name is typed',
    });
  });

  test('a volume that lies on two disks is a part of something larger', () => {
    const list = fixture('macos-list.plist').replace(
      '<string>disk5s2</string>\n\t\t\t\t</dict>\n\t\t\t</array>',
      '<string>disk5s2</string></dict><dict><key>DeviceIdentifier</key><string>disk4s9</string></dict></array>',
    );
    const decoded = decodeDiskutil(list, infos);
    if (!decoded.ok) throw new Error(refusalWords(decoded.error));
    const [, , passport] = decoded.value;
    expect(driveFault(passport as Drive)).toMatch(/belongs to something larger/);
  });

  test('are unmounted, containers too, and opened past the system’s memory', async () => {
    const asked: string[] = [];
    const system = macosDrives(async (...words) => {
      asked.push(words.join(' '));
      const text = words[0] === 'list' ? fixture('macos-list.plist') : infos.get(words[2] ?? '');
      return { code: 0, lines: (text ?? '').split('\n') };
    });
    const listed = await system.list();
    if (!listed.ok) throw new Error(refusalWords(listed.error));
    asked.length = 0;
    await system.free(listed.value[2] as Drive);
    expect(asked).toEqual(['unmount /Volumes/Archive', 'unmountDisk /dev/disk5']);
    expect(system.rawPath('/dev/disk5')).toBe('/dev/rdisk5');
  });

  test('are read though a warning stands before them', () => {
    const list = `2026-11-27 diskutil[9]: a warning\n${fixture('macos-list.plist')}`;
    const decoded = decodeDiskutil(list, infos);
    expect(decoded).toEqual({ ok: true, value: readMacos() });
  });

  test('one that diskutil says nothing of is shown and never written', () => {
    const decoded = decodeDiskutil(fixture('macos-list.plist'), new Map());
    if (!decoded.ok) throw new Error(refusalWords(decoded.error));
    expect(
      decoded.value.map((drive) => judgeDrive(drive, { identity: null, typedName: null }).ok),
    ).toEqual([false, false, false]);
  });

  test('that nobody understands are a sentence, never a surprise', () => {
    // The parser of XML complains on the console.
    const silent = vi.spyOn(console, 'error').mockReturnValue(undefined);
    const warned = vi.spyOn(console, 'warn').mockReturnValue(undefined);
    const odd = new OddInputs(20_261_127);
    const good = [fixture('macos-list.plist'), infos.get('disk4') ?? ''];
    for (let number = 0; number < 500; number += 1) {
      const decoded = decodeDiskutil(odd.text(good), new Map([['disk0', odd.text(good)]]));
      if (!decoded.ok) expect(refusalWords(decoded.error)).toMatch(/^diskutil /);
    }
    silent.mockRestore();
    warned.mockRestore();
  });
});
