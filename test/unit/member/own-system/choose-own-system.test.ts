import { describe, expect, test } from 'vitest';
import { chooseOwnSystem } from '../../../../src-member/core/own-system/choose-own-system.ts';
import {
  text,
  pathNode,
  option,
  partitionOf,
  pci,
  esp,
  sticks,
  usb,
  sata,
  nvme,
  mac,
  fileNode,
  bbs,
  vendorMessage,
  windows,
  debian,
  stick,
  wholeDisk,
  network,
  setup,
  entries,
  namesOf,
} from '../firmware-entries.ts';

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
