import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  decodeBootEntry,
  node,
  type BootEntry,
} from '../../../src-member/core/own-system/boot-entry.ts';
import {
  chooseOwnSystem,
  ownSystems,
} from '../../../src-member/core/own-system/choose-own-system.ts';
import {
  decodeTries,
  encodeTries,
  nextTry,
  type Tries,
} from '../../../src-member/core/own-system/next-try.ts';
import { FirmwareVariables } from '../../../src-member/platform/pc/firmware-variables.ts';

const text = (value: string): Buffer => Buffer.from(`${value}\0`, 'utf16le');
const pathNode = (type: number, subType: number, content: Buffer = Buffer.alloc(0)): Buffer => {
  const length = content.length + 4;
  return Buffer.concat([Buffer.of(type, subType, length & 0xff, length >> 8), content]);
};
const end = pathNode(0x7f, 0xff);
const option = (
  description: string,
  nodes: readonly Buffer[],
  attributes = 1,
  more: Buffer = Buffer.from('optional data'),
): Buffer => {
  const path = Buffer.concat([...nodes, end]);
  const head = Buffer.alloc(6);
  head.writeUInt32LE(attributes, 0);
  head.writeUInt16LE(path.length, 4);
  return Buffer.concat([head, text(description), path, more]);
};
const partitionOf = (table: 'gpt' | 'mbr', signature: number, first = 2048): Buffer => {
  const content = Buffer.alloc(38);
  content.writeUInt32LE(1, 0);
  content.writeUInt32LE(first, 4);
  content.writeUInt32LE(signature, 20);
  content.writeUInt8(table === 'gpt' ? 2 : 1, 36);
  content.writeUInt8(table === 'gpt' ? 2 : 1, 37);
  return pathNode(4, 1, content);
};
const pci = [pathNode(2, 1, Buffer.alloc(8)), pathNode(1, 1, Buffer.alloc(2))];
const esp = partitionOf('gpt', 0xe5);
const sticks = partitionOf('mbr', 0x57);
const usb = [...pci, pathNode(3, 5, Buffer.alloc(2))];
const sata = [...pci, pathNode(3, 18, Buffer.alloc(6))];
const nvme = [...pci, pathNode(3, 23, Buffer.alloc(12))];
const mac = pathNode(3, 11, Buffer.alloc(33));
const fileNode = (path: string): Buffer => pathNode(4, 4, text(path));
/** Firmware with CSM boots these as a BIOS does. */
const bbs = (type: number, name = ''): Buffer =>
  pathNode(5, 1, Buffer.concat([Buffer.of(type, 0, 0, 0), Buffer.from(`${name}\0`)]));
const vendorMessage = pathNode(3, 10, Buffer.alloc(17));

const windows = option('Windows Boot Manager', [
  esp,
  fileNode('\\EFI\\Microsoft\\Boot\\bootmgfw.efi'),
]);
const debian = option('debian', [esp, fileNode('\\EFI\\debian\\shimx64.efi')]);
const stick = option('UEFI: SanDisk Ultra', usb);
const wholeDisk = option('UEFI OS', sata);
const network = option('UEFI: PXE IPv4', [mac]);
const setup = option('Setup', [pathNode(4, 7, Buffer.alloc(16))]);

const entries = (...options: readonly Buffer[]): readonly BootEntry[] =>
  options.map((one, number) => {
    const entry = decodeBootEntry(number, one);
    if (!entry) throw new Error('no entry');
    return entry;
  });

/** Started from the first one, all of them in the order. */
const namesOf = (...options: readonly Buffer[]): readonly string[] =>
  ownSystems({ entries: entries(...options), order: options.map((_, at) => at), current: 0 }).map(
    ({ description }) => description,
  );

describe('a boot entry of the firmware', () => {
  test('says what it is and where it lies', () => {
    expect(decodeBootEntry(3, windows)).toEqual({
      number: 3,
      active: true,
      hidden: false,
      isSystem: true,
      description: 'Windows Boot Manager',
      nodes: ['4/1', node.file],
      file: '\\EFI\\Microsoft\\Boot\\bootmgfw.efi',
      partition: { table: 'gpt', id: `e5${'0'.repeat(30)}@2048` },
      bbs: null,
      words: Buffer.from('optional data').toString('utf16le'),
    });
    expect(decodeBootEntry(0, stick)?.nodes).toContain(node.usb);
    expect(decodeBootEntry(0, option('off', usb, 0))?.active).toBe(false);
    expect(decodeBootEntry(0, option('', [bbs(2, 'WDC WD10')]))?.bbs).toEqual({
      type: 2,
      name: 'WDC WD10',
    });
  });

  test('that is damaged is none, whatever it looks like', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const entry = decodeBootEntry(0, bytes);
        if (entry) expect(entry.description.length).toBeLessThan(200);
      }),
    );
    for (let length = 0; length < windows.length - 'optional data'.length; length += 1) {
      expect(decodeBootEntry(0, windows.subarray(0, length))).toBeUndefined();
    }
  });
});

describe('the own system of a PC', () => {
  test.each<readonly [string, readonly Buffer[], readonly number[], string | undefined]>([
    ['Windows, wherever it stands', [stick, debian, windows], [0, 1, 2], 'Windows Boot Manager'],
    ['Windows, though out of the order', [stick, windows], [0], 'Windows Boot Manager'],
    ['another installed system', [stick, network, wholeDisk, debian], [0, 1, 2, 3], 'debian'],
    ['a whole disk', [stick, network, setup, wholeDisk], [0, 1, 2, 3], 'UEFI OS'],
    ['none, when there is but the stick', [stick, network, setup], [0, 1, 2], undefined],
    ['none that is switched off', [stick, option('debian', sata, 0)], [0, 1], undefined],
  ])('is %s', (_what, options, order, description) => {
    const chosen = chooseOwnSystem({ entries: entries(...options), order, current: 0 });
    expect(chosen?.description).toBe(description);
  });

  test('is never what this very start came from, unless that is Windows', () => {
    const all = entries(debian, wholeDisk);
    expect(chooseOwnSystem({ entries: all, order: [0, 1], current: 0 })?.number).toBe(1);
    expect(namesOf(windows)).toEqual(['Windows Boot Manager']);
  });

  test('is the one the firmware likes best among equals', () => {
    const all = entries(debian, option('ubuntu', [esp, fileNode('\\EFI\\ubuntu\\grubx64.efi')]));
    expect(chooseOwnSystem({ entries: all, order: [1, 0], current: null })?.description).toBe(
      'ubuntu',
    );
  });

  test('on a board with CSM is its hard disk, not the diskette, the card or the stick', () => {
    const board = (...more: readonly Buffer[]): readonly string[] =>
      namesOf(
        option('UEFI: stick', usb),
        option('Diskette Drive', [bbs(1)]),
        option('Onboard NIC', [bbs(6)]),
        option('CD/DVD/CD-RW Drive', [bbs(3)]),
        option('USB Storage Device', [bbs(5)]),
        option('IBA GE Slot 00C8 v1553', [bbs(0x80)]),
        option('unknown', [bbs(0xff)]),
        // Some boards call a stick a hard disk.
        option('SanDisk Cruzer Blade 1.26', [bbs(2)]),
        option('Hard Drive', [bbs(2, 'USB Flash Disk')]),
        option('Hard Drive', [bbs(2, 'Generic Mass-Storage 8.07')]),
        ...more,
      );
    expect(board(option('SATA SSD', [bbs(2)]))).toEqual(['SATA SSD']);
    expect(board()).toEqual([]);
  });

  test('is found by its name where the firmware writes messages of its own', () => {
    const lenovo = (name: string): Buffer => option(name, [vendorMessage]);
    const foreign = ['USB HDD', 'USB CD', 'USB FDD', 'ATAPI CD0', 'PCI LAN', 'OTHER HDD'];
    const pages = ['Setup', 'Boot Menu', 'Diagnostic Splash Screen', 'Lenovo Diagnostics'];
    const more = ['Regulatory Information', 'ThinkShield secure wipe', 'LENOVO CLOUD', 'Other CD'];
    expect(namesOf(...[...foreign, ...pages, ...more].map(lenovo))).toEqual([]);
    expect(namesOf(...[...foreign, 'NVMe0', 'ATA HDD0: WDC WD5000'].map(lenovo))).toEqual([
      'NVMe0',
      'ATA HDD0: WDC WD5000',
    ]);
  });

  test('is no updater, no diagnosis, no recovery, no shell, wherever they lie', () => {
    const at = (description: string, path: string, attributes = 1, more?: Buffer): Buffer =>
      option(description, [esp, fileNode(path)], attributes, more);
    expect(
      namesOf(
        stick,
        at('Linux-Firmware-Updater', '\\EFI\\debian\\fwupdx64.efi'),
        // fwupd under Secure Boot: shim, told what to start.
        at('Linux', '\\EFI\\debian\\shimx64.efi', 1, text('\\fwupdx64.efi')),
        at('HP UEFI Diagnostics', '\\EFI\\HP\\SystemDiags\\SystemDiags.efi'),
        at('Dell OS', '\\EFI\\Dell\\SOS\\grubx64.efi'),
        at('Lenovo Recovery System', '\\EFI\\Lenovo\\Boot\\LenovoBT.efi'),
        at('UEFI Shell', '\\EFI\\tools\\shellx64.efi'),
        at('memtest86+', '\\EFI\\debian\\memtest86+x64.efi'),
        at('debian', '\\EFI\\debian\\mmx64.efi'),
        at('debian', '\\EFI\\debian\\fbx64.efi'),
        at('iPXE', '\\EFI\\ipxe\\ipxe.efi'),
        at('something', '\\EFI\\something\\program.efi'),
        at('an application', '\\EFI\\debian\\grubx64.efi', 0x101),
        at('left out of the menu', '\\EFI\\debian\\grubx64.efi', 0x9),
      ),
    ).toEqual([]);
  });

  test('is a loader of a system on a disk of its own, of whatever system', () => {
    const loaders = [
      '\\EFI\\fedora\\shimx64-fedora.efi',
      '\\EFI\\ubuntu\\grubx64.efi',
      '\\EFI\\systemd\\systemd-bootx64.efi',
      '\\EFI\\refind\\refind_x64.efi',
      '\\EFI\\Linux\\arch.efi',
      '\\EFI\\freebsd\\loader.efi',
      '\\EFI\\BOOT\\BOOTX64.EFI',
      '\\System\\Library\\CoreServices\\boot.efi',
    ];
    const all = loaders.map((path) => option(path, [esp, fileNode(path)]));
    expect(namesOf(stick, ...all)).toEqual(loaders);
  });

  test('lies neither on what can be pulled out nor behind a network', () => {
    const hd = fileNode('\\EFI\\BOOT\\BOOTX64.EFI');
    expect(
      namesOf(
        // Started from the stick, whose partition other entries may name, too.
        option('UEFI: stick, Partition 1', [...usb, sticks, hd]),
        option('UEFI OS', [sticks, hd]),
        option('Windows Boot Manager', [
          ...usb,
          esp,
          fileNode('\\EFI\\Microsoft\\Boot\\bootmgfw.efi'),
        ]),
        option('another stick', [partitionOf('mbr', 0x99), hd]),
        option('any stick', [pathNode(3, 15, Buffer.alloc(7)), esp, hd]),
        option('this very stick', [pathNode(3, 16, Buffer.alloc(6)), esp, hd]),
        option('SD card', [...pci, pathNode(3, 26, Buffer.alloc(1)), esp, hd]),
        option('iSCSI', [
          ...pci,
          mac,
          pathNode(3, 12, Buffer.alloc(23)),
          pathNode(3, 19, Buffer.alloc(18)),
          esp,
          hd,
        ]),
        option('HTTP', [...pci, mac, pathNode(3, 12, Buffer.alloc(23)), pathNode(3, 24)]),
        option('VLAN', [...pci, mac, pathNode(3, 20, Buffer.alloc(2))]),
        option('Fibre Channel', [...pci, pathNode(3, 3, Buffer.alloc(20)), esp, hd]),
        option('disk in memory', [pathNode(4, 9, Buffer.alloc(34)), hd]),
        option('CD', [...sata, pathNode(4, 2, Buffer.alloc(20))]),
        // Optical drives have the nodes of disks, and only their names tell.
        option('UEFI: HL-DT-ST DVDRAM GUD0N', sata),
        option('UEFI: TSSTcorp CDDVDW SH-224FB', sata),
        option('UEFI: MATSHITA BD-MLT', sata),
        option('UEFI: PLDS DU-8A5LH', sata),
        option('ASUS    DRW-24F1ST   a', sata),
        option('ATAPI   iHAS124   W', sata),
        option('PIONEER BD-RW BDR-209D', sata),
        // Says nothing of where it leads.
        option('UEFI Misc Device', pci),
        option('by its partition only', [esp]),
      ),
    ).toEqual([]);
    expect(
      namesOf(stick, option('UEFI: Samsung SSD 970', nvme), option('Mac OS X', [...sata, esp])),
    ).toEqual(['UEFI: Samsung SSD 970', 'Mac OS X']);
  });
});

describe('an entry of a system that is gone', () => {
  const old = option('Windows Boot Manager', [
    partitionOf('gpt', 0x01d),
    fileNode('\\EFI\\Microsoft\\Boot\\bootmgfw.efi'),
  ]);
  const own = ownSystems({ entries: entries(stick, old, debian), order: [0, 1, 2], current: 0 });
  const minute = 60;

  /** Named at each of these seconds. */
  const named = (...seconds: readonly number[]): readonly (string | undefined)[] => {
    let tries: Tries | undefined;
    return seconds.map((now) => {
      const next = nextTry(own, tries, { now, up: 8 });
      // The note goes through the firmware and back.
      if (next) tries = decodeTries(encodeTries(next.tries));
      return next?.entry.description;
    });
  };
  const [stale, good] = ['Windows Boot Manager', 'debian'];

  test('is passed over once it was named twice and the PC is back at once', () => {
    expect(named(100, 130, 160, 190, 220)).toEqual([stale, stale, good, good, undefined]);
  });

  test('counts anew when the PC was in use in between', () => {
    expect(named(0, 30, 60 * minute, 120 * minute, 121 * minute)).toEqual(Array(5).fill(stale));
    // Windows that installs updates starts anew again and again, but not within a minute.
    expect(named(0, 5 * minute, 10 * minute, 15 * minute)).toEqual(Array(4).fill(stale));
  });

  test('is not accused by a clock that begins anew each morning, or was put back', () => {
    expect(named(30, 31, 30, 32, 30)).toEqual(Array(5).fill(stale));
    expect(named(1000, 500, 100)).toEqual(Array(3).fill(stale));
    expect(named(0, 0, 0)).toEqual(Array(3).fill(stale));
  });

  test('is noted in a variable that only its writer understands', () => {
    expect(decodeTries(new Uint8Array())).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const tries = decodeTries(bytes);
        if (tries) expect(encodeTries(tries)).toEqual(bytes);
      }),
    );
  });
});

describe('the variables of the firmware', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nightshift-efivars-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const owner = '8be4df61-93ca-11d2-aa0d-00e098032b8c';
  const put = (name: string, content: Buffer): void =>
    writeFileSync(
      join(folder, `${name}-${owner}`),
      Buffer.concat([Buffer.of(7, 0, 0, 0), content]),
    );

  test('are read past their attributes, and BootNext is written with them', () => {
    put('Boot0003', windows);
    put('Boot000A', stick);
    put('BootOrder', Buffer.of(10, 0, 3, 0));
    put('BootCurrent', Buffer.of(10, 0));
    put('Booting', Buffer.of(1));
    const firmware = new FirmwareVariables(folder);
    expect(new Map(firmware.bootOptions())).toEqual(
      new Map([
        [3, windows],
        [10, stick],
      ]),
    );
    expect(firmware.bootOrder()).toEqual([10, 3]);
    expect(firmware.bootCurrent()).toBe(10);
    firmware.setBootNext(3);
    const written = readFileSync(join(folder, `BootNext-${owner}`));
    expect([...written]).toEqual([7, 0, 0, 0, 3, 0]);
  });

  test('keep a note of ours, and let it be changed', () => {
    const firmware = new FirmwareVariables(folder);
    expect(firmware.tries()).toBeUndefined();
    for (const note of [Uint8Array.of(1, 2), Uint8Array.of(3)]) {
      firmware.setTries(note);
      // As the kernel does with variables it does not know, where this file system can.
      const path = join(folder, readdirSync(folder).find((name) => /Tries/.test(name)) ?? '');
      spawnSync('chattr', ['+i', path]);
      onTestFinished(() => void spawnSync('chattr', ['-i', path]));
      expect([...(firmware.tries() ?? [])]).toEqual([...note]);
    }
  });

  test('of a PC without UEFI are none', () => {
    const firmware = new FirmwareVariables('/nowhere');
    expect(firmware.bootOptions()).toEqual([]);
    expect(firmware.bootOrder()).toEqual([]);
    expect(firmware.bootCurrent()).toBeNull();
  });
});
