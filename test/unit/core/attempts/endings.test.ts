import { describe, expect, test } from 'vitest';
import { epoch, memberId, type TaskId } from '../../../../shared/domain/ids.ts';
import type { JobSpec, Task } from '../../../../shared/domain/job.ts';
import type { Ending } from '../../../../shared/wire/to-head.ts';
import { hearEndings, onBadReport } from '../../../../src-main/core/lab/hear.ts';
import { quickMs } from '../../../../src-main/core/membership/quarantine.ts';
import { checkpointOf, hashOf, kinds, said, ToldLab } from '../told-lab.ts';

const exit = (exitCode: number): Ending => ({ cause: 'exit', exitCode });
const machine: Ending = { cause: 'machine', reason: 'no room' };
const unstartable: Ending = { cause: 'unstartable', reason: 'no such command' };

/** Its task 1.0 runs on `a`, for longer than a program that ends at once. */
function told(wish: Partial<JobSpec> = {}): { lab: ToldLab; task: Task } {
  const lab = new ToldLab();
  for (const name of ['a', 'b']) lab.pc(name);
  const task = lab.runs('a', lab.job(wish));
  lab.passes(quickMs);
  return { lab, task };
}
const report = (task: Task, ending: Ending, number: number = task.epoch) => ({
  ...{
    t: 'ended' as const,
    task: task.id,
    epoch: epoch(number),
    ending,
    outputs: [],
    log: null,
    cpuSeconds: 2,
  },
});
const ends = (
  lab: ToldLab,
  task: Task,
  ending: Ending,
  absent: readonly string[] = [],
  on = 'a',
  number = 1,
) => {
  const turn = lab.listensTo(on, report(task, ending, number), absent);
  return [kinds(turn), said(turn)];
};

describe('a program that ends', () => {
  test.each<[string, Ending, Partial<JobSpec>, string, object]>([
    ['well is done', exit(0), {}, 'task-done', { state: 'done', exitCode: 0 }],
    [
      'badly has failed',
      exit(3),
      {},
      'task-failed',
      { state: 'failed', exitCode: 3, reason: { code: 'exited', facts: { code: 3 } } },
    ],
    [
      'badly, and may try again, does',
      exit(3),
      { retries: 1 },
      'task-retried',
      { state: 'queued', failures: 1, avoid: ['a'] },
    ],
    [
      'over its limits has failed, whatever may be tried',
      { cause: 'limit', reason: 'too long' },
      { retries: 9 },
      'task-failed',
      { exitCode: null },
    ],
    [
      'well without what it was to leave has failed',
      { cause: 'no-output', exitCode: 0, reason: 'no file' },
      { retries: 9 },
      'task-failed',
      { exitCode: 0 },
    ],
    [
      'because somebody stopped it waits again',
      { cause: 'stopped' },
      {},
      'task-attempt-lost',
      { state: 'queued', reason: { code: 'stopped' } },
    ],
    [
      'by its PC’s fault waits again, elsewhere',
      machine,
      {},
      'task-attempt-lost',
      { state: 'queued', avoid: ['a'] },
    ],
  ])('%s', (_what, ending, wish, event, expected) => {
    const { lab, task } = told(wish);
    expect(ends(lab, task, ending)).toEqual([[event], ['a: forget']]);
    expect(task).toMatchObject(expected);
  });

  test('badly once more than it may try has failed', () => {
    const { lab, task } = told({ retries: 1 });
    ends(lab, task, exit(1));
    lab.runs('b', lab.jobOf('1'));
    expect(ends(lab, task, exit(1), [], 'b', 2)).toEqual([['task-failed'], ['b: forget']]);
  });

  test('is told once: what is said of an attempt that is over is answered and changes nothing', () => {
    const { lab, task } = told();
    ends(lab, task, exit(0));
    expect(ends(lab, task, exit(1))).toEqual([[], ['a: forget']]);
    expect(ends(lab, task, exit(1), [], 'b')).toEqual([[], ['b: forget']]);
    expect(task.state).toBe('done');
  });

  test.each([exit(0), exit(1), { cause: 'stopped' } as const])(
    'of a job that was cancelled is cancelled: %j',
    (ending) => {
      const { lab, task } = told({ retries: 1 });
      lab.happens({ e: 'job-cancelled', job: task.job });
      expect(ends(lab, task, ending)[0]).toEqual(['task-cancelled']);
    },
  );
});

describe('results that are not here', () => {
  test('are asked for three times, and the program’s end is not forgotten before', () => {
    const { lab, task } = told();
    for (let at = 0; at < 3; at += 1)
      expect(ends(lab, task, exit(0), ['a'])).toEqual([[], ['a: send-again']]);
    expect(lab.state.transient.resultsWait.get(task.id)).toEqual({
      code: 'results-absent',
      facts: { files: 1 },
    });
    expect(ends(lab, task, exit(0), ['a'])).toEqual([['task-attempt-lost'], ['a: forget']]);
    expect(task).toMatchObject({
      ...{ avoid: ['a'], reason: { code: 'results-never-came', facts: { pc: 'a', files: 1 } } },
    });
  });

  test('and come the second time make it done', () => {
    const { lab, task } = told();
    ends(lab, task, exit(0), ['a']);
    expect(ends(lab, task, exit(0))).toEqual([['task-done'], ['a: forget']]);
    expect(lab.state.transient.askedAgain.size).toBe(0);
  });

  test('are of no interest of a job that was cancelled', () => {
    const { lab, task } = told();
    lab.happens({ e: 'job-cancelled', job: task.job });
    expect(ends(lab, task, exit(0), ['a'])).toEqual([['task-cancelled'], ['a: forget']]);
  });

  test('that find no place here are told once per reason', () => {
    const { lab, task } = told();
    const waits = (reason: string, number = 1) => {
      const message = { t: 'results-wait' as const, task: task.id, epoch: epoch(number), reason };
      return lab.listensTo('a', message).touched.tasks.size;
    };
    expect([waits('full', 0), waits('full'), waits('full'), waits('other')]).toEqual([0, 1, 0, 1]);
    expect(lab.state.transient.resultsWait.get(task.id)).toEqual({
      code: 'said',
      facts: { text: 'other' },
    });
  });
});

describe('a program that cannot be started', () => {
  test('is tried elsewhere first, and has failed when the second PC says so, too', () => {
    const { lab, task } = told();
    lab.passes(9);
    expect(ends(lab, task, unstartable)).toEqual([['task-attempt-lost'], ['a: forget']]);
    // Its container was up for a moment, in which the program did nothing.
    expect(lab.state.night).toMatchObject({ lostMs: 0, losses: [] });
    expect(task.reason).toEqual({
      code: 'could-not-start',
      facts: { pc: 'a', said: 'no such command' },
    });
    lab.runs('b', lab.jobOf('1'));
    expect(ends(lab, task, unstartable, [], 'b', 2)[0]).toEqual(['task-failed']);
  });

  test('has failed at once where nobody else could be asked', () => {
    const { lab, task } = told();
    lab.happens({ e: 'member-lost', member: memberId('b') });
    expect(ends(lab, task, unstartable)[0]).toEqual(['task-failed']);
  });
});

describe('a restore that fails by its PC’s fault', () => {
  const restoring = (letters: string) => {
    const { lab, task } = told();
    for (const letter of letters) lab.saves(task, checkpointOf(letter));
    lab.saves(task, checkpointOf(letters.slice(-1)), true);
    task.checkpoints = [...letters].reverse().map((letter) => checkpointOf(letter));
    return { lab, task };
  };
  const failsOn = (lab: ToldLab, task: Task) => {
    lab.starts('a', lab.jobOf('1'));
    return ends(lab, task, machine, [], 'a', task.epoch)[0];
  };

  test('waits longer each time, and goes on from the older one after the second', () => {
    const { lab, task } = restoring('ab');
    expect(failsOn(lab, task)).toEqual(['task-attempt-lost']);
    expect(lab.state.transient.placeNotBefore.get(task.id)).toBe(lab.now + 4000);
    expect(failsOn(lab, task)).toEqual(['task-attempt-lost', 'task-checkpoint-dropped']);
    expect(lab.state.transient.placeNotBefore.get(task.id)).toBe(lab.now + 8000);
    expect(task.checkpoints.map(({ hash }) => hash)).toEqual([hashOf('a')]);
  });

  test('gives the last one up only after six, since it may be the PCs', () => {
    const { lab, task } = restoring('a');
    const dropped: boolean[] = [];
    for (let at = 1; at <= 6; at += 1)
      dropped.push(failsOn(lab, task)?.includes('task-checkpoint-dropped') ?? false);
    expect(dropped).toEqual([false, false, false, false, false, true]);
    expect(task.state).toBe('queued');
  });

  test('of a checkpoint that was found damaged here is no fault of the PC', () => {
    const { lab, task } = restoring('a');
    lab.starts('a', lab.jobOf('1'));
    task.checkpoints = [];
    ends(lab, task, machine, [], 'a', task.epoch);
    expect([task.avoid, lab.state.transient.faults.size]).toEqual([[], 0]);
  });
});

test('a task that six PCs failed is at fault itself', () => {
  const { lab, task } = told();
  let last: string[] | undefined;
  for (let at = 1; at <= 6; at += 1) {
    const name = `pc-${at}`;
    lab.pc(name);
    if (task.attempt) ends(lab, task, machine);
    lab.runs(name, lab.jobOf('1'));
    [last] = ends(lab, task, machine, [], name, task.epoch);
    if (task.state === 'failed') break;
  }
  expect(last).toEqual(['task-attempt-lost', 'task-failed']);
  expect(task).toMatchObject({ reason: { code: 'no-pc-could-run-it', facts: { pcs: 6 } } });
});

describe('what an end says of the PC', () => {
  test('is that it works, when a program ran there to its end', () => {
    const { lab, task } = told();
    lab.state.transient.faults.set(memberId('a'), new Set());
    ends(lab, task, exit(0));
    expect([lab.state.transient.faults.size, lab.state.transient.goneWell.size]).toEqual([0, 1]);
  });

  test('is in doubt, when it ended at once and badly', () => {
    const { lab } = told();
    const task = lab.runs('a');
    ends(lab, task, exit(1));
    expect(lab.state.transient.quickExits.get(memberId('a'))?.has(task.id)).toBe(true);
  });

  test('is nothing, when it was stopped, or ran for long enough', () => {
    const { lab, task } = told();
    const stopped = lab.runs('a');
    ends(lab, stopped, { cause: 'stopped' });
    ends(lab, task, exit(1));
    expect(lab.state.transient.quickExits.size).toBe(0);
  });
});

describe('a program that ends while it moves', () => {
  const moving = () => {
    const { lab, task } = told();
    lab.moves(task, 'b');
    return { lab, task };
  };

  test('at its source for good is over, and its target gives up', () => {
    const { lab, task } = moving();
    expect(ends(lab, task, exit(0))).toEqual([['task-done'], ['a: forget', 'b: abandon']]);
  });

  test('at its source by the source’s fault may run at its target', () => {
    const { lab, task } = moving();
    expect(ends(lab, task, machine)).toEqual([[], ['a: forget', 'b: abandon']]);
    expect(lab.state.transient.moves.get(task.id)?.sourceGone).toBe(true);
  });

  test('at its target before its source let go is heard when that has', () => {
    const { lab, task } = moving();
    expect(ends(lab, task, exit(0), [], 'b', 2)).toEqual([[], []]);
    expect(kinds(lab.decides(hearEndings))).toEqual([]);
    lab.happens({ e: 'task-moved', task: task.id, toEpoch: epoch(2) });
    const turn = lab.decides(hearEndings);
    expect([kinds(turn), said(turn)]).toEqual([['task-done'], ['b: forget']]);
    expect(kinds(lab.decides(hearEndings))).toEqual([]);
  });

  test('at its target, of which the PC is forgotten meanwhile, is heard of no more', () => {
    const { lab, task } = moving();
    ends(lab, task, exit(0), [], 'b', 2);
    lab.happens({ e: 'task-moved', task: task.id, toEpoch: epoch(2) });
    lab.happens({ e: 'member-forgotten', member: memberId('b') });
    expect(kinds(lab.decides(hearEndings))).toEqual([]);
    expect(lab.state.transient.endedEarly.size).toBe(0);
  });
});

describe('an end that is told in a way that nobody understands', () => {
  const told2 = (lab: ToldLab, task: { id: TaskId }, number = 1) => {
    const key = { task: task.id, epoch: epoch(number) };
    const turn = lab.decides((turn) => onBadReport(turn, lab.member('a'), key, 'bad json'));
    return [kinds(turn), said(turn)];
  };

  test('is asked for once more, then it is an end', () => {
    const { lab, task } = told({ retries: 5 });
    expect(told2(lab, task)).toEqual([[], ['a: send-again']]);
    expect(told2(lab, task)).toEqual([['task-failed'], ['a: forget']]);
    expect(task.reason).toEqual({
      code: 'end-not-understood',
      facts: { pc: 'a', fault: 'bad json' },
    });
  });

  test('of an attempt that is over is answered at once', () => {
    const { lab, task } = told();
    expect(told2(lab, task, 0)).toEqual([[], ['a: forget']]);
  });
});
