import { ok, refuse, type Result } from '../base/result.ts';

/**
 * What a PC without a token shows on its screen, and a technician types at the head: six letters and digits, none of
 * which is mistaken for another when read off a screen (no 0 O, 1 I L, 2 Z, 5 S, 8 B, U V). 23⁶ is 148 million.
 */
const alphabet = 'ACDEFGHJKMNPQRTWXY34679';
const length = 6;

/**
 * Both sides make it from what they believe: the head's nonce and key, the PC's machine key and the PC's own public key.
 * Who stands between them has other keys and so another code. Six letters alone would not prove that, since keys can be
 * tried until a code fits; so the PC commits itself to its key first (`commitmentText`) and learns the nonce afterwards, as
 * in ZRTP (RFC 6189, 4.4.1.1): then each key is one try, and the head counts those (core/identity/ask-limit.ts).
 */
export const approvalText = (
  headKey: string,
  machineKey: string,
  publicKeySha256: string,
): string => `approval\n${headKey}\n${machineKey}\n${publicKeySha256}`;

/** HMAC-SHA-256 with `commitmentKey` over it is sent before the nonce is known; it tells nothing of the key. */
export const commitmentText = (machineKey: string, publicKeySha256: string): string =>
  `${machineKey}\n${publicKeySha256}`;
export const commitmentKey = 'nightshift commitment';

/** A nonce that was given for a commitment carries it. */
export const committedNonce = (nonce: string, commitment: string): string =>
  `${nonce}.${commitment}`;

/** `digest`: hex HMAC-SHA-256(key: the nonce, commitment and all; text: `approvalText`). → `K7MQ-4F` */
export function approvalCodeOf(digest: string): string {
  // 128 bits over 148 million codes: what the remainder prefers is far below notice.
  let rest = BigInt(`0x${digest.slice(0, 32)}`);
  let code = '';
  for (let place = 0; place < length; place += 1) {
    code += alphabet[Number(rest % BigInt(alphabet.length))] ?? '';
    rest /= BigInt(alphabet.length);
  }
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

/** As people type it: small letters, without the dash, with spaces. */
export function parseApprovalCode(text: string): Result<string> {
  const letters = text.toUpperCase().replaceAll(/[\s-]/g, '');
  const wrong = [...letters].find((letter) => !alphabet.includes(letter));
  if (letters.length !== length || wrong !== undefined) {
    return refuse(
      'misuse',
      `"${text}" is not a code: it has ${length} letters and digits such as K7MQ-4F` +
        (wrong === undefined ? '' : `, and "${wrong}" is never among them`) +
        '; read it off the PC’s screen again.',
    );
  }
  return ok(`${letters.slice(0, 4)}-${letters.slice(4)}`);
}
