import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectRoot } from '../../../scripts/project-node.mjs';
import {
  decodeModuleWish,
  firmwareOf,
  isDiskDriver,
  parseModuleDependencies,
  selectModules,
  type ModuleWish,
} from '../../../src-main/platform/system-builder/kernel-modules.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';

/** As depmod writes it. */
const dependencies = parseModuleDependencies(
  [
    'kernel/drivers/net/mii.ko.xz:',
    'kernel/drivers/net/usb/usbnet.ko.xz: kernel/drivers/net/mii.ko.xz kernel/drivers/usb/core/usbcore.ko.xz',
    'kernel/drivers/net/usb/asix.ko.xz: kernel/drivers/net/usb/usbnet.ko.xz kernel/drivers/net/mii.ko.xz kernel/drivers/usb/core/usbcore.ko.xz',
    'kernel/drivers/net/usb/qmi_wwan.ko.xz: kernel/drivers/net/usb/usbnet.ko.xz',
    'kernel/drivers/usb/core/usbcore.ko.xz:',
    'kernel/drivers/mmc/core/mmc_core.ko.xz:',
    'kernel/drivers/ssb/ssb.ko.xz: kernel/drivers/mmc/core/mmc_core.ko.xz',
    'kernel/drivers/net/ethernet/broadcom/b44.ko.xz: kernel/drivers/ssb/ssb.ko.xz kernel/drivers/mmc/core/mmc_core.ko.xz',
    'kernel/drivers/ata/ahci.ko.xz:',
    'kernel/drivers/block/loop.ko.xz:',
    'kernel/fs/squashfs/squashfs.ko.xz:',
  ].join('\n'),
);
const wish = (wanted: readonly string[], unwanted: readonly string[] = []): ModuleWish => ({
  initramfs: ['drivers/block/loop', 'fs/squashfs/squashfs'],
  wanted: [...wanted],
  unwanted: [...unwanted],
});

describe('the choice of kernel modules', () => {
  test('a driver brings all that it needs, and the initramfs its own', () => {
    const selected = selectModules(wish(['drivers/net/usb/asix']), dependencies);
    expect(selected).toEqual({
      ok: true,
      value: {
        modules: [
          'drivers/block/loop',
          'drivers/net/mii',
          'drivers/net/usb/asix',
          'drivers/net/usb/usbnet',
          'drivers/usb/core/usbcore',
          'fs/squashfs/squashfs',
        ],
        initramfs: ['drivers/block/loop', 'fs/squashfs/squashfs'],
      },
    });
  });

  test('of a whole folder some can be left out', () => {
    const selected = selectModules(
      wish(['drivers/net/usb/*'], ['drivers/net/usb/qmi_wwan']),
      dependencies,
    );
    expect(selected.ok && selected.value.modules).not.toContain('drivers/net/usb/qmi_wwan');
  });

  test('a disk driver is refused, wanted or needed by something harmless', () => {
    const wanted = selectModules(wish(['drivers/ata/ahci']), dependencies);
    expect(!wanted.ok && refusalWords(wanted.error)).toBe(
      'A member must not have the disk driver drivers/ata/ahci.',
    );
    const needed = selectModules(wish(['drivers/net/ethernet/broadcom/b44']), dependencies);
    expect(!needed.ok && refusalWords(needed.error)).toBe(
      'A member must not have the disk driver drivers/mmc/core/mmc_core, which drivers/net/ethernet/broadcom/b44 needs.',
    );
  });

  test('a driver that this kernel does not have is told, not passed over', () => {
    const selected = selectModules(wish(['drivers/net/ethernet/fealnx']), dependencies);
    expect(!selected.ok && refusalWords(selected.error)).toContain('"drivers/net/ethernet/fealnx"');
  });

  test.each([
    'drivers/ata/ahci',
    'drivers/block/nbd',
    'drivers/block/virtio_blk',
    'drivers/md/raid1',
    'drivers/mmc/core/mmc_block',
    'drivers/mtd/mtdblock',
    'drivers/nvme/host/nvme',
    'drivers/nvdimm/nd_pmem',
    'drivers/scsi/sd_mod',
    'drivers/scsi/virtio_scsi',
    'drivers/usb/storage/uas',
    'drivers/usb/storage/usb-storage',
  ])('%s reaches disks', (module) => {
    expect(isDiskDriver(module)).toBe(true);
  });

  test.each(['drivers/block/loop', 'drivers/net/virtio_net', 'drivers/usb/host/xhci-pci'])(
    '%s reaches no disk',
    (module) => {
      expect(isDiskDriver(module)).toBe(false);
    },
  );

  test('the shipped list names no disk driver and asks for the cards that labs have', () => {
    const path = join(projectRoot, 'assets', 'member-os', 'boot', 'modules.json');
    const shipped = decodeModuleWish(JSON.parse(readFileSync(path, 'utf8')));
    if (!shipped.ok) throw new Error(refusalWords(shipped.error));
    const { initramfs, wanted } = shipped.value;
    expect([...initramfs, ...wanted].filter(isDiskDriver)).toEqual([]);
    for (const card of ['intel/**', 'realtek/**', 'broadcom/**', 'aquantia/**'])
      expect(wanted).toContain(`drivers/net/ethernet/${card}`);
  });

  test('firmware is what a module names in its own description', () => {
    const text = 'code\0license=GPL\0firmware=rtl_nic/rtl8168h-2.fw\0firmware=tigon/tg3.bin\0rest';
    expect(firmwareOf(Buffer.from(text, 'latin1'))).toEqual([
      'rtl_nic/rtl8168h-2.fw',
      'tigon/tg3.bin',
    ]);
  });
});
