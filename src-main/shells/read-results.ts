import { ok, refuse, type Result } from '../../shared/base/result.ts';
import { millis } from '../../shared/base/units.ts';
import type { BlobHash } from '../../shared/domain/ids.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { longestList } from '../../shared/wire/result-lines.ts';
import type { ToHead } from '../../shared/wire/to-head.ts';
import { absentBlobs, namedBlobs, type HasBlob } from '../core/attempts/named-blobs.ts';
import { ToldResults } from '../core/attempts/told-results.ts';

export type Ended = Extract<ToHead, { readonly t: 'ended' }>;

export interface ResultReading {
  readonly clock: Clock;
  readonly hasBlob: HasBlob;
  readonly readText: (hash: BlobHash) => AsyncIterable<string>;
}

/**
 * An end whose results are too many for a message, as if they stood in it, with what of them is not here. It takes
 * seconds for a hundred thousand files, in small steps, between which the head answers others.
 */
export async function readResults(
  { clock, hasBlob, readText }: ResultReading,
  ended: Ended,
  list: NonNullable<Ended['list']>,
): Promise<Result<{ readonly ended: Ended; readonly absent: ReadonlySet<BlobHash> }>> {
  if (list.size > longestList) return refuse('misuse', 'its list of results is too long');
  if (hasBlob(list.hash)?.size !== list.size) return ok({ ended, absent: new Set([list.hash]) });
  const told = new ToldResults();
  for await (const text of readText(list.hash)) {
    const read = told.read(text);
    if (!read.ok) return read;
    await pause(clock);
  }
  const end = told.end();
  if (!end.ok) return end;
  const whole: Ended = { ...ended, outputs: told.outputs, nodes: told.nodes };
  const named = namedBlobs(whole);
  const absent = new Set<BlobHash>();
  for (let at = 0; at < named.length; at += atOnce) {
    for (const hash of absentBlobs(named.slice(at, at + atOnce), hasBlob)) absent.add(hash);
    await pause(clock);
  }
  return ok({ ended: whole, absent });
}

/** Files looked at in one step. */
const atOnce = 1000;

const pause = (clock: Clock): Promise<void> =>
  new Promise((resolve) => void clock.after('results are read', millis(0), () => resolve()));
