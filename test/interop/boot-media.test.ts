import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ok, type Result } from '../../shared/base/result.ts';
import { bytes, mebibytes, type Bytes } from '../../shared/base/units.ts';
import type { Drive, ErasableDrive } from '../../shared/domain/drive.ts';
import { driveRules, judgeDrive } from '../../src-main/core/boot-image/drive-safety.ts';
import type { DiskImage } from '../../src-main/core/boot-image/disk-image.ts';
import { bootMenu } from '../../src-main/core/boot-image/boot-menu.ts';
import { floppyImage, floppyMenu } from '../../src-main/core/boot-image/floppy-image.ts';
import {
  ordinaryStick,
  stickImage,
  stickSize,
} from '../../src-main/core/boot-image/stick-image.ts';
import {
  grubDiskScript,
  grubEntranceScript,
  grubScript,
  grubWaitScript,
} from '../../src-main/core/netboot/boot-scripts.ts';
import { fileContents } from '../../src-main/platform/drives/file-contents.ts';
import { imageFiles } from '../../src-main/platform/drives/image-files.ts';
import { linuxDrives } from '../../src-main/platform/drives/linux-drives.ts';
import { SystemDrives } from '../../src-main/platform/drives/system-drives.ts';
import { judgeFile } from '../../src-main/core/boot-image/drive-safety.ts';
import { buildBootLoaders } from '../../src-main/platform/system-builder/boot-loaders.ts';
import { systemCacheDir } from '../../shared/domain/system-cache.ts';
import { systemClock } from '../../shared/node/system-clock.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import type { MediaOrder, MediaResult } from '../../src-main/shells/media-order.ts';
import { writeMedia } from '../../src-main/shells/media-writer.ts';
import { blockDeviceContract } from '../unit/media/block-device.contract.ts';
import { driveOf, useOf } from '../unit/media/drives.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightshift-media-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(command: string, ...args: readonly string[]): string {
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  const ended = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, PATH: path, LC_ALL: 'C.UTF-8' },
  });
  if (ended.error) throw ended.error;
  const said = `${ended.stdout}${ended.stderr}`;
  if (ended.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${said}`);
  return said;
}

const write = (order: MediaOrder): Promise<readonly MediaResult[]> =>
  writeMedia([order], {
    clock: systemClock(),
    contents: fileContents,
    digest: (content) => createHash('sha256').update(content).digest('hex'),
    onProgress: () => undefined,
    onResult: () => undefined,
    stop: { aborted: false },
  });

const noise = (name: string, size: number): { readonly file: string; readonly size: number } => {
  const file = join(folder, name);
  // Different in every sector, so that a mistaken place shows.
  const content = Buffer.alloc(size);
  for (let at = 0; at + 4 <= size; at += 4) content.writeUInt32LE(at ^ size, at);
  writeFileSync(file, content);
  return { file, size };
};

const loader = (size: number): Uint8Array => new Uint8Array(size).fill(0x90);
const wish = () => ({
  lab: 'Room 12',
  hours: { from: 18 * 60, until: 7 * 60 + 30 },
  kernelOptions: '',
  serial: 0x1a2b3c4d,
  identity: loader(512),
  kernel: noise('vmlinuz', 12_000_001),
  parts: [noise('base.img', 40_000_512), noise('start.img', 300_000)] as const,
  loaders: {
    boot: loader(512),
    core: loader(157_000),
    shim: noise('shimx64.efi', 1_036_152),
    grub: noise('grubx64.efi', 2_684_352),
    mokManager: noise('mmx64.efi', 873_904),
  },
});

async function imageFile(
  name: string,
  size: Bytes,
  image: (size: Bytes) => Result<DiskImage>,
): Promise<string> {
  const path = join(folder, name);
  const file = judgeFile(path, 'missing', { size, replace: false });
  if (!file.ok) throw new Error(refusalWords(file.error));
  const [result] = await write({ target: path, open: () => imageFiles.open(file.value), image });
  expect(result).toMatchObject({ ok: true, sentence: null });
  return path;
}

/** What GRUB's own parser has against a menu; nothing is empty. */
function grubAgrees(menu: string): string {
  const file = join(folder, 'menu.cfg');
  writeFileSync(file, menu);
  try {
    return run('grub-script-check', file);
  } catch (fault) {
    return String(fault);
  }
}

/** The volume by itself, as fsck.fat wants it. */
function volumeOf(image: string): string {
  const volume = `${image}.volume`;
  run('dd', `if=${image}`, `of=${volume}`, 'bs=1M', 'skip=1', 'status=none');
  return volume;
}

describe('a stick that was written', () => {
  let image = '';
  beforeAll(async () => {
    const stick = wish();
    image = await imageFile('stick.img', stickSize(stick), (size) => stickImage(size, stick));
  });

  test('is in order for sfdisk', () => {
    expect(run('sfdisk', '--verify', image)).toContain('No errors detected');
    expect(run('sfdisk', '--dump', image)).toMatch(/start= +2048, size= +\d+, type=c, bootable/);
  });

  test('is in order for fsck.fat, which finds nothing to mend', () => {
    const said = run('fsck.fat', '-n', '-v', volumeOf(image));
    expect(said).not.toMatch(/differ|wrong|dirty|bad|orphan|lost|correct|fix/i);
    expect(said).toMatch(/17 files, \d+\/\d+ clusters/);
  });

  test('gives mtools every file as it was', () => {
    const stick = wish();
    const expected: readonly (readonly [string, string])[] = [
      ['EFI/BOOT/BOOTX64.EFI', stick.loaders.shim.file],
      ['EFI/BOOT/grubx64.efi', stick.loaders.grub.file],
      ['vmlinuz', stick.kernel.file],
      ['system.img', stick.parts[0].file],
      ['start.img', stick.parts[1].file],
    ];
    for (const [name, original] of expected) {
      const copy = join(folder, 'copy');
      run('mcopy', '-n', '-o', '-i', `${image}@@1M`, `::${name}`, copy);
      expect(Buffer.compare(readFileSync(copy), readFileSync(original))).toBe(0);
    }
    expect(run('mlabel', '-s', '-i', `${image}@@1M`, '::')).toContain('NIGHTSHIFT');
    expect(run('mdir', '-i', `${image}@@1M`, '::')).toContain('1A2B-3C4D');
  });

  test('is read by GRUB, which gets every file as it was and finds no fault with its menus', () => {
    const stick = wish();
    const expected: readonly (readonly [string, string])[] = [
      ['EFI/BOOT/BOOTX64.EFI', stick.loaders.shim.file],
      ['EFI/BOOT/grubx64.efi', stick.loaders.grub.file],
      ['vmlinuz', stick.kernel.file],
      ['system.img', stick.parts[0].file],
      ['start.img', stick.parts[1].file],
    ];
    for (const [name, original] of expected) {
      run('grub-fstest', image, 'cmp', `(loop0,msdos1)/${name}`, original);
    }
    for (const menu of ['EFI/debian/grub.cfg', 'boot/grub/grub.cfg']) {
      const text = run('grub-fstest', image, 'cat', `(loop0,msdos1)/${menu}`);
      expect(text).toContain('Room 12');
      expect(grubAgrees(text)).toBe('');
    }
  });

  test('is recognized by everybody who looks for file systems, by label and kind', () => {
    expect(run('blkid', '--probe', '--output', 'export', volumeOf(image))).toMatch(
      /LABEL=NIGHTSHIFT[\s\S]*TYPE=vfat/,
    );
  });
});

describe('a floppy that was written', () => {
  let image = '';
  let ipxe = '';
  beforeAll(async () => {
    // The real ones: GRUB's first sector has code where other disks have their partition table.
    const built = await buildBootLoaders({
      cacheDir: systemCacheDir(process.env),
      onProgress: () => undefined,
    });
    if (!built.ok) throw new Error(refusalWords(built.error));
    const { boot, floppyCore } = built.value;
    ({ ipxe } = built.value);
    image = await imageFile('floppy.img', bytes(1_474_560), () =>
      floppyImage({
        ...wish(),
        entrance: 'http://192.168.7.1:7413/boot.ipxe',
        loaders: {
          boot: readFileSync(boot),
          core: readFileSync(floppyCore),
          ipxe: readFileSync(ipxe),
        },
      }),
    );
  }, 600_000);

  test('is in order for fsck.fat, which finds nothing to mend', () => {
    expect(statSync(image).size).toBe(1_474_560);
    const said = run('fsck.fat', '-n', '-v', image);
    expect(said).not.toMatch(/differ|wrong|dirty|bad|orphan|lost|correct|fix/i);
    expect(said).toContain('12 bit entries');
  });

  test('gives mtools every file as it was', () => {
    const copy = join(folder, 'copy');
    run('mcopy', '-n', '-o', '-i', image, '::ipxe.lkrn', copy);
    expect(Buffer.compare(readFileSync(copy), readFileSync(ipxe))).toBe(0);
    expect(run('mtype', '-i', image, '::lab.ipxe')).toContain('chain --autofree http://192.168');
    expect(run('mlabel', '-s', '-i', image, '::')).toContain('NIGHTSHIFT');
  });

  test('is read by GRUB, which finds no fault with its menu', () => {
    run('grub-fstest', image, 'cmp', '(loop0)/ipxe.lkrn', ipxe);
    const menu = run('grub-fstest', image, 'cat', '(loop0)/boot/grub/grub.cfg');
    expect(menu).toContain('initrd16 /lab.ipxe');
    expect(grubAgrees(menu)).toBe('');
  });

  test('is one volume, not partitions, to whoever looks: a floppy has no table that sfdisk could verify', () => {
    // As the kernel does before it looks for partitions: GRUB's code stands where a table would.
    const seen = run('blkid', '--probe', '--output', 'export', image);
    expect(seen).toMatch(/LABEL=NIGHTSHIFT[\s\S]*TYPE=vfat/);
    expect(seen).not.toContain('PTTYPE');
  });
});

describe('GRUB finds no fault', () => {
  const hours = { from: 18 * 60, until: 7 * 60 + 30 };
  const lab = `Room 12: "Maths' & Physics" $(reboot)`;
  const wishes = [
    { lab, hours, kernelOptions: '' },
    { lab, hours: null, kernelOptions: 'nomodeset' },
    { lab, hours: { from: 60, until: 240 }, kernelOptions: 'console=ttyS0 console=tty0' },
  ];
  const boots = wishes.map((one) => grubScript(one));
  test.each([
    ['a stick’s menu', wishes.map(bootMenu)],
    ['a floppy’s menu', wishes.map(floppyMenu)],
    ['what PCs get over the network', [...boots, grubEntranceScript(7414)]],
    ['what they get while they wait, and in the morning', [grubWaitScript(3), grubDiskScript]],
  ])('with %s', (_what, scripts) => {
    expect(scripts.map(grubAgrees)).toEqual(scripts.map(() => ''));
  });

  test('where there is none: it does see one', () => {
    expect(grubAgrees('if [ 1 -eq 1 ]; then\n')).toContain('error');
  });
});

describe('a restored stick', () => {
  test.each([300, 4096, 40_000])('of %i MiB is in order for fsck.fat', async (size) => {
    const image = await imageFile(`restored-${size}.img`, mebibytes(size), (whole) =>
      ordinaryStick(whole, 7),
    );
    expect(run('sfdisk', '--verify', image)).toContain('No errors detected');
    // Its partition as a device of its own: a copy would take longer than everything else.
    const volume = run('losetup', '--find', '--show', '--offset', String(mebibytes(1)), image);
    try {
      expect(run('fsck.fat', '-n', volume.trim())).toMatch(/[01] files/);
    } finally {
      run('losetup', '--detach', volume.trim());
    }
    rmSync(image);
  });
});

/** A loop device in a stick's clothes: only the description that the safety check sees is made up. */
class LoopStick {
  readonly file: string;
  readonly path: string;
  facts: Drive;

  constructor(name: string, size: number) {
    this.file = join(folder, name);
    writeFileSync(this.file, '');
    run('truncate', '--size', String(size), this.file);
    this.path = run('losetup', '--find', '--show', this.file).trim();
    this.facts = driveOf(this.path, {
      size: bytes(size),
      uses: [useOf(this.path, { kind: 'disk' })],
    });
  }

  readonly drives = new SystemDrives(
    { ...linuxDrives, list: async () => ok([this.facts]) },
    driveRules,
  );

  judged(): ErasableDrive {
    const judged = judgeDrive(this.facts, { identity: null, typedName: null });
    if (!judged.ok) throw new Error(refusalWords(judged.error));
    return judged.value;
  }

  remove(): void {
    run('losetup', '--detach', this.path);
    rmSync(this.file);
  }
}

describe('a real block device', () => {
  const size = mebibytes(300);
  let stick: LoopStick;
  beforeAll(() => {
    stick = new LoopStick('loop', size);
  });
  afterAll(() => stick.remove());

  describe('keeps the promises of its port', () => {
    blockDeviceContract(() => ({
      size,
      keeps: true,
      open: () => stick.drives.open(stick.judged()),
    }));
  });

  test('becomes a boot stick', async () => {
    const target = stick.judged();
    const wished = wish();
    const [result] = await write({
      target: stick.path,
      open: () => stick.drives.open(target),
      image: (whole) => stickImage(whole, wished),
    });
    expect(result).toMatchObject({ ok: true, sentence: null });
    const copy = join(folder, 'copy');
    run('mcopy', '-n', '-o', '-i', `${stick.path}@@1M`, '::system.img', copy);
    expect(Buffer.compare(readFileSync(copy), readFileSync(wished.parts[0].file))).toBe(0);
    expect(run('mtype', '-i', `${stick.path}@@1M`, '::EFI/debian/grub.cfg')).toContain('Room 12');
    expect(run('sfdisk', '--verify', stick.path)).toContain('No errors detected');
  });

  test('is refused while somebody has it mounted, and untouched', async () => {
    run('mkfs.ext4', '-q', '-F', stick.path);
    const before = createHash('sha256').update(readFileSync(stick.file)).digest('hex');
    const mount = join(folder, 'mount');
    mkdirSync(mount, { recursive: true });
    run('mount', '-o', 'ro,noload', stick.path, mount);
    try {
      // The list does not say so yet: whoever mounted it was quicker.
      expect(await stick.drives.open(stick.judged())).toMatchObject({
        ok: false,
        error: {
          fault: 'busy',
          facts: { sentence: expect.stringContaining('is in use') as string },
        },
      });
    } finally {
      run('umount', mount);
    }
    expect(createHash('sha256').update(readFileSync(stick.file)).digest('hex')).toBe(before);
  });

  test('is unmounted first when people mounted it', async () => {
    const mount = join('/media', `nightshift-${process.pid}`);
    mkdirSync(mount, { recursive: true });
    run('mount', stick.path, mount);
    stick.facts = {
      ...stick.facts,
      uses: [useOf(stick.path, { kind: 'disk', fileSystem: 'vfat', mountedAt: [mount] })],
    };
    try {
      const opened = await stick.drives.open(stick.judged());
      expect(opened).toMatchObject({ ok: true });
      if (opened.ok) await opened.value.close();
      expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(mount);
    } finally {
      spawnSync('umount', [mount]);
      rmSync(mount, { recursive: true });
      stick.facts = { ...stick.facts, uses: [useOf(stick.path, { kind: 'disk' })] };
    }
  });

  test('is refused when another stick was put in its place', async () => {
    const chosen = stick.judged();
    stick.facts = { ...stick.facts, sequence: 99 };
    expect(await stick.drives.open(chosen)).toMatchObject({
      ok: false,
      error: {
        fault: 'swapped',
        facts: { sentence: expect.stringContaining('Another drive') as string },
      },
    });
  });

  test('is reported as gone when it was pulled out', async () => {
    const gone = new SystemDrives({ ...linuxDrives, list: async () => ok([]) }, driveRules);
    expect(await gone.open(stick.judged())).toMatchObject({
      ok: false,
      error: { fault: 'vanished' },
    });
  });
});

describe('the drives of this machine', () => {
  test('are listed, and none that it runs from may be erased', async () => {
    const drives = new SystemDrives(linuxDrives, driveRules);
    const listed = await drives.list();
    if (!listed.ok) throw new Error(refusalWords(listed.error));
    const root = listed.value.filter(({ uses }) =>
      uses.some(({ mountedAt }) => mountedAt.includes('/')),
    );
    for (const drive of [...root, ...listed.value.filter(({ kind }) => kind !== 'disk')]) {
      expect(judgeDrive(drive, { identity: null, typedName: drive.name }).ok).toBe(false);
    }
  });
});
