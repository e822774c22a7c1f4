import { ok, type Result } from '../../../shared/base/result.ts';
import { refuseFor } from '../../../shared/domain/refusals.ts';
import { minutes, type EpochMillis, type MonotonicMillis } from '../../../shared/base/units.ts';
import { parseApprovalCode } from '../../../shared/domain/approval-code.ts';
import type { KnownPc } from '../../../shared/domain/known-pc.ts';

/** A technician walks from the PC to the head within it; then the PC shows another. */
export const codeLife = minutes(15);
/** A waiting PC asks every few seconds; one that does not was switched off, and its code lets nobody in. */
export const codeSilence = minutes(1);
/** So that a flood of made-up PCs makes neither the list unreadable nor a lucky guess likely: 1 in 700,000. */
const waitingLimit = 200;
const waitingPerAddress = 4;
/** Wrong codes within a minute, whoever typed them; 148 million codes take fifty years that way. */
const wrongLimit = 5;
const wrongWithin = minutes(1);

/** A PC that shows a code, known by the key that it made for itself. */
export interface WaitingPc {
  readonly publicKeySha256: string;
  readonly nonce: string;
  readonly code: string;
  readonly machineKey: string;
  readonly hardware: string;
  readonly name: string | null;
  readonly address: string;
  readonly since: MonotonicMillis;
  readonly sinceWall: EpochMillis;
  readonly heard: MonotonicMillis;
  readonly verdict: 'none' | 'approved' | 'refused';
}

export interface ApprovalBook {
  /** By public key. */
  readonly waiting: ReadonlyMap<string, WaitingPc>;
  /** Those a person has decided on. */
  readonly known: readonly KnownPc[];
  readonly wrongAt: readonly MonotonicMillis[];
}

export const approvalBook = (known: readonly KnownPc[]): ApprovalBook => ({
  waiting: new Map(),
  known,
  wrongAt: [],
});

/** Without those that have gone or waited too long. */
export function dropSilent(book: ApprovalBook, now: MonotonicMillis): ApprovalBook {
  const waiting = [...book.waiting].filter(
    ([, pc]) => now - pc.heard <= codeSilence && now - pc.since <= codeLife,
  );
  return waiting.length === book.waiting.size ? book : { ...book, waiting: new Map(waiting) };
}

export const knownPc = (
  book: ApprovalBook,
  machineKey: string,
  hardware: string,
  /** Its cards, by one of which it may have called itself when it was decided on. */
  keys: readonly string[] = [],
): KnownPc | undefined =>
  book.known.find(
    (pc) =>
      pc.hardware === hardware && (pc.machineKey === machineKey || keys.includes(pc.machineKey)),
  );

export type Queueing = 'waits' | 'too-many' | 'same-code';

/** A PC begins to wait. */
export function queue(book: ApprovalBook, pc: WaitingPc): readonly [ApprovalBook, Queueing] {
  const others = [...book.waiting.values()];
  if (others.some(({ code }) => code === pc.code)) return [book, 'same-code'];
  const here = others.filter(({ address }) => address === pc.address).length;
  if (others.length >= waitingLimit || here >= waitingPerAddress) return [book, 'too-many'];
  return [{ ...book, waiting: new Map(book.waiting).set(pc.publicKeySha256, pc) }, 'waits'];
}

/** A person typed a code: the PC behind it comes in, or stays out, from now on and at every later boot. */
export function decideCode(
  before: ApprovalBook,
  typed: string,
  verdict: 'approved' | 'refused',
  now: MonotonicMillis,
  wall: EpochMillis,
): readonly [ApprovalBook, Result<WaitingPc>] {
  const wrongAt = before.wrongAt.filter((at) => now - at < wrongWithin);
  const book = { ...dropSilent(before, now), wrongAt };
  if (wrongAt.length >= wrongLimit) {
    return [book, refuseFor('refused', 'too-many-wrong-codes', {})];
  }
  const code = parseApprovalCode(typed);
  // What cannot be a code is a slip of the hand and no guess.
  if (!code.ok) return [book, code];
  const found = [...book.waiting.values()].find(
    (pc) => pc.code === code.value && pc.verdict === 'none',
  );
  if (found === undefined) {
    return [
      { ...book, wrongAt: [...wrongAt, now] },
      refuseFor('not-found', 'no-pc-with-that-code', { code: code.value }),
    ];
  }
  const { machineKey, hardware, name } = found;
  const known = [
    ...book.known.filter((pc) => pc.machineKey !== machineKey || pc.hardware !== hardware),
    { machineKey, hardware, name, verdict, at: wall },
  ];
  const waiting = new Map(book.waiting).set(found.publicKeySha256, { ...found, verdict });
  return [{ ...book, known, waiting }, ok(found)];
}

/** Whatever was decided on this machine is undone; it waits for a code at its next boot. */
export function forgetPc(book: ApprovalBook, machineKey: string): ApprovalBook {
  const known = book.known.filter((pc) => pc.machineKey !== machineKey);
  return known.length === book.known.length ? book : { ...book, known };
}
