import { plainText } from '../../shared/domain/plain-text.ts';

/** A colour: SGR, but not 8, which hides what follows. */
const colour = /\u001b\[(?!(?:[\d;:]*;)?8(?:;[\d;:]*)?m)[\d;:]*m/g;

/** Keeps what `keep` finds and makes the rest plain. */
function plainBut(text: string, keep: RegExp): string {
  let shown = '';
  let at = 0;
  for (const match of text.matchAll(keep)) {
    shown += plainText(text.slice(at, match.index)) + match[0];
    at = match.index + match[0].length;
  }
  return shown + plainText(text.slice(at));
}

/** Lines of ours, with names and sentences of others in them: colours and line ends act, nothing else does. */
export function cleanLines(text: string): string {
  return text
    .split('\n')
    .map((line) => plainBut(line, colour))
    .join('\n');
}

const lineEnds = /[\n\t\r]/;
const ofPrograms = new RegExp(`${colour.source}|${lineEnds.source}`, 'g');
/** The beginning of an escape sequence at the end of a piece: the rest comes with the next. */
const unfinished = /\u001b(?:\[[\d;:]{0,60})?$/;

/**
 * A program's output for a person's terminal: text in colours, with its line ends. Titles, the clipboard, the cursor and
 * what else a terminal can be told stay out of its reach. Pieces may end within a character or a sequence.
 */
export class ProgramText {
  readonly #decoder = new TextDecoder('utf-8');
  #held = '';

  push(bytes: Uint8Array): string {
    const text = this.#held + this.#decoder.decode(bytes, { stream: true });
    const rest = unfinished.exec(text)?.[0] ?? '';
    this.#held = rest;
    return plainBut(text.slice(0, text.length - rest.length), ofPrograms);
  }

  end(): string {
    const text = this.#held + this.#decoder.decode();
    this.#held = '';
    return plainBut(text, ofPrograms);
  }
}
