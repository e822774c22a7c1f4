import { ORPCError } from '@orpc/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { labPictures, withLabFeed } from '../../../shared/api/lab-feed.ts';
import { hours } from '../../../shared/base/units.ts';
import { clientOver, HeadUnderTest, withToken } from './head-under-test.ts';

let head: HeadUnderTest;
beforeEach(async () => {
  head = new HeadUnderTest();
  await head.open();
});
afterEach(() => head.close());

const refusalOf = async (call: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ORPCError)) throw new Error('it was not refused');
  expect(error.code).toBe('REFUSED');
  expect(error.defined).toBe(true);
  expect(error.message).toBe((error.data as { sentence: string }).sentence);
  return error.data;
};

/** The next value of a stream that goes on. */
async function next<Value>(stream: AsyncIterator<Value, unknown>): Promise<Value> {
  const { done, value } = await stream.next();
  if (done) throw new Error('the stream has ended');
  return value;
}

it('a technician cordons, evacuates and releases machines through the contract', async () => {
  const api = await head.client();
  expect(await api.machines.cordon({ machines: ['pc-01'] })).toEqual({ machines: ['pc-01'] });
  expect(await api.machines.release({ machines: 'all' })).toEqual({
    machines: ['pc-01', 'pc-02'],
    minutesLost: 0,
  });
  expect(head.lab.calls).toEqual(['cordon pc-01', 'release checkpoint pc-01 pc-02']);
});

it('a submitted job reaches the lab with everything that was left out filled in', async () => {
  const api = await head.client();
  await api.jobs.submit({ command: ['/usr/bin/xz', '-9', 'a'], cpus: 2, hold: true });
  expect(head.lab.submitted).toEqual([
    {
      held: true,
      spec: {
        name: 'xz',
        owner: 'nobody',
        command: ['/usr/bin/xz', '-9', 'a'],
        array: null,
        atOnce: null,
        logName: null,
        resources: { cpus: 2, memory: null, wallTime: null },
        retries: 0,
        inputs: [],
        outputs: [],
        environment: {},
        pack: 'base',
        pin: false,
        portable: false,
        priority: 0,
        after: [],
        afterOk: [],
      },
    },
  ]);
});

it('a refusal of the lab arrives as its kind, code and facts, and in one sentence', async () => {
  const api = await head.client();
  const sentence = 'there is no machine pc-77x; see nightshift machines.';
  expect(await refusalOf(api.machines.evacuate({ machines: ['pc-77x'] }))).toEqual({
    kind: 'not-found',
    code: 'said',
    facts: { sentence },
    sentence,
  });
  expect(await refusalOf(api.practice.unplug({ pc: 'pc-01' }))).toMatchObject({
    kind: 'refused',
    sentence: 'this head serves a real lab.',
  });
});

it('a request in a wrong form is a misuse that names the place', async () => {
  const api = await head.client();
  expect(await refusalOf(api.jobs.submit({ command: ['true'], cpus: 0 }))).toMatchObject({
    kind: 'misuse',
    sentence: expect.stringMatching(/^the request was not understood at \$\.cpus: /) as string,
  });
});

/** Kind: what the API takes must fit the language of members, or one odd wish cuts off whoever is to carry it out. */
it.each([
  ['tasks with numbers that no id has room for', { first: 9_999_999, last: 10_000_001 }],
  ['tasks with numbers beyond all counting', { first: 0, last: Number.MAX_SAFE_INTEGER }],
])('%s are refused before any member hears of them', async (_what, array) => {
  const api = await head.client();
  const submitted = api.jobs.submit({ command: ['true'], array });
  expect(await refusalOf(submitted)).toMatchObject({ kind: 'misuse' });
});

it('a boot medium is given no name with which its PC could not enrol', async () => {
  const api = await head.client();
  const wish = { validFor: hours(1), single: true, name: 'x'.repeat(64) };
  expect(await refusalOf(api.enrolment.issue(wish))).toMatchObject({ kind: 'misuse' });
});

it('a surprise goes to the log, and the caller reads one sentence without a trace', async () => {
  const api = await head.client();
  head.lab.surprise = new TypeError('members is not iterable');
  expect(await refusalOf(api.machines.cordon({ machines: 'all' }))).toMatchObject({
    kind: 'failed',
    sentence: 'the head could not do this; its head.log says why.',
  });
  expect(head.logged.join('\n')).toContain('members is not iterable');
});

it('a watcher sees the lab at once, then each change, and many changes at one go', async () => {
  const api = await head.client();
  const stop = new AbortController();
  const views = labPictures(await api.lab.watch(undefined, { signal: stop.signal }));
  const first = await next(views);
  expect(first.diary).toEqual([]);
  for (let line = 1; line <= 50; line += 1) head.lab.say(`line ${line}`);
  const second = await next(views);
  expect(second.diary).toHaveLength(50);
  expect(head.lab.viewsMade).toBe(2);
  head.lab.say('and one more');
  const third = await next(views);
  expect(third.diary).toHaveLength(51);
  stop.abort();
  await vi.waitFor(() => expect(head.lab.listeners.size).toBe(0));
});

it('two watchers share each view that is made, and both get what changed and no more', async () => {
  const api = await head.client();
  const stop = new AbortController();
  const a = await api.lab.watch(undefined, { signal: stop.signal });
  const b = await api.lab.watch(undefined, { signal: stop.signal });
  await Promise.all([a.next(), b.next()]);
  const before = head.lab.viewsMade;
  const both = Promise.all([next(a), next(b)]);
  head.lab.say('pc-04');
  const [toA, toB] = await both;
  expect(toA).toEqual(toB);
  const said = { code: 'member-arrived', facts: { pc: 'pc-04' } };
  const line = { seq: 1, at: 0, tone: 'plain', ...said };
  expect(toA).toMatchObject({ changes: { diary: { gone: [], put: [[0, line]] } } });
  expect(JSON.stringify(toA).length).toBeLessThan(200);
  expect(head.lab.viewsMade).toBe(before + 1);
  stop.abort();
});

it('a watcher whose connection broke goes on from the picture it has', async () => {
  const broken = await head.socket(withToken);
  const first = await next(await clientOver(broken).lab.watch());
  broken.terminate();
  await vi.waitFor(() => expect(head.lab.listeners.size).toBe(0));
  head.lab.say('pc-05');
  const api = await head.client();
  const stop = new AbortController();
  const again = await api.lab.watch({ since: first.version }, { signal: stop.signal });
  const message = await next(again);
  expect(message).toMatchObject({ changes: { diary: { put: [[0, { seq: 1 }]] } } });
  if (!('whole' in first)) throw new Error('the first message is no picture');
  expect(withLabFeed(first.whole, message).diary).toEqual(head.lab.diary);
  stop.abort();
});

it.each(['', 'another-head.1'])(
  'a watcher with a picture that the head does not know (%j) gets a whole one',
  async (since) => {
    const api = await head.client();
    const stop = new AbortController();
    const feed = await api.lab.watch({ since }, { signal: stop.signal });
    expect(await next(feed)).toMatchObject({ whole: { lab: 'Room 12' } });
    stop.abort();
  },
);

it('a watcher whose machine is switched off leaves nobody listening in the head', async () => {
  const socket = await head.socket(withToken);
  const api = clientOver(socket);
  const views = await api.lab.watch();
  await views.next();
  const log = await api.jobs.logs({ task: '1.0', follow: true });
  const reading = log.next().catch(() => undefined);
  await vi.waitFor(() => expect(head.lab.readers.size).toBe(1));
  socket.terminate();
  await reading;
  await vi.waitFor(() => expect(head.lab.listeners.size).toBe(0));
  await vi.waitFor(() => expect(head.lab.readers.size).toBe(0));
});

it('a log arrives in order, with characters whole that were cut between two pieces', async () => {
  const api = await head.client();
  const log = await api.jobs.logs({ task: '1.0', follow: true });
  const whole = (async () => {
    let text = '';
    for await (const piece of log) text += piece.text;
    return text;
  })();
  await vi.waitFor(() => expect(head.lab.readers.size).toBe(1));
  const bytes = new TextEncoder().encode('Frühstück für alle\n');
  const [sink] = head.lab.readers;
  for (const byte of bytes) void sink?.piece(Uint8Array.of(byte), 0);
  sink?.end();
  expect(await whole).toBe('Frühstück für alle\n');
  await vi.waitFor(() => expect(head.lab.readers.size).toBe(0));
});

it('a log says where the program began again, and the halves of a character do not meet across it', async () => {
  const api = await head.client();
  const log = await api.jobs.logs({ task: '1.0', follow: true });
  const pieces: unknown[] = [];
  const reading = (async () => {
    for await (const piece of log) pieces.push(piece);
  })();
  await vi.waitFor(() => expect(head.lab.readers.size).toBe(1));
  const [sink] = head.lab.readers;
  const ue = new TextEncoder().encode('aü');
  void sink?.piece(ue.subarray(0, 2), 0);
  void sink?.piece(ue, 1);
  void sink?.piece(ue, 1);
  sink?.end();
  await reading;
  expect(pieces).toEqual([
    { text: 'a', restarts: 0 },
    { text: 'aüaü', restarts: 1 },
  ]);
});

it('a log that breaks off says why, and one of an unknown task is refused', async () => {
  const api = await head.client();
  const log = await api.jobs.logs({ task: '1.0' });
  const first = next(log);
  await vi.waitFor(() => expect(head.lab.readers.size).toBe(1));
  const [sink] = head.lab.readers;
  sink?.fail('pc-01 does not answer.');
  expect(await refusalOf(first)).toMatchObject({
    kind: 'failed',
    sentence: 'pc-01 does not answer.',
  });
  expect(await refusalOf(api.jobs.logs({ task: '9.9' }).then(next))).toMatchObject({
    kind: 'not-found',
    sentence: 'there is no task 9.9.',
  });
});

it('a reader that does not keep up makes the source wait', async () => {
  const api = await head.client();
  const log = await api.jobs.logs({ task: '1.0' });
  const first = next(log);
  await vi.waitFor(() => expect(head.lab.readers.size).toBe(1));
  const [sink] = head.lab.readers;
  const waits = Array.from({ length: 8 }, () =>
    sink?.piece(new Uint8Array(512 * 1024).fill(65), 0),
  );
  expect(waits.some((wait) => wait instanceof Promise)).toBe(true);
  sink?.end();
  let length = (await first).text.length;
  for await (const piece of log) length += piece.text.length;
  expect(length).toBe(8 * 512 * 1024);
});

it('whoever may use the API may stop the head, and hears that it will', async () => {
  const api = await head.client();
  expect(await api.lab.shutdown()).toEqual({});
  expect(head.stopsAsked).toBe(1);
});
