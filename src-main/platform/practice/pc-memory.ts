import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { bytes, formatSize, gibibytes, mebibytes, type Bytes } from '../../../shared/base/units.ts';

/** Below this the member system has no room for a task. */
const least = mebibytes(256);
const usual = gibibytes(2);
/** Part of the free memory that PCs share when nobody said how much; the rest is the head's and the machine's. */
const share = 0.8;

/** Memory of each PC: what was wished for if it is there, else as much as is usual or fits. */
export function memoryOfEach(count: number, wished: Bytes | null, free: Bytes): Result<Bytes> {
  const pcs = count === 1 ? 'one PC' : `${count} PCs`;
  if (wished === null) {
    const fair = Math.floor((free * share) / count / mebibytes(1)) * mebibytes(1);
    const each = bytes(Math.min(usual, fair));
    return each >= least
      ? ok(each)
      : refuse(
          'refused',
          `${formatSize(free)} of memory are free, too little for ${pcs} of ${formatSize(least)}; end other programs or ask for fewer PCs.`,
        );
  }
  if (wished < least) {
    return refuse(
      'misuse',
      `a PC with ${formatSize(wished)} of memory cannot run the member system; give it at least ${formatSize(least)}.`,
    );
  }
  if (wished * count > free) {
    const fits = Math.floor(free / count / mebibytes(1));
    return refuse(
      'refused',
      `${pcs} with ${formatSize(wished)} need${count === 1 ? 's' : ''} ${formatSize(bytes(wished * count))} of memory and ${formatSize(free)} are free; ${fits * mebibytes(1) >= least ? `write --memory ${fits}M or less` : 'ask for fewer PCs'}.`,
    );
  }
  return ok(wished);
}
