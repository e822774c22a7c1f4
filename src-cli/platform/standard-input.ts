import { createWriteStream, fstatSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { ok, refuse, type Result } from '../../shared/base/result.ts';
import { codeOf } from './make-folder.ts';

/** A pipe that nobody writes to shall not hold a program up for ever. */
const patience = 2000;

/**
 * What stands on standard input, in a file for this command only; null when it is a terminal, nothing, or empty. A pipe
 * on which nothing comes for two seconds counts as `silent` unless `wait` says to wait for its end.
 */
export async function readStandardInput(
  wait: boolean,
): Promise<Result<{ readonly path: string } | 'silent' | null>> {
  if (!canBeRead()) return ok(null);
  const { stdin } = process;
  try {
    if (!wait && !(await speaks(stdin))) {
      stdin.destroy();
      return ok('silent');
    }
    const folder = await mkdtemp(join(tmpdir(), 'nightshift-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, 'standard-input');
    const file = createWriteStream(path);
    let size = 0;
    for await (const chunk of stdin) {
      const bytes = chunk as Buffer;
      size += bytes.length;
      if (!file.write(bytes)) await once(file, 'drain');
    }
    file.end();
    await once(file, 'close');
    return ok(size === 0 ? null : { path });
  } catch (error) {
    return refuse('failed', `standard input cannot be read (${codeOf(error)}).`);
  }
}

/** A file, a pipe or a socket; not a terminal, and not /dev/null. */
function canBeRead(): boolean {
  try {
    const facts = fstatSync(0);
    return facts.isFile() || facts.isFIFO() || facts.isSocket();
  } catch {
    return false; // closed
  }
}

/** Whether something, or its end, comes soon. */
function speaks(stdin: NodeJS.ReadStream): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (answer: boolean): void => {
      clearTimeout(timer);
      stdin.off('readable', onReadable).off('end', onReadable);
      resolve(answer);
    };
    const onReadable = (): void => done(true);
    const timer = setTimeout(() => done(false), patience);
    stdin.once('readable', onReadable).once('end', onReadable);
  });
}
