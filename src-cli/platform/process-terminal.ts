import { once } from 'node:events';

/** More often than this nobody can read, milliseconds. */
const leastBetweenDrawings = 80;

/**
 * Answers to stdout, words for people to stderr. `paintFor` makes the colours; it is handed in because it is pure and
 * belongs to core/.
 */
export function processTerminal<Paint>(coloursFor: (isTty: boolean) => Paint): {
  readonly outIsTty: boolean;
  readonly sayIsTty: boolean;
  readonly columns: () => number;
  readonly rows: () => number;
  readonly paint: Paint;
  readonly sayPaint: Paint;
  readonly out: (line: string) => void;
  readonly write: (text: string) => Promise<void>;
  readonly say: (line: string) => void;
  readonly progress: (line: string | null) => void;
} {
  const { stdout, stderr } = process;
  const outIsTty = stdout.isTTY === true;
  const sayIsTty = stderr.isTTY === true;
  let drawn = false;
  let drawnAt = 0;
  const wipe = (): void => {
    if (drawn) stderr.write('\r\u001b[K');
    drawn = false;
  };
  // `nightshift jobs | head -1`: the reader has seen enough.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    outIsTty,
    sayIsTty,
    columns: () => stdout.columns || 80,
    rows: () => stdout.rows || 24,
    paint: coloursFor(outIsTty),
    sayPaint: coloursFor(sayIsTty),
    out: (line) => {
      wipe();
      stdout.write(`${line}\n`);
    },
    write: async (text) => {
      wipe();
      if (!stdout.write(text)) await once(stdout, 'drain');
    },
    say: (line) => {
      wipe();
      stderr.write(`${line}\n`);
    },
    progress: (line) => {
      if (!sayIsTty) return;
      const now = performance.now();
      if (line !== null && now - drawnAt < leastBetweenDrawings) return;
      drawnAt = line === null ? 0 : now;
      wipe();
      if (line === null) return;
      stderr.write(line.slice(0, (stderr.columns || 80) - 1));
      drawn = true;
    },
  };
}
