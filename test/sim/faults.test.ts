import { expect, test } from 'vitest';
import type { TaskId } from '../../shared/domain/ids.ts';
import { applyEvent, untouched } from '../../src-main/core/lab/apply-event.ts';
import { emptyLab } from '../../src-main/core/lab/state.ts';
import { playFaultNight } from './faults.ts';

/** `NIGHTSHIFT_SIM_SEED=n` replays one night, `NIGHTSHIFT_SIM_NIGHTS=n` plays more of them. */
const only = process.env['NIGHTSHIFT_SIM_SEED'];
const nights = Number(process.env['NIGHTSHIFT_SIM_NIGHTS'] ?? 300);
const first = only ? Number(only) : 20_261_121;

test(`in ${only ? 1 : nights} nights of random faults no task is lost, and none runs twice at the same time`, () => {
  for (let seed = first; seed < first + (only ? 1 : nights); seed += 1) {
    let story: readonly string[] = [];
    try {
      const night = playFaultNight(seed, 40);
      story = night.story;
      expect(night.lab.violations).toEqual([]);
      for (const job of night.jobs) {
        for (const task of night.lab.job(job).value.tasks) {
          expect(task.state).toBe('done');
          expect(night.lab.timesFinished(task.id)).toBeGreaterThanOrEqual(1);
        }
      }
      night.lab.shell.stop();
    } catch (error) {
      throw new Error(
        `seed ${seed} (NIGHTSHIFT_SIM_SEED=${seed} replays it): ${story.join(' ')}\n${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
    }
  }
}, 3_600_000);

test('the event log alone yields the same tasks as the projections', () => {
  const { lab } = playFaultNight(7, 40);
  const replayed = emptyLab();
  for (const { event, at } of lab.store.events(0)) applyEvent(replayed, event, at, untouched());
  const rows = [...lab.store.rows('tasks')] as {
    id: TaskId;
    state: string;
    epoch: number;
    outputs: unknown;
    migrations: unknown;
  }[];
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) {
    const task = replayed.tasks.get(row.id);
    expect({ state: task?.state, epoch: task?.epoch, migrations: task?.migrations }).toEqual({
      state: row.state,
      epoch: row.epoch,
      migrations: row.migrations,
    });
  }
});
