import { expect, test } from 'vitest';
import { packHoles, unpackHoles } from '../../../shared/node/hole-stream.ts';
import { decodeToHead, decodeToMember } from '../../../shared/wire/codec.ts';
import { decodeResultLine } from '../../../shared/wire/result-lines.ts';
import { decodeLsblk } from '../../../src-main/platform/drives/lsblk.ts';
import { everyDecoder } from './every-decoder.ts';
import { fromHead, fromMember, request } from './good-messages.ts';
import { OddInputs } from './odd-inputs.ts';

/**
 * `NIGHTSHIFT_FUZZ=1000000 npm test -- unit fuzz` tries a million inputs; `NIGHTSHIFT_FUZZ_SEED=n` is said by a failure and
 * plays the very inputs again.
 */
const count = Number(process.env['NIGHTSHIFT_FUZZ'] ?? 20_000);
const seed = Number(process.env['NIGHTSHIFT_FUZZ_SEED'] ?? 20_261_126);

const each = Math.ceil(count / everyDecoder.length);

test(`${everyDecoder.length} decoders take ${each * everyDecoder.length} odd inputs, and none throws`, () => {
  const thrown: string[] = [];
  for (const [name, once] of everyDecoder) {
    const odd = new OddInputs(seed);
    for (let number = 0; number < each; number += 1) {
      try {
        once(odd);
      } catch (error) {
        const what = error instanceof Error ? error.message : String(error);
        thrown.push(`${name}, input ${number} of NIGHTSHIFT_FUZZ_SEED=${seed}: ${what}`);
        break;
      }
    }
  }
  expect(thrown).toEqual([]);
}, 3_600_000);

test('streams of files with holes are read or refused in a sentence, however they are bent', async () => {
  const good = await gathered(packHoles(only(Buffer.from(`begins${'\0'.repeat(9000)}ends`))));
  const odd = new OddInputs(seed);
  const said = new Set<string>();
  for (let number = 0; number < Math.min(each, 20_000); number += 1) {
    // Beyond a few megabytes a hole would only be long.
    const bytes = Buffer.from(odd.bytes([good]));
    if (bytes.length >= 5 && bytes.readUInt32BE(1) > 1e6) bytes.writeUInt32BE(9, 1);
    let size = 0;
    try {
      for await (const piece of unpackHoles(only(bytes))) {
        size += piece.length;
        if (size > 1e7) break;
      }
      said.add('read');
    } catch (error) {
      said.add(error instanceof Error ? error.message : String(error));
    }
  }
  expect([...said].sort()).toEqual([
    'read',
    'the file breaks off',
    'what came is no file with holes',
  ]);
}, 3_600_000);

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield bytes;
}

async function gathered(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(Uint8Array.from(piece));
  return Buffer.concat(pieces);
}

test('what the odd inputs are made of is good: otherwise nothing would be tried but the first check', () => {
  const isUnderstood = (decode: (text: string) => { readonly ok: boolean }) => (good: unknown) =>
    decode(JSON.stringify(good)).ok;
  expect(fromMember.filter((good) => !isUnderstood(decodeToHead)(good))).toEqual([]);
  expect(fromHead.filter((good) => !isUnderstood(decodeToMember)(good))).toEqual([]);
  expect(isUnderstood(decodeLsblk)(request.lsblk)).toBe(true);
  for (const result of request.results)
    expect(decodeResultLine(JSON.stringify(result))).toEqual(result);
});
