import { plainText } from '../../../shared/domain/plain-text.ts';
import type { Screen, ScreenText } from '../../ports/member-pc.ts';

export interface ScreenOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

const invitation = 'Press any key to take this PC back.';

/** The PC's own screen: calm, full width, drawn only when it says something new. */
export class TextScreen implements Screen {
  readonly #output: ScreenOutput;
  #shown = '';

  constructor(output: ScreenOutput) {
    this.#output = output;
  }

  show(text: ScreenText): void {
    const width = this.#output.isTTY ? (this.#output.columns ?? 80) : 80;
    const lines = screenLines(text, width);
    const drawn = lines.join('\n');
    if (drawn === this.#shown) return;
    this.#shown = drawn;
    if (this.#output.isTTY) {
      // Home, clear, no cursor (ECMA-48).
      const rows = this.#output.rows ?? 24;
      const margin = '\n'.repeat(Math.max(0, Math.floor((rows - lines.length) / 3)));
      this.#output.write(`\u001b[?25l\u001b[2J\u001b[H${margin}${lines.join('\r\n')}\r\n`);
    } else this.#output.write(`=== screen ===\n${drawn}\n=== end ===\n`);
  }
}

export function screenLines(text: ScreenText, width: number): readonly string[] {
  const inner = Math.max(20, width - 4);
  const rule = '─'.repeat(inner);
  const tasks =
    text.tasks.length === 0
      ? []
      : [
          '',
          ...text.tasks.slice(0, 8),
          ...(text.tasks.length > 8 ? [`and ${text.tasks.length - 8} more`] : []),
        ];
  return [
    'NIGHTSHIFT',
    rule,
    text.lab,
    [text.who, text.address].filter(Boolean).join('  ·  '),
    '',
    ...wrapped(text.state, inner),
    ...tasks,
    rule,
    invitation,
    // Names of labs, PCs and tasks are somebody else's words.
  ].map((line) => `  ${plainText(line)}`.trimEnd());
}

function wrapped(sentence: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of sentence.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}
