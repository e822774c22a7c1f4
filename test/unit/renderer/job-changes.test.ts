import { expect, it } from 'vitest';
import type { JobDetail } from '../../../shared/api/views.ts';
import type { HeadApi } from '../../../src-renderer/bridge/head-bridge.ts';
import { JobChanges } from '../../../src-renderer/state/job-changes.ts';
import { jobOf, taskOf } from './some-views.ts';

interface Answer {
  readonly revision: string;
  readonly whole: boolean;
  readonly job: JobDetail;
}

function watching(answers: Answer[]) {
  const asked: (string | null)[] = [];
  const clock = { now: 100_000 };
  const api = {
    jobs: {
      changes: ({ since }: { since: string | null }) => {
        asked.push(since);
        return Promise.resolve(answers.shift());
      },
    },
  } as unknown as HeadApi;
  return { changes: new JobChanges(api, () => clock.now), asked, clock };
}
const job = (state: JobDetail['state'], ...tasks: JobDetail['tasks']): JobDetail =>
  jobOf('1', 'many', tasks, { state });
const running = (index: number) => taskOf('1', index, { state: 'running' });
const queued = (index: number) => taskOf('1', index);

it('puts what changed in its place and leaves the rest', async () => {
  const { changes, asked } = watching([
    { revision: 'a', whole: true, job: job('running', queued(1), queued(2), queued(3)) },
    { revision: 'b', whole: false, job: job('running', running(2)) },
    { revision: 'c', whole: false, job: job('running') },
  ]);
  await changes.ask('1');
  expect((await changes.ask('1')).tasks.map(({ state }) => state)).toEqual([
    ...['queued', 'running', 'queued'],
  ]);
  expect((await changes.ask('1')).tasks).toHaveLength(3);
  expect(asked).toEqual([null, 'a', 'b']);
});

it('asks for everything now and then, after a hold, and of another job', async () => {
  const whole = { revision: 'a', whole: true, job: job('running', queued(1)) };
  const { changes, asked, clock } = watching([
    whole,
    whole,
    { revision: 'b', whole: false, job: job('held') },
    whole,
    whole,
  ]);
  await changes.ask('1');
  clock.now += 30_000;
  await changes.ask('1');
  await changes.ask('1');
  await changes.ask('1');
  await changes.ask('2');
  expect(asked).toEqual([null, null, 'a', null, null]);
});
