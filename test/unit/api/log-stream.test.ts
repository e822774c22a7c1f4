import { ORPCError } from '@orpc/client';
import { expect, it } from 'vitest';
import { ok, refuse } from '../../../shared/base/result.ts';
import type { LogSink } from '../../../src-main/api/head-services.ts';
import { logStream } from '../../../src-main/api/log-stream.ts';

/** A source of output that a test pushes. */
function source() {
  let given: LogSink | undefined;
  let isLetGo = false;
  const open = (sink: LogSink) => {
    given = sink;
    return ok({ dispose: () => void (isLetGo = true) });
  };
  return {
    open,
    sink: (): LogSink => {
      if (!given) throw new Error('nobody reads');
      return given;
    },
    isLetGo: () => isLetGo,
  };
}
const unhurried = new AbortController().signal;

async function all<Value>(stream: AsyncIterable<Value>): Promise<Value[]> {
  const pieces: Value[] = [];
  for await (const piece of stream) pieces.push(piece);
  return pieces;
}

it('a log arrives in order, with characters whole that were cut between two pieces', async () => {
  const { open, sink, isLetGo } = source();
  const whole = all(logStream(open, unhurried));
  for (const byte of new TextEncoder().encode('Frühstück für alle\n'))
    void sink().piece(Uint8Array.of(byte), 0);
  sink().end();
  expect((await whole).map(({ text }) => text).join('')).toBe('Frühstück für alle\n');
  expect(isLetGo()).toBe(true);
});

it('a log says where the program began again, and the halves of a character do not meet across it', async () => {
  const { open, sink } = source();
  const pieces = all(logStream(open, unhurried));
  const ue = new TextEncoder().encode('aü');
  void sink().piece(ue.subarray(0, 2), 0);
  void sink().piece(ue, 1);
  void sink().piece(ue, 1);
  sink().end();
  expect(await pieces).toEqual([
    { text: 'a', restarts: 0 },
    { text: 'aüaü', restarts: 1 },
  ]);
});

it('a log that breaks off says why, and one of an unknown task is refused', async () => {
  const { open, sink } = source();
  const first = logStream(open, unhurried).next();
  sink().fail('pc-01 does not answer.');
  await expect(first).rejects.toMatchObject({
    code: 'REFUSED',
    data: { kind: 'failed', sentence: 'pc-01 does not answer.' },
  });
  const unknown = logStream(() => refuse('not-found', 'there is no task 9.9.'), unhurried);
  await expect(unknown.next()).rejects.toBeInstanceOf(ORPCError);
});

it('a reader that does not keep up makes the source wait', async () => {
  const { open, sink } = source();
  const log = logStream(open, unhurried);
  const first = log.next();
  const waits = Array.from({ length: 8 }, () =>
    sink().piece(new Uint8Array(512 * 1024).fill(65), 0),
  );
  expect(waits.some((wait) => wait instanceof Promise)).toBe(true);
  sink().end();
  const { value } = await first;
  let length = value?.text.length ?? 0;
  for await (const piece of log) length += piece.text.length;
  expect(length).toBe(8 * 512 * 1024);
});

it('a reader who goes away lets go of the source', async () => {
  const { open, isLetGo } = source();
  const gone = new AbortController();
  const next = logStream(open, gone.signal).next();
  gone.abort();
  expect((await next).done).toBe(true);
  expect(isLetGo()).toBe(true);
});
