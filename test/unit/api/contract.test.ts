import { ORPCError } from '@orpc/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { labPictures, withLabFeed } from '../../../shared/api/lab-feed.ts';
import { hours } from '../../../shared/base/units.ts';
import { plainProgram } from '../../../src-sim/simulated-program.ts';
import { clientOver, HeadUnderTest, withToken } from './head-under-test.ts';

let head: HeadUnderTest;
beforeEach(async () => {
  head = new HeadUnderTest();
  await head.start();
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

/** A PC is seen that does not enrol. */
const seen = (number: number): void =>
  head.lab.shell.seen({
    ...{ machineKey: `k${number}`, address: '10.0.0.9', name: null, reason: 'it has no token' },
  });
const viewsMade = (): number => head.calls.filter(({ call }) => call === 'lab.view').length;

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
  expect(head.lab.machine('pc-01').cordoned).toBe(true);
  expect(head.calls.map(({ call, input }) => [call, ...input])).toEqual([
    ['lab.cordon', ['pc-01']],
    ['lab.release', 'all', 'checkpoint', false],
  ]);
  head.lab.until('they have left', () =>
    head.lab.shell.machines().every(({ state }) => state === 'released'),
  );
});

it('a submitted job reaches the lab with everything that was left out filled in', async () => {
  const api = await head.client();
  await api.jobs.submit({ command: ['/usr/bin/xz', '-9', 'a'], cpus: 2, hold: true });
  expect(head.calls).toEqual([
    {
      call: 'lab.submit',
      input: [
        {
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
          network: 'none',
          priority: 0,
          after: [],
          afterOk: [],
        },
        true,
      ],
    },
  ]);
  expect(head.lab.job('1').value).toMatchObject({ name: 'xz', state: 'held', cpus: 2 });
});

it('a refusal of the lab arrives as its kind, code and facts, and in one sentence', async () => {
  const api = await head.client();
  const sentence = 'there is no machine "pc-77x"; nightshift machines lists them.';
  expect(await refusalOf(api.machines.evacuate({ machines: ['pc-77x'] }))).toEqual({
    kind: 'not-found',
    code: 'no-such-machine',
    facts: { named: 'pc-77x' },
    sentence,
  });
  expect(await refusalOf(api.practice.replug({ pc: 'pc-01' }))).toEqual({
    kind: 'refused',
    code: 'practice-pc-has-power',
    facts: { machine: 'pc-01' },
    sentence: 'pc-01 has power; pull its plug first.',
  });
});

it('a job that wants a network is refused in a sentence, and nothing is submitted', async () => {
  const api = await head.client();
  expect(await refusalOf(api.jobs.submit({ command: ['true'], network: 'job' }))).toMatchObject({
    kind: 'misuse',
    code: 'no-such-network',
    facts: { network: 'job' },
  });
  expect(head.calls).toEqual([]);
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
  head.onCall = () => {
    throw new TypeError('members is not iterable');
  };
  expect(await refusalOf(api.machines.cordon({ machines: 'all' }))).toMatchObject({
    kind: 'failed',
    sentence: 'the head could not do this; its head.log says why.',
  });
  expect(head.head.logged.join('\n')).toContain('members is not iterable');
});

it('a watcher sees the lab at once, then each change, and many changes at one go', async () => {
  const api = await head.client();
  const stop = new AbortController();
  const views = labPictures(await api.lab.watch(undefined, { signal: stop.signal }));
  const first = await next(views);
  expect(first.unenrolled).toEqual([]);
  for (let number = 1; number <= 50; number += 1) seen(number);
  const second = await next(views);
  expect(second.unenrolled).toHaveLength(50);
  expect(viewsMade()).toBe(2);
  seen(51);
  const third = await next(views);
  expect(third.unenrolled).toHaveLength(51);
  stop.abort();
  await vi.waitFor(() => expect(head.listening('lab.onChange')).toBe(0));
});

it('two watchers share each view that is made, and both get what changed and no more', async () => {
  const api = await head.client();
  const stop = new AbortController();
  const a = await api.lab.watch(undefined, { signal: stop.signal });
  const b = await api.lab.watch(undefined, { signal: stop.signal });
  await Promise.all([a.next(), b.next()]);
  const before = viewsMade();
  const both = Promise.all([next(a), next(b)]);
  seen(1);
  const [toA, toB] = await both;
  expect(toA).toEqual(toB);
  const pc = { machineKey: 'k1', reason: 'it has no token' };
  expect(toA).toMatchObject({ changes: { unenrolled: { gone: [], put: [[0, pc]] } } });
  expect('changes' in toA ? Object.keys(toA.changes) : []).toEqual(['unenrolled']);
  expect(JSON.stringify(toA).length).toBeLessThan(250);
  expect(viewsMade()).toBe(before + 1);
  stop.abort();
});

it('a watcher whose connection broke goes on from the picture it has', async () => {
  const broken = await head.socket(withToken);
  const first = await next(await clientOver(broken).lab.watch());
  broken.terminate();
  await vi.waitFor(() => expect(head.listening('lab.onChange')).toBe(0));
  seen(1);
  const api = await head.client();
  const stop = new AbortController();
  const again = await api.lab.watch({ since: first.version }, { signal: stop.signal });
  const message = await next(again);
  expect(message).toMatchObject({ changes: { unenrolled: { put: [[0, { machineKey: 'k1' }]] } } });
  if (!('whole' in first)) throw new Error('the first message is no picture');
  expect(withLabFeed(first.whole, message)).toEqual(await api.lab.view());
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
  head.lab.submit(1, 60_000);
  const log = await api.jobs.logs({ task: '1.0', follow: true });
  const reading = log.next().catch(() => undefined);
  await vi.waitFor(() => expect(head.listening('lab.logs')).toBe(1));
  socket.terminate();
  await reading;
  await vi.waitFor(() => expect(head.listening('lab.onChange')).toBe(0));
  await vi.waitFor(() => expect(head.listening('lab.logs')).toBe(0));
});

it('a log is what the program wrote, to its end', async () => {
  const api = await head.client();
  const program = {
    ...plainProgram(1000),
    writes: (ran: number) => 'für alle\n'.slice(0, ran / 100),
  };
  const { id } = head.lab.submitProgram(1, () => program);
  const log = await api.jobs.logs({ task: `${id}.0`, follow: true });
  const whole = (async () => {
    let text = '';
    for await (const piece of log) text += piece.text;
    return text;
  })();
  expect(await head.passing(whole)).toBe('für alle\n');
  await vi.waitFor(() => expect(head.listening('lab.logs')).toBe(0));
  expect(await refusalOf(api.jobs.logs({ task: '9.9' }).then(next))).toMatchObject({
    kind: 'not-found',
    sentence: 'there is no task "9.9"; nightshift jobs lists the jobs.',
  });
});

it('whoever may use the API may stop the head, and hears that it will', async () => {
  const api = await head.client();
  expect(await api.lab.shutdown()).toEqual({});
  expect(head.around.stopsAsked).toBe(1);
});
