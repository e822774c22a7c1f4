import { once } from 'node:events';

/** More often than this nobody can read, milliseconds. */
const leastBetweenDrawings = 80;

/** What is pure and belongs to core/: colours, and what keeps others' words from acting on the terminal. */
export interface Looks<Paint> {
  readonly coloursFor: (isTty: boolean, columns: () => number) => Paint;
  readonly clean: (text: string) => string;
  readonly programText: () => { push(bytes: Uint8Array): string; end(): string };
}

/** Answers to stdout, words for people to stderr. Every line goes through `clean`: this is the one place for it. */
export function processTerminal<Paint>({ coloursFor, clean, programText }: Looks<Paint>): {
  readonly outIsTty: boolean;
  readonly sayIsTty: boolean;
  readonly columns: () => number;
  readonly rows: () => number;
  readonly paint: Paint;
  readonly sayPaint: Paint;
  readonly out: (line: string) => void;
  readonly write: (text: string) => Promise<void>;
  readonly program: (bytes: Uint8Array, raw: boolean) => Promise<void>;
  readonly say: (line: string) => void;
  readonly progress: (line: string | null) => void;
} {
  const { stdout, stderr } = process;
  const outIsTty = stdout.isTTY === true;
  const sayIsTty = stderr.isTTY === true;
  const columns = (): number => stdout.columns || 80;
  let drawn = false;
  let drawnAt = 0;
  const wipe = (): void => {
    if (drawn) stderr.write('\r\u001b[K');
    drawn = false;
  };
  const shown = programText();
  const write = async (text: string | Uint8Array): Promise<void> => {
    wipe();
    if (text.length > 0 && !stdout.write(text)) await once(stdout, 'drain');
  };
  // `nightshift jobs | head -1`: the reader has seen enough.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    outIsTty,
    sayIsTty,
    columns,
    rows: () => stdout.rows || 24,
    paint: coloursFor(outIsTty, columns),
    sayPaint: coloursFor(sayIsTty, () => stderr.columns || 80),
    out: (line) => {
      wipe();
      stdout.write(`${clean(line)}\n`);
    },
    write,
    program: (bytes, raw) => write(outIsTty && !raw ? shown.push(bytes) : bytes),
    say: (line) => {
      wipe();
      stderr.write(`${clean(line)}\n`);
    },
    progress: (line) => {
      if (!sayIsTty) return;
      const now = performance.now();
      if (line !== null && now - drawnAt < leastBetweenDrawings) return;
      drawnAt = line === null ? 0 : now;
      wipe();
      if (line === null) return;
      stderr.write(clean(line).slice(0, (stderr.columns || 80) - 1));
      drawn = true;
    },
  };
}
