import type { BootEntry } from './boot-entry.ts';

/** What this PC's firmware keeps for us: which entry was named last, how often, and which did not help. */
export interface Tries {
  /** Seconds by this PC's own clock. */
  readonly at: number;
  readonly named: number;
  readonly times: number;
  readonly failed: readonly number[];
}

/**
 * Seconds in which firmware that falls through to us is here again: a system that starts, and that somebody starts anew,
 * takes longer. `up`: how long our own start has taken so far; a slow PC, or an emulated one, is slow in all of it.
 */
export const fallsThroughWithin = (up: number): number => Math.max(180, 15 * up);
/** An empty clock begins anew whenever the PC is switched on: the same second again is another day. */
const clockMoves = 5;
/** The firmware may have been interrupted by somebody at its menu once. */
const timesEach = 2;

/**
 * Firmware keeps entries of systems that are gone and passes over them to what comes next: our own medium, when it is
 * still in. An entry that was named twice within minutes with us here again does not help, so it is the turn of the next;
 * undefined when none is left.
 */
export function nextTry(
  own: readonly BootEntry[],
  before: Tries | undefined,
  { now, up }: { readonly now: number; readonly up: number },
): { readonly entry: BootEntry; readonly tries: Tries } | undefined {
  const since = before === undefined ? Infinity : now - before.at;
  const isBackAtOnce = since >= clockMoves && since <= fallsThroughWithin(up);
  const known = isBackAtOnce ? before : undefined;
  const failed = [...(known?.failed ?? [])];
  if (known !== undefined && known.times >= timesEach) failed.push(known.named);
  const entry = own.find(({ number }) => !failed.includes(number));
  if (entry === undefined) return undefined;
  const again = known?.named === entry.number ? known.times : 0;
  return { entry, tries: { at: now, named: entry.number, times: again + 1, failed } };
}

const version = 1;
const fixedSize = 1 + 8 + 2 + 1 + 1;

/** Little-endian: version, seconds (8 bytes), entry (2), times, how many failed, those (2 each). */
export function encodeTries({ at, named, times, failed }: Tries): Uint8Array {
  const kept = failed.slice(0, 255);
  const bytes = new Uint8Array(fixedSize + 2 * kept.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, version);
  view.setBigInt64(1, BigInt(Math.floor(at)), true);
  view.setUint16(9, named, true);
  view.setUint8(11, times);
  view.setUint8(12, kept.length);
  kept.forEach((number, index) => view.setUint16(fixedSize + 2 * index, number, true));
  return bytes;
}

/** Undefined for whatever it did not write itself. */
export function decodeTries(bytes: Uint8Array): Tries | undefined {
  if (bytes.length < fixedSize || bytes[0] !== version) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint8(12);
  if (bytes.length !== fixedSize + 2 * count) return undefined;
  return {
    at: Number(view.getBigInt64(1, true)),
    named: view.getUint16(9, true),
    times: view.getUint8(11),
    failed: Array.from({ length: count }, (_, index) =>
      view.getUint16(fixedSize + 2 * index, true),
    ),
  };
}
