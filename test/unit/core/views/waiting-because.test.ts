import { whyItWaits } from '../../../../shared/words/task-words.ts';
import { waitingWords } from '../../../../shared/words/waiting-words.ts';
import { describe, expect, test } from 'vitest';
import { mebibytes } from '../../../../shared/base/units.ts';
import { memberId } from '../../../../shared/domain/ids.ts';
import { neverStarts, waitingReasons } from '../../../../src-main/core/views/waiting-because.ts';
import { because, ToldLab } from '../told-lab.ts';

const why = (lab: ToldLab, id = '1.0'): string | null => {
  const task = lab.task(id);
  return whyItWaits({ ...waitingReasons(lab.state, lab.jobOf(task.job))(task), reason: null });
};
function told(): ToldLab {
  const lab = new ToldLab();
  lab.pc('a', { processors: 1 });
  return lab;
}

describe('a task waits', () => {
  test.each<[string, (lab: ToldLab) => unknown, RegExp]>([
    ['because it is about to start', (lab) => lab.job(), /about to start/],
    ['because its job is held', (lab) => lab.job({}, { held: true }), /the job is held/],
    [
      'because it is held itself',
      (lab) => (
        lab.job(),
        lab.happens({ e: 'task-held', task: lab.task('1.0').id, reason: because })
      ),
      /it is held: so/,
    ],
    [
      'because its PC is cordoned',
      (lab) => (lab.job(), lab.happens({ e: 'member-cordoned', member: memberId('a'), because })),
      /no PC takes tasks .*1 cordoned/,
    ],
    [
      'because its PC is lost',
      (lab) => (lab.job(), lab.happens({ e: 'member-lost', member: memberId('a') })),
      /no PC takes tasks .*1 lost/,
    ],
    ['because no PC fits', (lab) => lab.job({ pack: 'x' }), /no PC that is here fits: .*"x"/],
  ])('%s', (_what, change, words) => {
    const lab = told();
    change(lab);
    expect(why(lab)).toMatch(words);
  });

  test('because the lab has no PC', () => {
    const lab = new ToldLab();
    lab.job();
    expect(why(lab)).toMatch(/no PC has enrolled/);
  });

  test('because all slots are taken, and is told how many are ahead', () => {
    const lab = told();
    lab.runs('a');
    lab.job({ array: { first: 1, last: 3 } });
    const parts = (id: string) => waitingReasons(lab.state, lab.jobOf('2'))(lab.task(id));
    expect(parts('2.1')).toMatchObject({
      waitingBecause: { code: 'no-slot-free', facts: { slots: 1 } },
      ahead: 0,
    });
    expect(parts('2.3').ahead).toBe(2);
  });

  test('because there is a slot and no memory', () => {
    const lab = new ToldLab();
    lab.pc('a');
    const wish = (memory: number) => ({
      resources: { cpus: 1, memory: mebibytes(memory), wallTime: null },
    });
    lab.runs('a', lab.job(wish(3000)));
    lab.job(wish(2000));
    expect(why(lab, '2.0')).toMatch(/no PC with a free slot has .* of memory left/);
  });

  test('after another job, and because its job runs no more at once', () => {
    const lab = new ToldLab();
    lab.pc('a', { processors: 9 });
    const first = lab.job({ array: { first: 1, last: 3 }, atOnce: 1 });
    lab.runs('a', first, 1);
    lab.job({ after: [first.id] });
    expect(why(lab, '2.0')).toMatch(/it starts after job 1/);
    expect(why(lab, '1.2')).toMatch(/at most 1 of its tasks/);
  });
});

test('a task that does not wait has nothing to wait for', () => {
  const lab = told();
  const task = lab.runs('a');
  expect(waitingReasons(lab.state, lab.jobOf('1'))(task)).toEqual({
    waitingBecause: null,
    ahead: null,
  });
  expect(why(lab)).toBeNull();
});

test.each<[string, (lab: ToldLab) => unknown, RegExp | null]>([
  ['that goes on', () => undefined, null],
  [
    'that failed',
    (lab) => lab.ends(lab.runs('a', lab.jobOf('1')), 'failed'),
    /job 1 is done, and that failed/,
  ],
  [
    'that was cancelled',
    (lab) =>
      lab.happens(
        { e: 'job-cancelled', job: lab.jobOf('1').id },
        { e: 'job-queue-cancelled', job: lab.jobOf('1').id },
      ),
    /was cancelled/,
  ],
])('a job that needs the success of one %s', (_what, change, words) => {
  const lab = told();
  const second = lab.job({ afterOk: [lab.job().id] });
  change(lab);
  const never = neverStarts(lab.state, second);
  if (words) expect(never && waitingWords(never)).toMatch(words);
  else expect(never).toBeNull();
});
