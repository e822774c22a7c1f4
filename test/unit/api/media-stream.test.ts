import { describe, expect, test } from 'vitest';
import type { MediaEvent } from '../../../shared/api/media-views.ts';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { mediaStream } from '../../../src-main/api/media-stream.ts';
import type { MediaSink } from '../../../src-main/shells/media-shell.ts';

const progress = (target: string, done: number): MediaEvent => ({
  t: 'progress',
  target,
  phase: 'writing',
  done,
  total: 100,
  bytesPerSecond: 1,
  remaining: null,
  attempt: 1,
});
const result = (target: string): MediaEvent => ({
  t: 'result',
  target,
  ok: true,
  sentence: null,
  bytes: 100,
  took: 1,
  sha256: null,
});

/** Work that a test ends. */
function work() {
  let sink: MediaSink | undefined;
  let end: (result: Result<null>) => void = () => undefined;
  const ended = new Promise<Result<null>>((resolve) => (end = resolve));
  return {
    run: (given: MediaSink) => {
      sink = given;
      return ended;
    },
    tell: (event: MediaEvent) => sink?.event(event),
    stopped: () => sink?.stop.aborted,
    end,
  };
}

describe('the story of writing media', () => {
  test('is told to its end', async () => {
    const writing = work();
    const story = mediaStream(writing.run, new AbortController().signal);
    const first = story.next();
    writing.tell({ t: 'preparing', line: 'boot image' });
    expect((await first).value).toEqual({ t: 'preparing', line: 'boot image' });
    writing.tell(result('/dev/sdb'));
    writing.end(ok(null));
    expect((await story.next()).value).toEqual(result('/dev/sdb'));
    expect((await story.next()).done).toBe(true);
  });

  test('holds only the newest progress of each stick for a slow reader, and every result', async () => {
    const writing = work();
    const story = mediaStream(writing.run, new AbortController().signal);
    const first = story.next();
    for (let done = 0; done <= 100; done += 1) {
      writing.tell(progress('/dev/sdb', done));
      writing.tell(progress('/dev/sdc', done));
    }
    writing.tell(result('/dev/sdb'));
    writing.tell(result('/dev/sdc'));
    writing.end(ok(null));
    const told = [(await first).value];
    for await (const event of story) told.push(event);
    expect(told.filter((event) => event?.t === 'result')).toHaveLength(2);
    expect(told.length).toBeLessThan(7);
    expect(told).toContainEqual(progress('/dev/sdb', 100));
  });

  test('ends with the refusal when nothing could be begun', async () => {
    const story = mediaStream(
      async () => refuse('refused', 'no stick is plugged in.'),
      new AbortController().signal,
    );
    await expect(story.next()).rejects.toMatchObject({
      code: 'REFUSED',
      data: { sentence: 'no stick is plugged in.' },
    });
  });

  test('interrupts the writing when its reader goes away', async () => {
    const writing = work();
    const story = mediaStream(writing.run, new AbortController().signal);
    const first = story.next();
    writing.tell(progress('/dev/sdb', 1));
    await first;
    expect(writing.stopped()).toBe(false);
    await story.return();
    expect(writing.stopped()).toBe(true);
    writing.end(ok(null));
  });

  test('interrupts it when the link breaks, even while nobody reads', async () => {
    const link = new AbortController();
    const writing = work();
    const story = mediaStream(writing.run, link.signal);
    const first = story.next();
    link.abort();
    expect(writing.stopped()).toBe(true);
    writing.end(ok(null));
    expect((await first).done).toBe(true);
  });
});
