import type { Disposable } from '../../shared/ports/clock.ts';
import type { Result } from '../../shared/base/result.ts';
import type { LogSink } from './head-services.ts';
import { granted, refusalError } from './refusal-error.ts';

/** More than this is not held for a reader who does not keep up: its source is asked to wait. */
const highWater = 1024 * 1024;

/**
 * Turns pushed bytes into pieces of text that are pulled. What came meanwhile is handed on as one piece. Ends the
 * reading when the one who pulls goes away.
 */
export async function* logStream(
  open: (sink: LogSink) => Result<Disposable>,
  signal: AbortSignal,
): AsyncGenerator<{ readonly text: string }, void, void> {
  const decoder = new TextDecoder('utf-8');
  let held: Uint8Array[] = [];
  let size = 0;
  let over: 'no' | 'ended' | { readonly failed: string } = 'no';
  let wakeReader: () => void = () => undefined;
  let wakeSource: () => void = () => undefined;

  const reading = granted(
    open({
      piece: (bytes) => {
        held.push(bytes);
        size += bytes.length;
        wakeReader();
        if (size < highWater) return undefined;
        return new Promise<void>((resolve) => (wakeSource = resolve));
      },
      end: () => {
        over = 'ended';
        wakeReader();
      },
      fail: (sentence) => {
        over = { failed: sentence };
        wakeReader();
      },
    }),
  );
  const stop = (): void => wakeReader();
  signal.addEventListener('abort', stop);
  try {
    for (;;) {
      if (signal.aborted) return;
      const state = over as 'no' | 'ended' | { readonly failed: string };
      const text = held.map((bytes) => decoder.decode(bytes, { stream: true })).join('');
      held = [];
      size = 0;
      wakeSource();
      if (text !== '') yield { text };
      else if (state === 'ended') {
        const rest = decoder.decode(); // half a character at the very end
        if (rest !== '') yield { text: rest };
        return;
      } else if (state !== 'no') {
        throw refusalError({ code: 'failed', sentence: state.failed });
      } else {
        await new Promise<void>((resolve) => {
          wakeReader = resolve;
          if (held.length > 0 || over !== 'no' || signal.aborted) resolve();
        });
      }
    }
  } finally {
    signal.removeEventListener('abort', stop);
    reading.dispose();
    wakeSource();
  }
}
