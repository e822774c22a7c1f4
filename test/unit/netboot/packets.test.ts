import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseMacAddress, type MacAddress } from '../../../shared/domain/mac-address.ts';
import { architectureIn, firmwareOf } from '../../../src-main/core/netboot/client-architecture.ts';
import {
  decodeAnswer,
  decodeQuestion,
  encodeDiscover,
} from '../../../src-main/core/netboot/dhcp-packet.ts';
import { magicPacket } from '../../../src-main/core/netboot/magic-packet.ts';
import { decodeTftpAnswer, encodeReadRequest } from '../../../src-main/core/netboot/tftp-packet.ts';
import { planWakes, wakeGap } from '../../../src-main/core/netboot/wake-plan.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const mac = '52:54:00:ab:cd:ef' as MacAddress;

test('a magic packet is six FF and sixteen times the address, 102 bytes', () => {
  const packet = magicPacket(mac);
  expect(packet).toHaveLength(102);
  expect(hex(packet)).toBe('ffffffffffff' + '525400abcdef'.repeat(16));
});

test('a row of PCs is woken one after the other, twice, each once a round', () => {
  const other = '52:54:00:00:00:02' as MacAddress;
  expect(planWakes([mac, other, mac])).toEqual([
    { mac, after: 0 },
    { mac: other, after: wakeGap },
    { mac, after: 2 * wakeGap },
    { mac: other, after: 3 * wakeGap },
  ]);
});

test.each([
  ['52:54:00:AB:CD:EF', mac],
  ['52-54-00-ab-cd-ef', mac],
  ['5254.00ab.cdef', mac],
  ['00:00:00:00:00:00', undefined],
  ['ff:ff:ff:ff:ff:ff', undefined],
  ['01:00:5e:00:00:01', undefined],
  ['52:54-00:ab:cd:ef', undefined],
  ['pc-07', undefined],
])('%s is the card %s', (text, card) => {
  expect(parseMacAddress(text)).toBe(card);
});

test('what a PC says of its firmware is understood as RFC 4578 has it', () => {
  expect(architectureIn('PXEClient:Arch:00000:UNDI:002001')).toBe(0);
  expect(architectureIn('PXEClient:Arch:00007:UNDI:003016')).toBe(7);
  expect(architectureIn('HTTPClient:Arch:00016:UNDI:003001')).toBe(16);
  expect(architectureIn('MSFT 5.0')).toBeUndefined();
  expect([0, 7, 9, 16, 6, 11].map(firmwareOf)).toEqual([
    'bios',
    'uefi',
    'uefi',
    'uefi-http',
    'other',
    'other',
  ]);
});

describe('DHCP', () => {
  const question = { transaction: 0xdeadbeef, mac, architecture: 7, machine: Array(16).fill(1) };

  test('a question looks as a UEFI PC asks it', () => {
    const bytes = hex(encodeDiscover(question));
    expect(bytes.slice(0, 72)).toBe(
      '01010600' + 'deadbeef' + '00008000' + '00000000'.repeat(4) + '525400abcdef0000',
    );
    expect(bytes.slice(236 * 2)).toBe(
      '63825363' + // magic cookie
        '350101' + // DHCPDISCOVER
        '390205c0' + // 1472 bytes at the most
        '3709' +
        '0103062b3c42438081' +
        '5d020007' + // x86-64 UEFI
        '5e03010201' + // UNDI 2.1
        '611100' +
        '01'.repeat(16) +
        '3c20' +
        Buffer.from('PXEClient:Arch:00007:UNDI:002001').toString('hex') +
        'ff',
    );
    const asked = encodeDiscover({ ...question, architecture: null });
    expect(asked).toHaveLength(300);
    expect(hex(asked)).not.toContain('5d02');
  });

  /** An answer as servers give it. */
  const answer = (change: {
    yours?: number[];
    next?: number[];
    file?: string;
    options: number[];
  }): Uint8Array => {
    const bytes = new Uint8Array(240 + change.options.length);
    bytes.set([2, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef]);
    bytes.set(change.yours ?? [0, 0, 0, 0], 16);
    bytes.set(change.next ?? [0, 0, 0, 0], 20);
    bytes.set(Buffer.from(change.file ?? ''), 108);
    bytes.set([0x63, 0x82, 0x53, 0x63, ...change.options], 236);
    return bytes;
  };
  const pxeClient = [60, 9, ...Buffer.from('PXEClient')];

  test('an ordinary server’s offer has an address and no file', () => {
    const offer = answer({
      yours: [10, 77, 0, 100],
      next: [10, 77, 0, 1],
      options: [53, 1, 2, 54, 4, 10, 77, 0, 1, 255],
    });
    expect(decodeAnswer(offer, '10.77.0.1')).toEqual({
      transaction: 0xdeadbeef,
      kind: 'offer',
      server: '10.77.0.1',
      address: '10.77.0.100',
      bootServer: '10.77.0.1',
      bootFile: null,
      isPxe: false,
    });
  });

  test('a proxy’s offer has a file and no address', () => {
    const offer = answer({
      next: [10, 77, 0, 2],
      file: 'shimx64.efi',
      options: [53, 1, 2, 54, 4, 10, 77, 0, 2, ...pxeClient, 255],
    });
    expect(decodeAnswer(offer, '10.77.0.2')).toMatchObject({
      address: null,
      bootServer: '10.77.0.2',
      bootFile: 'shimx64.efi',
      isPxe: true,
    });
  });

  test('names in options 66 and 67 count, and so do options where names would be', () => {
    const named = [66, 4, ...Buffer.from('old\0'), 67, 10, ...Buffer.from('pxelinux.0')];
    expect(decodeAnswer(answer({ options: [53, 1, 2, ...named, 255] }), '10.0.0.9')).toMatchObject({
      server: '10.0.0.9',
      bootServer: 'old',
      bootFile: 'pxelinux.0',
    });
    const overloaded = answer({
      file: String.fromCharCode(67, 5, ...Buffer.from('a.efi'), 255),
      options: [53, 1, 2, 52, 1, 1, 255],
    });
    expect(decodeAnswer(overloaded, '10.0.0.9')?.bootFile).toBe('a.efi');
  });

  test('anything at all is read or passed over, never a fault', () => {
    const anything = fc.uint8Array({ maxLength: 600 });
    const nearly = fc.array(fc.nat(255), { maxLength: 200 }).map((options) => answer({ options }));
    fc.assert(
      fc.property(fc.oneof(anything, nearly), (bytes) => {
        const read = decodeAnswer(bytes, '10.0.0.9');
        if (read) expect(read.bootFile ?? '').toMatch(/^[\x20-\x7e]*$/);
        decodeTftpAnswer(bytes);
      }),
    );
  });
});

test('TFTP: a read request, a piece and an error', () => {
  expect(Buffer.from(encodeReadRequest('shimx64.efi')).toString('latin1')).toBe(
    '\0\x01shimx64.efi\0octet\0',
  );
  expect(decodeTftpAnswer(Uint8Array.from([0, 3, 0, 1, 77, 90]))).toEqual({
    kind: 'piece',
    block: 1,
    bytes: Uint8Array.from([77, 90]),
  });
  expect(
    decodeTftpAnswer(Uint8Array.from([0, 5, 0, 1, ...Buffer.from('File not found\0')])),
  ).toEqual({ kind: 'error', words: 'File not found' });
});

test('a question says who asks and as what, and anything else says nothing', () => {
  const question = encodeDiscover({ transaction: 7, mac, architecture: 16, machine: [] });
  expect(decodeQuestion(question)).toEqual({
    mac,
    vendorClass: 'PXEClient:Arch:00016:UNDI:002001',
  });
  expect(
    decodeQuestion(encodeDiscover({ transaction: 7, mac, architecture: null, machine: [] })),
  ).toEqual({ mac, vendorClass: '' });
  expect(
    decodeQuestion(Uint8Array.from(question, (byte, at) => (at === 0 ? 2 : byte))),
  ).toBeUndefined();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      expect(() => decodeQuestion(bytes)).not.toThrow();
    }),
  );
});
