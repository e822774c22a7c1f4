import { ok, type Result } from '../../../shared/base/result.ts';
import type { EpochMillis, MonotonicMillis } from '../../../shared/base/units.ts';
import {
  approvalCodeOf,
  approvalText,
  commitmentKey,
  commitmentText,
  committedNonce,
} from '../../../shared/domain/approval-code.ts';
import { keysOf } from '../../../shared/domain/pc-cards.ts';
import type { AskRequest, EnrolRefusal } from '../../../shared/wire/enrolment.ts';
import { codeLife, dropSilent, knownPc, queue, type ApprovalBook } from './approval-book.ts';
import { notThisLab, refusal } from './enrolment.ts';
import { spendNonce, type NonceBook } from './nonce-book.ts';

export interface ApprovalBooks {
  readonly approvals: ApprovalBook;
  readonly nonces: NonceBook;
}

export interface ApprovalCase {
  readonly lab: { readonly id: string; readonly name: string };
  readonly request: AskRequest;
  /** SHA-256 of the head's public key, which the PC has pinned. */
  readonly headKey: string;
  /** Of the key in the certificate request, whose own signature was found good. */
  readonly publicKeySha256: string;
  readonly address: string;
  readonly now: MonotonicMillis;
  readonly wall: EpochMillis;
  readonly hmac: (key: string, text: string) => string;
}

/** in: it may enrol; else it shows this code and asks again. */
export type Admission = { readonly in: true } | { readonly in: false; readonly code: string };

/**
 * Whether a PC without a token may enrol. It asks with a key of its own and a challenge of ours, and goes on asking with
 * the same two while it waits; who took its place on the network would have another key and another code, and cannot try
 * keys until the codes agree: the challenge was given for one key.
 */
export function decideAsking(
  before: ApprovalBooks,
  { lab, request, headKey, publicKeySha256, address, now, wall, hmac }: ApprovalCase,
): readonly [ApprovalBooks, Result<Admission, EnrolRefusal>] {
  const strange = notThisLab(request, lab);
  if (strange) return [before, strange];
  const machineKey = request.facts.machineKey;
  const waits = before.approvals.waiting.get(publicKeySha256);
  if (waits !== undefined && waits.nonce === request.nonce && waits.machineKey === machineKey) {
    const others = new Map(before.approvals.waiting);
    others.delete(publicKeySha256);
    const left = { ...before, approvals: { ...before.approvals, waiting: others } };
    if (waits.verdict === 'approved') return [left, ok({ in: true })];
    if (waits.verdict === 'refused') return [left, keptOut];
    if (now - waits.since > codeLife) {
      return [
        dropped(left, now),
        refusal('stale-challenge', `The code ${waits.code} is too old; this PC shows another.`),
      ];
    }
    const waiting = new Map(before.approvals.waiting).set(publicKeySha256, {
      ...waits,
      heard: now,
    });
    return [
      dropped({ ...before, approvals: { ...before.approvals, waiting } }, now),
      ok({ in: false, code: waits.code }),
    ];
  }

  const [nonces, verdict] = spendNonce(before.nonces, request.nonce, now);
  const spent = dropped({ ...before, nonces }, now);
  if (verdict !== 'good') {
    return [
      spent,
      refusal('stale-challenge', 'The head has restarted or waited too long; this PC asks again.'),
    ];
  }
  const commitment = hmac(commitmentKey, commitmentText(machineKey, publicKeySha256));
  if (!request.nonce.endsWith(committedNonce('', commitment))) {
    return [
      spent,
      refusal('stale-challenge', 'The challenge was given for another key; this PC asks again.'),
    ];
  }
  const keys = keysOf(request.facts);
  const known = knownPc(spent.approvals, machineKey, request.hardware, keys);
  if (known?.verdict === 'approved') return [spent, ok({ in: true })];
  if (known?.verdict === 'refused') return [spent, keptOut];

  const code = approvalCodeOf(
    hmac(request.nonce, approvalText(headKey, machineKey, publicKeySha256)),
  );
  const [approvals, queued] = queue(spent.approvals, {
    ...{ publicKeySha256, nonce: request.nonce, code, machineKey, address },
    ...{ hardware: request.hardware, name: request.wantedName },
    ...{ since: now, sinceWall: wall, heard: now, verdict: 'none' as const },
  });
  if (queued === 'too-many') {
    return [
      spent,
      refusal(
        'too-many-waiting',
        'Too many PCs wait to be let in; approve or refuse those first, at the head.',
      ),
    ];
  }
  if (queued === 'same-code') {
    return [
      spent,
      refusal('stale-challenge', 'Another PC shows the same code; this one asks again.'),
    ];
  }
  return [{ ...spent, approvals }, ok({ in: false, code })];
}

const keptOut = refusal(
  'kept-out',
  'Somebody at the head refused this PC; if that was a mistake, let the head forget it and start this PC again.',
);

const dropped = (books: ApprovalBooks, now: MonotonicMillis): ApprovalBooks => ({
  ...books,
  approvals: dropSilent(books.approvals, now),
});
