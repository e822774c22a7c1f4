import { expect, test } from 'vitest';
import { AgentLab } from './agent-member.ts';
import { playNight } from './fault-nights.ts';

/** `npm run simulate:faults -- --agents --seeds 1 --from SEED` replays one night; see test/README.md. */
const first = 20_261_121;

test('60 nights of random faults with the real agent: no task is lost, none runs twice at the same time, and the log tells the whole lab', async () => {
  for (let seed = first; seed < first + 60; seed += 1) {
    const { faults, story } = await playNight(seed, true);
    expect(faults, `seed ${seed}: ${story.join(' ')}`).toEqual([]);
  }
}, 3_600_000);

test('a task that is moved by hand runs on where it was sent', async () => {
  const lab = new AgentLab(1);
  lab.boot(2);
  await lab.pass(3000);
  const job = lab.submit(1, 20_000);
  await lab.pass(2000);
  const { machine } = lab.job(job).value.tasks[0]!;
  const target = machine === 'pc-01' ? 'pc-02' : 'pc-01';
  expect(lab.shell.migrate(`${job}.0`, target as never).ok).toBe(true);
  await lab.pass(4000);
  const task = lab.job(job).value.tasks[0]!;
  expect(task).toMatchObject({ machine: target, state: 'running' });
  expect(task.migrations).toHaveLength(1);
  await lab.pass(20_000);
  expect(lab.job(job).value.tasks[0]).toMatchObject({ state: 'done', restartsFromZero: 0 });
  expect(lab.violations).toEqual([]);
});
