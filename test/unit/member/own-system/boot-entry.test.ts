import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBootEntry, node } from '../../../../src-member/core/own-system/boot-entry.ts';
import { option, usb, bbs, windows, stick } from '../firmware-entries.ts';

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

  test('with a node that is shorter than a node is none', () => {
    for (const length of [0, 1, 3])
      expect(
        decodeBootEntry(0, option('odd', [Buffer.of(3, 5, length, 0), ...usb])),
      ).toBeUndefined();
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
