import { expect, test } from 'vitest';
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

test('what the odd inputs are made of is good: otherwise nothing would be tried but the first check', () => {
  const isUnderstood = (decode: (text: string) => { readonly ok: boolean }) => (good: unknown) =>
    decode(JSON.stringify(good)).ok;
  expect(fromMember.filter((good) => !isUnderstood(decodeToHead)(good))).toEqual([]);
  expect(fromHead.filter((good) => !isUnderstood(decodeToMember)(good))).toEqual([]);
  expect(isUnderstood(decodeLsblk)(request.lsblk)).toBe(true);
  for (const result of request.results)
    expect(decodeResultLine(JSON.stringify(result))).toEqual(result);
});
