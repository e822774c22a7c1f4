import { ok, type Result } from '../../../shared/base/result.ts';
import type { EpochMillis, MonotonicMillis } from '../../../shared/base/units.ts';
import type { EnrolToken } from '../../../shared/domain/enrol-token.ts';
import { keysOf } from '../../../shared/domain/pc-cards.ts';
import { protocolVersion } from '../../../shared/wire/codec.ts';
import {
  proofText,
  type EnrolRefusal,
  type EnrolRefusalCode,
  type EnrolRequest,
} from '../../../shared/wire/enrolment.ts';
import { spendNonce, type NonceBook } from './nonce-book.ts';
import { bindToken, tokenFault, type TokenBook } from './token-book.ts';

export interface EnrolmentBooks {
  readonly tokens: TokenBook;
  readonly nonces: NonceBook;
}

export interface EnrolmentCase {
  readonly lab: { readonly id: string; readonly name: string };
  readonly request: EnrolRequest;
  /** SHA-256 of the key in the certificate request, whose own signature was found good. */
  readonly publicKeySha256: string;
  readonly now: MonotonicMillis;
  readonly wall: EpochMillis;
  /** HMAC-SHA-256 in hex. */
  readonly hmac: (key: string, text: string) => string;
}

/** Whether a PC may enrol. The token it names in the answer is bound to this PC if it is for one PC only. */
export function decideEnrolment(
  books: EnrolmentBooks,
  { lab, request, publicKeySha256, now, wall, hmac }: EnrolmentCase,
): readonly [EnrolmentBooks, Result<EnrolToken, EnrolRefusal>] {
  const machine = request.facts.machineKey;
  const strange = notThisLab(request, lab);
  if (strange) return [books, strange];
  const token = books.tokens.get(request.tokenId);
  if (token === undefined) {
    return [
      books,
      refusal(
        'unknown-token',
        `The head of "${lab.name}" does not know this boot medium's token; make a new boot medium with it.`,
      ),
    ];
  }
  const [nonces, verdict] = spendNonce(books.nonces, request.nonce, now);
  const spent = { ...books, nonces };
  if (verdict === 'spent') {
    return [
      spent,
      refusal(
        'replayed-token',
        'This proof was used before, so somebody repeats what another PC has sent; if nobody does, restart this PC.',
      ),
    ];
  }
  if (verdict === 'stale') {
    return [
      spent,
      refusal(
        'stale-challenge',
        'The proof came too late or the head has restarted; this PC asks again.',
      ),
    ];
  }
  const expected = hmac(token.secret, proofText(request.nonce, machine, publicKeySha256));
  if (!sameText(expected, request.proof)) {
    return [
      spent,
      refusal(
        'bad-proof',
        "The boot medium's token is damaged or forged: its proof is wrong; make a new boot medium.",
      ),
    ];
  }
  // Bound when the PC called itself by another of its cards.
  const bindings = keysOf(request.facts);
  const same = token.boundTo !== null && bindings.includes(token.boundTo);
  const fault = tokenFault(
    token,
    same ? (token.boundTo ?? machine) : machine,
    wall,
    request.hardware,
  );
  if (fault) return [spent, { ok: false, error: fault }];
  const bound = bindToken(books.tokens, token.id, machine, request.hardware);
  return [{ tokens: bound, nonces }, ok(bound.get(token.id) ?? token)];
}

/** Before anything else is looked at. */
export function notThisLab(
  request: { readonly protocol: number; readonly labId: string },
  lab: { readonly id: string; readonly name: string },
): ReturnType<typeof refusal> | undefined {
  if (request.protocol !== protocolVersion) {
    return refusal(
      'protocol',
      `This PC's member system speaks protocol ${request.protocol}, the head speaks ${protocolVersion}; ` +
        'make a new boot medium with this head.',
    );
  }
  if (request.labId === lab.id) return undefined;
  return refusal(
    'wrong-lab',
    `This boot medium belongs to another lab, not to "${lab.name}"; use a boot medium made by this lab's head.`,
  );
}

export function refusal(
  code: EnrolRefusalCode,
  sentence: string,
): { readonly ok: false; readonly error: EnrolRefusal } {
  return { ok: false, error: { code, sentence } };
}

/** Takes as long for a near miss as for any other text of that length. */
function sameText(left: string, right: string): boolean {
  let difference = left.length ^ right.length;
  for (let index = 0; index < left.length; index += 1) {
    difference |= left.charCodeAt(index) ^ (right.charCodeAt(index) || 0);
  }
  return difference === 0;
}
