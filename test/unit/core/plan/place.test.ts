import { describe, expect, test } from 'vitest';
import { mebibytes, monotonicMillis } from '../../../../shared/base/units.ts';
import { memberId } from '../../../../shared/domain/ids.ts';
import type { JobSpec } from '../../../../shared/domain/job.ts';
import { mostPlacedAtOnce, placeWaiting } from '../../../../src-main/core/plan/place.ts';
import { because, checkpointOf, hashOf, others, sent, ToldLab } from '../told-lab.ts';

const tasks = (count: number): Partial<JobSpec> => ({ array: { first: 1, last: count } });
const asking = (cpus: number): Partial<JobSpec> => ({
  resources: { cpus, memory: mebibytes(1), wallTime: null },
});

/** What is placed in one turn, as `task@PC`. */
const placed = (lab: ToldLab): string[] =>
  lab
    .decides(placeWaiting)
    .events.flatMap((event) =>
      event.e === 'task-placed' ? [`${event.task}@${event.machine}`] : [],
    );

function told(...names: readonly string[]): ToldLab {
  const lab = new ToldLab();
  for (const name of names) lab.pc(name);
  return lab;
}

describe('what waits is placed', () => {
  test('nowhere in an empty lab, and nothing where nothing waits', () => {
    const lab = told();
    lab.job();
    expect(placed(lab)).toEqual([]);
    expect(placed(told('a'))).toEqual([]);
  });

  test('in the order of the queue: priority, then age, then index', () => {
    const lab = told('a', 'b');
    lab.job(tasks(2));
    lab.job();
    lab.job({ priority: 1 });
    expect(placed(lab)).toEqual(['3.0@a', '1.1@b', '1.2@a', '2.0@b']);
    expect(placed(lab)).toEqual([]);
  });

  test('past what does not fit, which blocks nothing smaller behind it', () => {
    const lab = told('a');
    lab.runs('a');
    lab.job(asking(2));
    lab.job();
    expect(placed(lab)).toEqual(['3.0@a']);
  });

  test('no more of a job than it runs at once, nor of one that is held or waits for another', () => {
    const lab = told('a', 'b', 'c');
    const first = lab.job({ ...tasks(3), atOnce: 2 });
    lab.job({ after: [first.id] });
    lab.job({}, { held: true });
    expect(placed(lab)).toEqual(['1.1@a', '1.2@b']);
  });

  test('not while it is held by itself, nor before its pause is over', () => {
    const lab = told('a');
    lab.job(tasks(3));
    lab.happens({ e: 'task-held', task: lab.task('1.1').id, reason: because });
    lab.state.transient.placeNotBefore.set(lab.task('1.2').id, monotonicMillis(lab.now + 1));
    expect(placed(lab)).toEqual(['1.3@a']);
    expect(placed(lab.passes(1))).toEqual(['1.2@a']);
  });

  test('suspended tasks first, from their newest checkpoint and with a new number', () => {
    const lab = told('a');
    const job = lab.job(tasks(2));
    const task = lab.runs('a', job, 2);
    lab.saves(task, checkpointOf('a'));
    lab.saves(task, checkpointOf('b', { size: 99, cpuSeconds: 7 }), true);
    const turn = lab.decides(placeWaiting);
    expect(turn.events[0]).toMatchObject({
      task: '1.2',
      epoch: 2,
      machine: 'a',
      from: hashOf('b'),
    });
    expect(sent(turn)).toMatchObject([
      [
        'a',
        {
          t: 'start',
          task: '1.2',
          epoch: 2,
          checkpoint: { hash: hashOf('b'), size: 99, cpuSeconds: 7 },
        },
      ],
      ['a', { t: 'start', task: '1.1', epoch: 1, checkpoint: null, spec: { task: '1.1' } }],
    ]);
  });

  test('a pinned task where it was, while its brothers go on elsewhere', () => {
    const lab = told('a', 'b');
    const job = lab.job({ ...tasks(2), pin: true });
    lab.saves(lab.runs('b', job, 1), checkpointOf('a'), true);
    lab.happens({ e: 'member-lost', member: memberId('b') });
    expect(placed(lab)).toEqual(['1.2@a']);
  });

  test('a pinned task that was lost with nothing saved blocks none of its brothers', () => {
    const lab = told('a', 'b');
    lab.runs('b', lab.job({ ...tasks(2), pin: true }), 1);
    const lost = {
      e: 'task-attempt-lost',
      task: lab.task('1.1').id,
      epoch: lab.task('1.1').epoch,
    } as const;
    lab.happens({ ...lost, reason: because, lostMs: 0, avoid: null });
    lab.happens({ e: 'member-lost', member: memberId('b') });
    expect(placed(lab)).toEqual(['1.2@a']);
  });
});

describe('where one PC is in doubt', () => {
  test('a job goes to others while they have room, and waits for them when they have none', () => {
    const lab = told('a', 'b');
    lab.job(tasks(5));
    const task = lab.task('1.1').id;
    lab.state.transient.doubts.set(task, {
      member: memberId('a'),
      job: lab.jobOf('1').id,
      reason: 'x',
    });
    expect(placed(lab)).toEqual(['1.1@b', '1.2@b']);
    expect(placed(lab)).toEqual([]);
    // Other jobs go there as ever.
    lab.job();
    expect(placed(lab)).toEqual(['2.0@a']);
  });

  test('one where programs ended at once is asked last', () => {
    const lab = told('a', 'b');
    lab.state.transient.quickExits.set(memberId('a'), new Map());
    lab.job(tasks(3));
    expect(placed(lab)).toEqual(['1.1@b', '1.2@b', '1.3@a']);
  });
});

test('a lab that fills up is filled in several turns, and says that there is more', () => {
  const lab = new ToldLab();
  lab.pc('a', { processors: 500 });
  lab.job({ ...tasks(250), ...asking(1) });
  const turn = lab.decides(placeWaiting);
  expect(turn.events).toHaveLength(mostPlacedAtOnce);
  expect(others(turn)).toEqual([{ d: 'settle' }]);
  expect(placed(lab)).toHaveLength(100);
  const last = lab.decides(placeWaiting);
  expect([last.events.length, others(last)]).toEqual([50, []]);
});
