import { saidReason } from '../../../../shared/domain/reasons.ts';
import { describe, expect, test } from 'vitest';
import {
  bytes,
  epochMillis,
  minutes,
  monotonicMillis,
  seconds,
} from '../../../../shared/base/units.ts';
import { memberId } from '../../../../shared/domain/ids.ts';
import type { Task } from '../../../../shared/domain/job.ts';
import {
  cancelTask,
  doneMsAt,
  dropCheckpoint,
  forgetTransient,
  loseAttempt,
  unsavedMs,
} from '../../../../src-main/core/attempts/losses.ts';
import { because, checkpointOf, hashOf, ToldLab } from '../told-lab.ts';

function told(): { lab: ToldLab; task: Task } {
  const lab = new ToldLab();
  lab.pc('a');
  return { lab, task: lab.runs('a') };
}
const takenNow = (lab: ToldLab, letter: string, doneMs?: number) =>
  checkpointOf(letter, { takenAt: epochMillis(lab.wall), cpuSeconds: 5, doneMs });

describe('work that is on no disk', () => {
  test('is what ran since the start, or since the newest checkpoint', () => {
    const { lab, task } = told();
    expect(unsavedMs(lab.turn(), task)).toBe(0);
    lab.passes(minutes(3));
    expect(unsavedMs(lab.turn(), task)).toBe(minutes(3));
    lab.saves(task, takenNow(lab, 'a'));
    lab.passes(minutes(1));
    expect(unsavedMs(lab.turn(), task)).toBe(minutes(1));
  });

  test('is none of a task that does not run, nor by a clock that was put back', () => {
    const { lab, task } = told();
    lab.wall -= minutes(5);
    expect(unsavedMs(lab.turn(), task)).toBe(0);
    lab.ends(task);
    lab.passes(minutes(9));
    expect(unsavedMs(lab.turn(), task)).toBe(0);
  });

  test('does not count what an older attempt had saved', () => {
    const { lab, task } = told();
    lab.passes(minutes(1)).saves(task, takenNow(lab, 'a'), true);
    lab.passes(minutes(60)).runs('a', lab.jobOf('1'));
    lab.passes(minutes(2));
    expect(unsavedMs(lab.turn(), task)).toBe(minutes(2));
  });
});

describe('an attempt that is lost', () => {
  test('costs what was not saved, and is forgotten', () => {
    const { lab, task } = told();
    lab.passes(minutes(2));
    lab.state.transient.usage.set(task.id, { cpuSeconds: 1, memory: bytes(1) });
    const turn = lab.decides((turn) => loseAttempt(turn, task, because, memberId('a')));
    expect(turn.events).toEqual([
      {
        e: 'task-attempt-lost',
        task: task.id,
        epoch: 1,
        reason: because,
        lostMs: minutes(2),
        avoid: 'a',
      },
    ]);
    expect(lab.state.transient.usage.size).toBe(0);
  });

  test('was taken back for the reason that was given then', () => {
    const { lab, task } = told();
    const reason = { code: 'job-held', facts: {} } as const;
    lab.happens({ e: 'task-recalled', task: task.id, epoch: task.epoch, reason });
    const turn = lab.decides((turn) => loseAttempt(turn, task, because));
    expect(turn.events).toMatchObject([{ reason, avoid: null }]);
  });

  test('is not lost twice', () => {
    const { lab, task } = told();
    lab.decides((turn) => loseAttempt(turn, task, because));
    expect(lab.decides((turn) => loseAttempt(turn, task, because)).events).toEqual([]);
  });
});

describe('a checkpoint that is dropped', () => {
  const lost = (lab: ToldLab, task: Task, letter: string) =>
    lab.decides((turn) => dropCheckpoint(turn, task, hashOf(letter), because)).events;

  test('costs what is in no older one', () => {
    const { lab, task } = told();
    lab.saves(task, takenNow(lab, 'a', minutes(3)));
    lab.saves(task, takenNow(lab, 'b', minutes(5)));
    expect(lost(lab, task, 'b')).toMatchObject([{ hash: hashOf('b'), lostMs: minutes(2) }]);
    expect(lost(lab, task, 'a')).toMatchObject([{ hash: hashOf('a'), lostMs: minutes(3) }]);
  });

  test('costs nothing when there is a newer one', () => {
    const { lab, task } = told();
    lab.saves(task, takenNow(lab, 'a', minutes(3)));
    lab.saves(task, takenNow(lab, 'b', minutes(5)));
    expect(lost(lab, task, 'a')).toMatchObject([{ lostMs: 0 }]);
  });

  test('of an older head is judged by its processor time', () => {
    const { lab, task } = told();
    lab.saves(task, takenNow(lab, 'a'));
    expect(lost(lab, task, 'a')).toMatchObject([{ lostMs: seconds(5) }]);
  });

  test('that the task does not have costs nothing', () => {
    const { lab, task } = told();
    expect(lost(lab, task, 'x')).toMatchObject([{ lostMs: 0 }]);
  });
});

describe('running that a checkpoint of this moment has in it', () => {
  test('is that since the start, and on from each checkpoint of this run', () => {
    const { lab, task } = told();
    const done = () => doneMsAt(task, lab.wall);
    lab.passes(minutes(2));
    expect(done()).toBe(minutes(2));
    lab.saves(task, takenNow(lab, 'a', minutes(2)));
    lab.passes(minutes(1));
    expect(done()).toBe(minutes(3));
  });

  test('goes on from what it was restored from, not from a newer one that was of no use', () => {
    const { lab, task } = told();
    lab.saves(task, takenNow(lab, 'a', minutes(7)));
    lab.passes(minutes(1)).saves(task, takenNow(lab, 'b', minutes(8)), true);
    lab.passes(minutes(10)).runs('a', lab.jobOf('1'));
    if (task.attempt) Object.assign(task.attempt, { from: hashOf('a') });
    lab.passes(minutes(2));
    expect(doneMsAt(task, lab.wall)).toBe(minutes(9));
  });

  test('of a task that does not run is that of its newest one, or none', () => {
    const lab = new ToldLab();
    lab.pc('a');
    const job = lab.job();
    expect(doneMsAt(lab.task('1.0'), lab.wall)).toBe(0);
    const task = lab.saves(lab.runs('a', job), takenNow(lab, 'a', 77), true);
    expect(doneMsAt(task, lab.wall + 5)).toBe(77);
  });
});

test('what was known of an attempt is forgotten with it, but not when it may be placed or moved again', () => {
  const { lab, task } = told();
  const { transient } = lab.state;
  const now = monotonicMillis(1);
  transient.saving.set(task.id, { then: 'suspend', since: now });
  for (const map of [transient.saveNotBefore, transient.quietSince, transient.recalledAt])
    map.set(task.id, now);
  for (const map of [transient.saveFault, transient.resultsWait]) map.set(task.id, saidReason('x'));
  transient.askedAgain.set(task.id, 1);
  transient.placeNotBefore.set(task.id, now);
  transient.moveNotBefore.set(task.id, now);
  forgetTransient(lab.turn(), task);
  const left = Object.entries(transient).filter(
    ([, map]) => map instanceof Map && map.has(task.id),
  );
  expect(left.map(([name]) => name).sort()).toEqual(['moveNotBefore', 'placeNotBefore']);
});

test('a task that is cancelled is over at once', () => {
  const { lab, task } = told();
  lab.state.transient.saveFault.set(task.id, saidReason('x'));
  const turn = lab.decides((turn) => cancelTask(turn, task.id));
  expect(turn.events).toEqual([{ e: 'task-cancelled', task: task.id }]);
  expect([task.state, lab.state.transient.saveFault.size]).toEqual(['cancelled', 0]);
});
