import { renameSync, statSync } from 'node:fs';
import { destination, pino } from 'pino';
import { LineLimit } from './line-limit.ts';

/** A log that has grown over this becomes `head.log.1`, so that the two of them are never larger than twice as much. */
const longestLog = 8 * 1024 * 1024;
/** How often is looked whether there is something to say of lines that were held back. */
const lookEvery = 10_000;

export interface HeadLog {
  /** Facts for diagnosis; people get sentences elsewhere. */
  line(text: string): void;
  fault(text: string, error: unknown): void;
}

/**
 * `head.log`: JSON lines, written at once so that the last one before an end is there. Anybody on the network can bring about lines, so
 * those that are alike are counted instead of written, and the file is changed while the head runs.
 */
export function openHeadLog(path: string, longest = longestLog): HeadLog {
  let size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > longest) {
    renameSync(path, `${path}.1`);
    size = 0;
  }
  const file = destination({ dest: path, sync: true, append: true, mode: 0o600 });
  // A full disk must not end a head only because it cannot say so.
  file.on('error', () => undefined);
  const counted = {
    write: (text: string): void => {
      size += Buffer.byteLength(text);
      file.write(text);
      if (size > longest) change();
    },
  };
  const change = (): void => {
    size = 0;
    try {
      renameSync(path, `${path}.1`);
      file.reopen();
    } catch {
      // Somebody moved it, or the disk is full: it goes on where it is.
    }
  };
  const log = pino({ base: { pid: process.pid } }, counted);
  const limit = new LineLimit(() => performance.now());
  const tellHeld = (): void => {
    for (const text of limit.due()) log.info(text);
  };
  setInterval(tellHeld, lookEvery).unref();
  return {
    line: (text) => {
      for (const line of limit.take(text)) log.info(line);
    },
    fault: (text, error) => {
      const what = error instanceof Error ? error.message : String(error);
      const lines = limit.take(`${text}: ${what}`);
      for (const line of lines.slice(0, -1)) log.info(line);
      if (lines.length > 0) log.error({ err: error }, text);
    },
  };
}
