import { bytes, formatSize, mebibytes } from '../base/units.ts';

/** A program's output lies in RAM while it runs. Of a flood the beginning and the end are kept, so many bytes of each. */
export const logFirst: number = mebibytes(32);
export const logLast: number = mebibytes(32);

/** Stands where the middle of a flood was. */
export const cutNote = (dropped: number): string =>
  `\n[nightshift: ${dropped} bytes of output (${formatSize(bytes(dropped))}) were left out here]\n`;

/** No note is longer. */
export const cutNoteLength = 120;

/** How much was left out, when the note stands at the beginning of this text, and how long the note is. */
export function readCutNote(
  text: string,
): { readonly dropped: number; readonly length: number } | undefined {
  const note = /^\n\[nightshift: (\d+) bytes of output \([^)\n]+\) were left out here\]\n/.exec(
    text,
  );
  return note ? { dropped: Number(note[1]), length: note[0].length } : undefined;
}
