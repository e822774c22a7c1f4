import { cutNoteLength, readCutNote } from '../../shared/domain/log-bounds.ts';

export interface LogPiece {
  /** In bytes since the program began, whatever of them is left out. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A stored log in pieces that know where they stood; where the middle of a flood was left out, behind the `first` bytes, offsets jump. */
export async function* piecesOf(
  stored: AsyncIterable<Uint8Array>,
  first: number,
): AsyncGenerator<LogPiece> {
  let offset = 0;
  // What follows the first part, until it is long enough to be known for a note or not.
  let held: Uint8Array | undefined = new Uint8Array();
  for await (const chunk of stored) {
    const before = Math.min(chunk.length, Math.max(0, first - offset));
    if (before > 0) yield { offset, bytes: chunk.subarray(0, before) };
    offset += before;
    if (before === chunk.length) continue;
    const rest = chunk.subarray(before);
    if (held === undefined) {
      yield { offset, bytes: rest };
      offset += rest.length;
      continue;
    }
    held = joined(held, rest);
    if (held.length < cutNoteLength) continue;
    const piece = afterNote(offset, held);
    held = undefined;
    yield piece;
    offset = piece.offset + piece.bytes.length;
  }
  if (held !== undefined && held.length > 0) yield afterNote(offset, held);
}

function afterNote(offset: number, held: Uint8Array): LogPiece {
  const note = readCutNote(String.fromCharCode(...held.subarray(0, cutNoteLength)));
  return note
    ? { offset: offset + note.dropped, bytes: held.subarray(note.length) }
    : { offset, bytes: held };
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
