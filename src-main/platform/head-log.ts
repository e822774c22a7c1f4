import { renameSync, statSync } from 'node:fs';
import { destination, pino } from 'pino';

/** A log that has grown over this becomes `head.log.1` at the next start. */
const longestLog = 16 * 1024 * 1024;

export interface HeadLog {
  /** Facts for diagnosis; people get sentences elsewhere. */
  line(text: string): void;
  fault(text: string, error: unknown): void;
}

/** `head.log`: JSON lines, written at once so that the last one before an end is there. */
export function openHeadLog(path: string): HeadLog {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > longestLog) renameSync(path, `${path}.1`);
  const file = destination({ dest: path, sync: true, append: true, mode: 0o600 });
  // A full disk must not end a head only because it cannot say so.
  file.on('error', () => undefined);
  const log = pino({ base: { pid: process.pid } }, file);
  return {
    line: (text) => log.info(text),
    fault: (text, error) => log.error({ err: error }, text),
  };
}
