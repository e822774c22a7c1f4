import type { MediaEvent } from '../../shared/api/media-views.ts';
import type { Result } from '../../shared/base/result.ts';
import type { MediaSink } from '../shells/media-shell.ts';
import { granted } from './refusal-error.ts';

/**
 * The story of writing media as events that are pulled. Of progress only the newest of each target waits for a slow
 * reader, so that a story never grows; everything else is told in full.
 */
export async function* mediaStream(
  work: (sink: MediaSink) => Promise<Result<null>>,
  signal: AbortSignal,
): AsyncGenerator<MediaEvent, void, void> {
  const gone = new AbortController();
  const stop = AbortSignal.any([signal, gone.signal]);
  let waiting: MediaEvent[] = [];
  let wake: () => void = () => undefined;
  const event = (next: MediaEvent): void => {
    const isOld = (one: MediaEvent): boolean =>
      next.t === 'progress' &&
      one.t === 'progress' &&
      one.target === next.target &&
      one.phase === next.phase &&
      one.attempt === next.attempt;
    waiting = [...waiting.filter((one) => !isOld(one)), next];
    wake();
  };
  let ended = false;
  const working = work({ event, stop }).finally(() => {
    ended = true;
    wake();
  });
  // Awaited below, or not at all when the reader has gone.
  working.catch(() => undefined);
  try {
    for (;;) {
      const told = waiting;
      waiting = [];
      yield* told;
      if (waiting.length > 0) continue;
      if (ended) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (waiting.length > 0 || ended) resolve();
      });
    }
    granted(await working);
  } finally {
    gone.abort();
  }
}
