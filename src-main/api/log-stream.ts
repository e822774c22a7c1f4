import type { Disposable } from '../../shared/ports/clock.ts';
import { refuse, type Result } from '../../shared/base/result.ts';
import type { LogSink } from './head-services.ts';
import { granted, refusalError } from './refusal-error.ts';

/** More than this is not held for a reader who does not keep up: its source is asked to wait. */
const highWater = 1024 * 1024;

interface LogPiece {
  readonly text: string;
  readonly base64?: string;
  readonly restarts: number;
}

/**
 * Turns pushed bytes into pieces of text that are pulled, or of base64 where the bytes themselves are wanted. What came
 * meanwhile is handed on as one piece, what belongs to different beginnings of the program as several. Ends the reading
 * when the one who pulls goes away.
 */
export async function* logStream(
  open: (sink: LogSink) => Result<Disposable>,
  signal: AbortSignal,
  /** Null: as text. */
  toBase64: ((bytes: Uint8Array) => string) | null = null,
): AsyncGenerator<LogPiece, void, void> {
  let decoder = new TextDecoder('utf-8');
  let restarts: number | null = null;
  const held: { readonly bytes: Uint8Array; readonly restarts: number }[] = [];
  let size = 0;
  let over: 'no' | 'ended' | { readonly failed: string } = 'no';
  let wakeReader: () => void = () => undefined;
  let wakeSource: () => void = () => undefined;

  const reading = granted(
    open({
      piece: (bytes, since) => {
        held.push({ bytes, restarts: since });
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
      const since: number = held[0]?.restarts ?? restarts ?? 0;
      if (since !== restarts) decoder = new TextDecoder('utf-8');
      restarts = since;
      const until = held.findIndex((piece) => piece.restarts !== since);
      const taken = held.splice(0, until < 0 ? held.length : until);
      const text = toBase64
        ? ''
        : taken.map(({ bytes }) => decoder.decode(bytes, { stream: true })).join('');
      size = held.reduce((sum, { bytes }) => sum + bytes.length, 0);
      if (size < highWater) wakeSource();
      if (toBase64 && taken.length > 0) {
        yield { text: '', base64: toBase64(joined(taken.map(({ bytes }) => bytes))), restarts };
      } else if (text !== '') yield { text, restarts };
      else if (held.length > 0) continue;
      else if (state === 'ended') {
        const rest = decoder.decode(); // half a character at the very end
        if (rest !== '') yield { text: rest, restarts };
        return;
      } else if (state !== 'no') {
        throw refusalError(refuse('failed', state.failed).error);
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

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
