import { expect, test } from 'vitest';
import { AgentLab } from './agent-member.ts';
import { faultNight, type FaultNight } from './faults.ts';

/** `NIGHTSHIFT_SIM_SEED=n` replays one night, `NIGHTSHIFT_SIM_NIGHTS=n` plays more of them. */
const only = process.env['NIGHTSHIFT_SIM_SEED'];
const nights = Number(process.env['NIGHTSHIFT_SIM_NIGHTS'] ?? 60);
const first = only ? Number(only) : 20_261_121;

async function play(seed: number): Promise<FaultNight> {
  const lab = new AgentLab(seed);
  const night: FaultNight = { lab, jobs: [], story: [] };
  try {
    for (const span of faultNight(night, seed, 40)) await lab.pass(span);
  } catch (error) {
    throw new Error(
      `seed ${seed} (NIGHTSHIFT_SIM_SEED=${seed} replays it): ${night.story.join(' ')}\n${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
  return night;
}

test(`${only ? 1 : nights} nights of random faults with the real agent: no task is lost, and none runs twice at the same time`, async () => {
  for (let seed = first; seed < first + (only ? 1 : nights); seed += 1) {
    const { lab, jobs, story } = await play(seed);
    expect(lab.violations, `seed ${seed}: ${story.join(' ')}`).toEqual([]);
    for (const job of jobs)
      for (const task of lab.job(job).value.tasks) {
        expect(task.state).toBe('done');
        expect(lab.timesFinished(task.id)).toBeGreaterThanOrEqual(1);
      }
    lab.shell.stop();
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
