import fc from 'fast-check';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  decodeBootEntry,
  node,
  type BootEntry,
} from '../../../src-member/core/own-system/boot-entry.ts';
import { chooseOwnSystem } from '../../../src-member/core/own-system/choose-own-system.ts';
import { FirmwareVariables } from '../../../src-member/platform/firmware-variables.ts';

const text = (value: string): Buffer => Buffer.from(`${value}\0`, 'utf16le');
const pathNode = (type: number, subType: number, content: Buffer = Buffer.alloc(0)): Buffer => {
  const length = content.length + 4;
  return Buffer.concat([Buffer.of(type, subType, length & 0xff, length >> 8), content]);
};
const end = pathNode(0x7f, 0xff);
const option = (description: string, nodes: readonly Buffer[], attributes = 1): Buffer => {
  const path = Buffer.concat([...nodes, end]);
  const head = Buffer.alloc(6);
  head.writeUInt32LE(attributes, 0);
  head.writeUInt16LE(path.length, 4);
  return Buffer.concat([head, text(description), path, Buffer.from('optional data')]);
};
const partition = pathNode(4, 1, Buffer.alloc(38));
const usb = [pathNode(2, 1, Buffer.alloc(8)), pathNode(3, 5, Buffer.alloc(2))];
const sata = [pathNode(2, 1, Buffer.alloc(8)), pathNode(3, 18, Buffer.alloc(6))];
const fileNode = (path: string): Buffer => pathNode(4, 4, text(path));

const windows = option('Windows Boot Manager', [
  partition,
  fileNode('\\EFI\\Microsoft\\Boot\\bootmgfw.efi'),
]);
const debian = option('debian', [partition, fileNode('\\EFI\\debian\\shimx64.efi')]);
const stick = option('UEFI: SanDisk Ultra', usb);
const wholeDisk = option('UEFI OS', sata);
const network = option('UEFI: PXE IPv4', [pathNode(3, 11, Buffer.alloc(33))]);
const setup = option('Setup', [pathNode(4, 7, Buffer.alloc(16))]);

const entries = (...options: readonly Buffer[]): readonly BootEntry[] =>
  options.map((one, number) => {
    const entry = decodeBootEntry(number, one);
    if (!entry) throw new Error('no entry');
    return entry;
  });

describe('a boot entry of the firmware', () => {
  test('says what it is and where it lies', () => {
    expect(decodeBootEntry(3, windows)).toEqual({
      number: 3,
      active: true,
      description: 'Windows Boot Manager',
      nodes: ['4/1', node.file],
      file: '\\EFI\\Microsoft\\Boot\\bootmgfw.efi',
    });
    expect(decodeBootEntry(0, stick)?.nodes).toContain(node.usb);
    expect(decodeBootEntry(0, option('off', usb, 0))?.active).toBe(false);
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
  });

  test('is the one the firmware likes best among equals', () => {
    const all = entries(debian, option('ubuntu', [partition, fileNode('\\EFI\\ubuntu\\x.efi')]));
    expect(chooseOwnSystem({ entries: all, order: [1, 0], current: null })?.description).toBe(
      'ubuntu',
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

  test('of a PC without UEFI are none', () => {
    const firmware = new FirmwareVariables('/nowhere');
    expect(firmware.bootOptions()).toEqual([]);
    expect(firmware.bootOrder()).toEqual([]);
    expect(firmware.bootCurrent()).toBeNull();
  });
});
