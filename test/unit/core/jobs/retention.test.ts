import { describe, expect, test } from 'vitest';
import { hours, millis, minutes } from '../../../../shared/base/units.ts';
import { removeJobs, removeOld, setKeepFor } from '../../../../src-main/core/jobs/retention.ts';
import { kinds, refusalOf, ToldLab } from '../told-lab.ts';

const day = 24 * hours(1);

function told(jobs = 1): ToldLab {
  const lab = new ToldLab();
  lab.pc('a', { processors: 100 });
  for (let at = 0; at < jobs; at += 1) lab.ends(lab.runs('a'));
  return lab;
}
const looks = (lab: ToldLab) => kinds(lab.decides(removeOld));
/** So much later, with the clock looked at all the time. */
const later = (lab: ToldLab, span: number) => {
  lab.passes(span);
  const { now, wall } = lab.turn();
  lab.state.transient.trusted = {
    now: (now - hours(1)) as typeof now,
    wall: (wall - hours(1)) as typeof wall,
  };
  return lab;
};

describe('a person removes jobs', () => {
  const removes = (lab: ToldLab, ...names: string[]) => {
    const turn = lab.turn();
    const done = removeJobs(turn, names);
    return done.ok ? [done.value.ids, kinds(turn)] : refusalOf(done);
  };

  test('that are over, each once, also by their name', () => {
    expect(removes(told(2), '1', '1', 'work')).toEqual([
      ['1', '2'],
      ['job-removed', 'job-removed'],
    ]);
  });

  test('of which none is open, or none of them', () => {
    const lab = told();
    lab.job();
    expect(removes(lab, '1', '2')).toMatch(/^refused: job 2 is not over/);
    expect(removes(lab, '1', '9')).toMatch(/^not-found/);
    expect(lab.state.jobs.size).toBe(2);
  });

  test('for which no other waits', () => {
    const lab = told();
    lab.job({ afterOk: [lab.jobOf('1').id] });
    expect(removes(lab, '1')).toMatch(/^refused: job 2 is to start after job 1/);
    lab.happens({ e: 'job-queue-cancelled', job: lab.jobOf('2').id });
    expect(removes(lab, '1')).toEqual([['1'], ['job-removed']]);
  });
});

test('how long jobs are kept is said once', () => {
  const lab = told();
  const says = () => kinds(lab.decides((turn) => setKeepFor(turn, millis(5))));
  expect([says(), says(), lab.state.keepFor]).toEqual([['keep-for-set'], [], 5]);
});

describe('a job that is over', () => {
  test('leaves the memory a day later, and the lab when it was kept long enough', () => {
    const lab = told();
    expect(looks(later(lab, day - 1))).toEqual([]);
    expect(looks(later(lab, hours(1)))).toEqual(['job-archived']);
    expect(looks(later(lab, 88 * day))).toEqual([]);
    expect(looks(later(lab, day))).toEqual(['job-removed']);
  });

  test('leaves later when the lab is looked at seldom, and twenty at a time', () => {
    const lab = later(told(45), 2 * day);
    expect([looks(lab).length, looks(lab).length, looks(lab).length, looks(lab).length]).toEqual([
      20, 20, 5, 0,
    ]);
  });

  test('stays while another waits for it', () => {
    const lab = told();
    lab.job({ after: [lab.jobOf('1').id] });
    expect(looks(later(lab, 100 * day))).toEqual(['job-archived']);
  });

  test('that is open stays for ever', () => {
    const lab = new ToldLab();
    lab.job();
    expect(looks(later(lab, 1000 * day))).toEqual([]);
  });
});

describe('a wrong clock removes nothing', () => {
  const old = () => {
    const lab = later(told(), 100 * day);
    looks(lab);
    return later(lab, hours(2));
  };

  test('before it has gone on for an hour', () => {
    const lab = later(told(), 100 * day);
    lab.state.transient.trusted = null;
    expect(looks(lab)).toEqual(['job-archived']);
    expect(looks(lab.passes(hours(1) - 1))).toEqual([]);
    expect(looks(lab.passes(1))).toEqual(['job-removed']);
  });

  test.each([minutes(1) + 1, -60_001, 100 * day])('that jumps by %d ms', (jump) => {
    const lab = old();
    const { now, wall } = lab.turn();
    lab.state.transient.trusted = { now, wall };
    lab.wall += jump;
    lab.now += hours(1);
    lab.wall += hours(1);
    expect(lab.decides(removeOld).directives).toEqual([]);
    expect(lab.state.transient.trusted.wall).toBe(lab.wall);
  });
});

test('old events leave the log with them, by a clock that is trusted', () => {
  const lab = later(told(), 1);
  expect(lab.decides(removeOld).directives).toMatchObject([{ d: 'cut-log' }]);
});
