import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemCacheDir } from '../../shared/domain/system-cache.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import { encodeCpio } from '../../src-main/core/boot-image/cpio.ts';
import {
  buildBootImage,
  type BootImage,
} from '../../src-main/platform/system-builder/boot-image.ts';
import { firmwareOf, isDiskDriver } from '../../src-main/platform/system-builder/kernel-modules.ts';

// The image as it is built, looked into with unsquashfs(1).

const work = mkdtempSync(join(tmpdir(), 'nightshift-image-'));
let image: BootImage;
/** Paths in the member system, without a leading slash. */
let paths: readonly string[];

beforeAll(async () => {
  const built = await buildBootImage({
    cacheDir: systemCacheDir(process.env),
    onProgress: () => undefined,
    encodeArchive: encodeCpio,
  });
  if (!built.ok) throw new Error(refusalWords(built.error));
  image = built.value;
  const system = join(dirname(image.base), 'system.squashfs');
  const listed = execFileSync('unsquashfs', ['-ls', '-d', '', system], { maxBuffer: 2 ** 26 });
  paths = listed
    .toString()
    .split('\n')
    .map((line) => line.replace(/^\//, ''));
  execFileSync('unsquashfs', [
    ...['-q', '-n', '-no-xattrs', '-d', join(work, 'tree'), system],
    'usr/lib/modules',
  ]);
}, 20 * 60_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

const modules = (): readonly string[] =>
  paths
    .filter((path) => path.endsWith('.ko'))
    .map((path) => path.replace(/^usr\/lib\/modules\/[^/]+\/kernel\//, '').replace(/\.ko$/, ''));
const fileOf = (module: string): Buffer => {
  const path = paths.find((each) => each.endsWith(`/kernel/${module}.ko`));
  return readFileSync(join(work, 'tree', path ?? ''));
};

test('no driver of any disk is in it, not even under another name', () => {
  expect(modules().length).toBeGreaterThan(100);
  expect(modules().filter(isDiskDriver)).toEqual([]);
  const names = modules().map((module) => basename(module));
  for (const driver of [
    ...['ahci', 'libata', 'ata_piix', 'nvme', 'nvme-core', 'scsi_mod', 'sd_mod', 'sr_mod'],
    ...['usb-storage', 'uas', 'mmc_core', 'mmc_block', 'sdhci', 'virtio_blk', 'virtio_scsi'],
    ...['megaraid_sas', 'mpt3sas', 'vmd', 'dm-mod', 'md-mod', 'nbd', 'floppy', 'ntfs3', 'ext4'],
  ])
    expect(names).not.toContain(driver);
});

test('none is built into the kernel either', () => {
  const list = paths.find((path) => path.endsWith('/modules.builtin')) ?? '';
  const builtIn = readFileSync(join(work, 'tree', list), 'utf8')
    .split('\n')
    .map((line) => line.replace(/^kernel\//, '').replace(/\.ko$/, ''));
  expect(builtIn.length).toBeGreaterThan(100);
  // Parts of the kernel's own machinery, which reach nothing without a driver.
  const machinery = ['block/bsg', 'block/mq-deadline', 'drivers/dax/dax'];
  expect(builtIn.filter((each) => isDiskDriver(each) && !machinery.includes(each))).toEqual([]);
});

test.each([
  ['Intel', ['e100', 'e1000', 'e1000e', 'igb', 'igc', 'ixgbe']],
  ['Realtek', ['8139too', '8139cp', 'r8169', 'realtek']],
  ['Broadcom', ['tg3', 'bnx2']],
  ['Aquantia', ['atlantic']],
  ['others', ['alx', 'atl1c', 'sky2', 'forcedeth', 'jme', 'via-rhine']],
  ['virtual', ['virtio_net', 'vmxnet3']],
  [
    'USB',
    ['r8152', 'ax88179_178a', 'asix', 'aqc111', 'cdc_ether', 'cdc_ncm', 'smsc95xx', 'lan78xx'],
  ],
])('wired cards have their drivers: %s', (_, drivers) => {
  const names = modules().map((module) => basename(module));
  for (const driver of drivers) expect(names).toContain(driver);
});

test('a driver has the firmware it asks for, but for what Debian does not have', () => {
  const missing = modules().flatMap((module) =>
    firmwareOf(fileOf(module)).filter((name) => !paths.includes(`usr/lib/firmware/${name}`)),
  );
  // Debian may not distribute the first; the USB chip usually keeps its own.
  const e100 = ['d101m', 'd101s', 'd102e'].map((chip) => `e100/${chip}_ucode.bin`);
  expect(missing.sort()).toEqual([...e100, 'renesas_usb_fw.mem']);
  for (const folder of ['rtl_nic', 'tigon', 'bnx2'])
    expect(paths.some((path) => path.startsWith(`usr/lib/firmware/${folder}/`))).toBe(true);
});

test('processors keep the microcode they have', () => {
  expect(paths.filter((path) => /microcode|ucode\/|intel-ucode|amd-ucode/.test(path))).toEqual([]);
  // What a kernel loads before all else would stand uncompressed at the very front.
  expect(readFileSync(image.base).includes('kernel/x86/microcode')).toBe(false);
});
