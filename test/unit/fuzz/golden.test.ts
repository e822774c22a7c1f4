// What our codecs write, byte for byte, as it was written when the page was made: test/fixtures/golden. Whoever changes a format
// sees here what others will read.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { projectRoot } from '../../../shared/node/project-root.ts';
import { epochMillis } from '../../../shared/base/units.ts';
import { cutNote, readCutNote } from '../../../shared/domain/log-bounds.ts';
import type { MacAddress } from '../../../shared/domain/mac-address.ts';
import { packHoles, unpackHoles } from '../../../shared/node/hole-stream.ts';
import {
  decodeToHead,
  decodeToMember,
  encodeToHead,
  encodeToMember,
} from '../../../shared/wire/codec.ts';
import { decodeResultLine, encodeResultLine } from '../../../shared/wire/result-lines.ts';
import { encodeCpio, file, folder, symlink } from '../../../src-main/core/boot-image/cpio.ts';
import {
  fat32BootSector,
  floppyBootSector,
  freeClusterCount,
} from '../../../src-main/core/boot-image/fat-boot-sector.ts';
import { fat32Shape, floppyShape } from '../../../src-main/core/boot-image/fat-shape.ts';
import { encodeTable } from '../../../src-main/core/boot-image/fat-table.ts';
import { masterBootRecord } from '../../../src-main/core/boot-image/partition-table.ts';
import { encodeDiscover } from '../../../src-main/core/netboot/dhcp-packet.ts';
import { magicPacket } from '../../../src-main/core/netboot/magic-packet.ts';
import { encodeReadRequest, encodeTftpAbort } from '../../../src-main/core/netboot/tftp-packet.ts';
import { SealedFile, type FileWitness } from '../../../src-main/platform/identity/sealed-file.ts';
import { decodeBase, encodeBase } from '../../../src-main/platform/store/log-base.ts';
import { sumOf } from '../../../src-main/platform/store/row-sums.ts';
import { StoreMark } from '../../../src-main/platform/store/store-mark.ts';
import { decodeTries, encodeTries } from '../../../src-member/core/own-system/next-try.ts';
import { framed } from '../../../src-member/platform/snapshots/coalesce.ts';
import {
  decodeImage,
  encodeImage,
  Message,
} from '../../../src-member/platform/snapshots/criu-images.ts';
import { PageProtocol } from '../../../src-member/platform/snapshots/page-sink.ts';
import { fromHead, fromMember, request } from './good-messages.ts';

const page = (name: string): string => join(projectRoot, 'test', 'fixtures', 'golden', name);

/** Sixteen bytes a line, as hexdump(1) writes them; a line of which many follow each other stands once, with its count. */
function dump(bytes: Uint8Array): string {
  const rows: { row: string; times: number; at: number }[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const part = bytes.subarray(at, at + 16);
    const hex = Array.from(part, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = Array.from(part, (byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.',
    ).join('');
    const row = `${hex.padEnd(47)}  ${text}`;
    const last = rows.at(-1);
    if (last?.row === row) last.times += 1;
    else rows.push({ row, times: 1, at });
  }
  const lines = rows.map(
    ({ row, times, at }) =>
      `${at.toString(16).padStart(6, '0')}  ${row}${times > 1 ? `  ×${times}` : ''}`,
  );
  return `${lines.join('\n')}\n${bytes.length} bytes\n`;
}

const isGolden = (name: string, bytes: Uint8Array): Promise<void> =>
  expect(dump(bytes)).toMatchFileSnapshot(page(name));

const all = async (source: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(Uint8Array.from(piece));
  return Buffer.concat(pieces);
};
async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve();
    yield bytes.subarray(at, at + size);
  }
}

function inFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'nightshift-golden-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe('the wire', () => {
  test('to the head', async () => {
    const lines = fromMember.map((good) => {
      const message = decodeToHead(JSON.stringify(good));
      if (!message.ok) throw new Error(`${JSON.stringify(good)} is not understood`);
      const line = encodeToHead(message.value);
      const again = decodeToHead(line);
      // A heartbeat is a few rounded numbers on purpose.
      if (message.value.t !== 'beat') expect(again).toEqual(message);
      return line;
    });
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(page('to-head.txt'));
  });

  test('to a member', async () => {
    const lines = fromHead.map((good) => {
      const message = decodeToMember(JSON.stringify(good));
      if (!message.ok) throw new Error(`${JSON.stringify(good)} is not understood`);
      const line = encodeToMember(message.value);
      expect(decodeToMember(line)).toEqual(message);
      return line;
    });
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(page('to-member.txt'));
  });

  test('lines of results', async () => {
    const lines = request.results.map((good) => {
      const result = decodeResultLine(JSON.stringify(good));
      if (!result) throw new Error(`${JSON.stringify(good)} is not understood`);
      expect(decodeResultLine(encodeResultLine(result))).toEqual(result);
      return encodeResultLine(result);
    });
    await expect(`${lines.join('\n').trimEnd()}\n`).toMatchFileSnapshot(page('result-lines.txt'));
  });
});

describe('streams', () => {
  test('a file with holes', async () => {
    const content = Buffer.concat([
      Buffer.from('begins'),
      Buffer.alloc(200_000),
      Buffer.from('ends'),
      Buffer.alloc(70_000),
    ]);
    const packed = await all(packHoles(pieces(content, 65_536)));
    await isGolden('hole-stream.txt', packed);
    for (const size of [1, 7, 100_000])
      expect((await all(unpackHoles(pieces(packed, size)))).equals(content)).toBe(true);
    await expect(all(unpackHoles(pieces(packed.subarray(0, 8), 3)))).rejects.toThrow('breaks off');
    await expect(all(unpackHoles(pieces(Buffer.from([7, 0, 0, 0, 1]), 5)))).rejects.toThrow(
      'no file with holes',
    );
  });

  test('frames', async () => {
    await isGolden('frames.txt', await all(framed(pieces(Buffer.from('twelve bytes'), 5))));
  });

  test('the page server’s answers, however its commands are cut into pieces', async () => {
    const command = (what: number, flags: number, count: number): Buffer => {
      const bytes = Buffer.alloc(24);
      bytes.writeUInt16LE(what, 0);
      bytes.writeUInt16LE(flags, 2);
      bytes.writeUInt32LE(count, 4);
      return bytes;
    };
    const said = Buffer.concat([
      command(4, 0, 0), // open
      command(6, 4, 2), // two pages follow
      Buffer.alloc(2 * 4096, command(0x1023, 0, 0)), // whose bytes look like commands
      command(6, 0, 5), // five are elsewhere
      command(0x1023, 0, 0), // close
    ]);
    const answers: Buffer[] = [];
    for (const size of [1, 24, 1000, said.length]) {
      const protocol = new PageProtocol();
      const heard: Buffer[] = [];
      for (let at = 0; at < said.length; at += size) {
        expect(protocol.closed).toBe(false);
        const answer = protocol.answerTo(said.subarray(at, at + size));
        if (answer) heard.push(answer);
      }
      expect(protocol.closed).toBe(true);
      answers.push(Buffer.concat(heard));
    }
    for (const answer of answers) expect(answer).toEqual(Buffer.from([0, 0, 0, 0, 0]));
    await isGolden('page-server.txt', said);
  });

  test('an image of CRIU, of which what nobody knows stays as it is', async () => {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(0x5456_4319, 0);
    head.writeUInt32LE(0x4c41_4652, 4);
    const inner = new Message([{ number: 1, wire: 0, value: 300n }]).encode();
    const image = {
      head,
      entries: [
        new Message([
          { number: 1, wire: 0, value: 7n },
          { number: 2, wire: 2, value: Buffer.from('name') },
          { number: 99, wire: 2, value: inner },
        ]),
        new Message([{ number: 3, wire: 0, value: 0xffff_ffff_ffff_ffffn }]),
      ],
    };
    const bytes = encodeImage(image);
    await isGolden('criu-image.txt', bytes);
    expect(encodeImage(decodeImage(bytes)).equals(bytes)).toBe(true);
  });
});

describe('what a home is guarded by', () => {
  test('the mark of its log: torn in one slot the other holds, in both it is damaged', async () => {
    const path = join(inFolder(), 'lab.mark');
    const log = { labId: 'b7c8d9', lastSeq: 41 };
    const mark = StoreMark.open(path, log, (error) => {
      throw error;
    });
    mark.note(42);
    mark.close();
    const written = readFileSync(path);
    await isGolden('store-mark.txt', written);
    expect(StoreMark.read(path)).toEqual({ ...log, lastSeq: 42 });
    const newest = written.subarray(0, 128).includes('42') ? 0 : 128;
    for (const [slots, found] of [
      [[newest], log],
      [[128 - newest], { ...log, lastSeq: 42 }],
      [[0, 128], 'damaged'],
    ] as const) {
      const torn = Buffer.from(written);
      for (const slot of slots) torn[slot + 20] = (torn[slot + 20] ?? 0) ^ 1;
      writeFileSync(path, torn);
      expect(StoreMark.read(path)).toEqual(found);
    }
  });

  test('a sealed file: another bit anywhere in what it says is noticed', async () => {
    const path = join(inFolder(), 'tokens.json');
    const revisions = new Map<string, number>();
    const witness: FileWitness = {
      labId: 'b7c8d9',
      revisionOf: (name) => revisions.get(name) ?? 0,
      note: (name, revision) => void revisions.set(name, revision),
    };
    const sealed = new SealedFile(path, 'tokens', witness);
    sealed.write([{ id: 'a1', label: 'room 12' }]);
    const written = readFileSync(path);
    await isGolden('sealed-file.txt', written);
    expect(sealed.read()).toEqual({ ok: true, value: [{ id: 'a1', label: 'room 12' }] });
    const compact = (bytes: Buffer): string => bytes.toString('latin1').replaceAll(/\s/g, '');
    for (let at = 0; at < written.length; at += 1) {
      const flipped = Buffer.from(written);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      // Other white space between its words says the same.
      if (compact(flipped) === compact(written)) continue;
      writeFileSync(path, flipped);
      expect(sealed.read(), `with another byte ${at}`).toMatchObject({ ok: false });
    }
  });

  test('the base of its log, and the sums of its rows', () => {
    const base = { seq: 12, until: epochMillis(1_764_000_000_000), total: 99 };
    expect(encodeBase(base)).toBe(`12 1764000000000 99 ${sumOf(12, 1_764_000_000_000, 99)}`);
    expect(decodeBase(encodeBase(base))).toEqual(base);
    expect(decodeBase('12 1764000000000 98 1')).toBeUndefined();
    expect([sumOf(), sumOf('a', 1), sumOf('a1'), sumOf('1', 'a')]).toMatchInlineSnapshot(`
      [
        0,
        3884611647,
        1826703395,
        3764193147,
      ]
    `);
  });

  test('the note of what a log lacks', () => {
    expect(cutNote(7)).toMatchInlineSnapshot(`
      "
      [nightshift: 7 bytes of output (7 B) were left out here]
      "
    `);
    expect(readCutNote(cutNote(7))).toEqual({ dropped: 7, length: cutNote(7).length });
  });
});

describe('media', () => {
  const name = { label: 'NIGHTSHIFT', serial: 0x1234_5678 };

  test('a FAT32 volume: boot sector, count of free clusters, table', async () => {
    const shape = fat32Shape(1_000_000, 8);
    await isGolden('fat32-boot-sector.txt', fat32BootSector(shape, name));
    await isGolden('fat32-free-clusters.txt', freeClusterCount(1000, 17));
    await isGolden(
      'fat32-table.txt',
      encodeTable(shape, [
        { cluster: 2, count: 1 },
        { cluster: 3, count: 4 },
      ]),
    );
  });

  test('a floppy: boot sector and table', async () => {
    const shape = floppyShape(30);
    await isGolden(
      'floppy-boot-sector.txt',
      floppyBootSector(Buffer.alloc(512, 0x90), shape, name),
    );
    await isGolden(
      'fat12-table.txt',
      encodeTable(shape, [
        { cluster: 2, count: 3 },
        { cluster: 5, count: 1 },
        { cluster: 6, count: 2 },
      ]),
    );
    expect(() => encodeTable(shape, [{ cluster: 3, count: 1 }])).toThrow('does not follow');
  });

  test('the first sector of a drive', async () => {
    const wish = { bootCode: Buffer.alloc(440, 0x90), diskSignature: 0xcafe_f00d };
    await isGolden(
      'first-sector.txt',
      masterBootRecord({ ...wish, sectors: 4096, bootable: true }),
    );
  });

  test('an archive for the kernel', async () => {
    await isGolden(
      'cpio.txt',
      encodeCpio([
        folder('etc'),
        file('etc/name', Buffer.from('lab\n')),
        symlink('bin', 'usr/bin'),
      ]),
    );
  });
});

describe('packets', () => {
  const mac = '52:54:00:ab:cd:ef' as MacAddress;

  test('a question for DHCP servers', async () => {
    const machine = Array.from({ length: 16 }, (_, at) => at);
    await isGolden(
      'dhcp-discover.txt',
      encodeDiscover({ transaction: 7, mac, architecture: 7, machine }),
    );
  });

  test('a question for TFTP servers, and the end of it', async () => {
    await isGolden('tftp-read-request.txt', encodeReadRequest('shimx64.efi'));
    await isGolden('tftp-abort.txt', encodeTftpAbort());
  });

  test('a call to a sleeping PC', async () => {
    await isGolden('magic-packet.txt', magicPacket(mac));
  });
});

test('what a PC notes of its tries to start its own system', async () => {
  const tries = { at: 1_764_000_000, named: 3, times: 2, failed: [1, 4] };
  await isGolden('tries.txt', encodeTries(tries));
  expect(decodeTries(encodeTries(tries))).toEqual(tries);
});
