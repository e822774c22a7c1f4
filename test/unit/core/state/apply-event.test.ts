import { describe, expect, test } from 'vitest';
import { epochMillis, hours, millis } from '../../../../shared/base/units.ts';
import { jobId, memberId, type TaskId } from '../../../../shared/domain/ids.ts';
import { applyEvent } from '../../../../src-main/core/state/apply-event.ts';
import type { LabEvent } from '../../../../src-main/core/state/events.ts';
import { untouched } from '../../../../src-main/core/state/touched.ts';
import { because, ToldLab } from '../told-lab.ts';

const member = memberId('pc-01');
const job = jobId('1');
const seat = { room: 'A', row: 1, place: 2 };

/** One PC and one job of two tasks, of which one runs. */
function told(): ToldLab {
  const lab = new ToldLab();
  lab.pc('pc-01');
  lab.runs('pc-01', lab.job({ array: { first: 1, last: 2 } }));
  return lab;
}

function touchedBy(lab: ToldLab, event: LabEvent) {
  const touched = untouched();
  applyEvent(lab.state, event, epochMillis(7), touched);
  const { seats, members, jobs, jobsAsWhole, tasks, refs } = touched;
  return {
    ...{ lab: touched.lab, seats: [...seats], members: [...members], jobs: [...jobs] },
    ...{ wholes: [...jobsAsWhole], tasks: [...tasks], refs: [...refs.keys()] },
  };
}

describe('an event touches what it changes, and nothing else', () => {
  const none = { lab: false, seats: [], members: [], jobs: [], wholes: [], tasks: [], refs: [] };
  const task = '1.1' as TaskId;

  test.each<[LabEvent, object]>([
    [{ e: 'member-suspected', member }, { members: [member] }],
    [{ e: 'member-suspected', member: memberId('nobody') }, { members: ['nobody'] }],
    [
      { e: 'member-forgotten', member },
      { members: [member], lab: true },
    ],
    [
      { e: 'seats-given', seats: [{ machineKey: '02:00:pc-01', seat }] },
      { seats: ['02:00:pc-01'], members: [member] },
    ],
    [{ e: 'seats-given', seats: [{ machineKey: 'x', seat }] }, { seats: ['x'] }],
    [{ e: 'seats-given', seats: [] }, {}],
    [{ e: 'night-opened', night: 2 }, { lab: true }],
    [{ e: 'night-ended', night: 1, because: 'morning' }, { lab: true }],
    [{ e: 'keep-for-set', keepFor: millis(1) }, { lab: true }],
    [
      { e: 'job-held', job },
      { jobs: [job], wholes: [job] },
    ],
    [
      { e: 'job-cancelled', job },
      { jobs: [job], wholes: [job] },
    ],
    [
      { e: 'job-queue-cancelled', job },
      { jobs: [job], wholes: [job] },
    ],
    [{ e: 'job-held', job: jobId('9') }, {}],
    [
      { e: 'job-archived', job },
      { jobs: [job], refs: [job] },
    ],
    [
      { e: 'job-removed', job, because },
      { jobs: [job], lab: true },
    ],
    [
      { e: 'task-stopping', task },
      { tasks: [task], jobs: [job] },
    ],
    [{ e: 'task-stopping', task: '9.1' as TaskId }, {}],
  ])('%j', (event, expected) => {
    expect(touchedBy(told(), event)).toEqual({ ...none, ...expected });
  });
});

describe('what happens to the lab', () => {
  test('a new night begins with nothing in its tally, and its end stays in it', () => {
    const lab = told();
    lab.ends(lab.task('1.1'));
    lab.happens({ e: 'night-opened', night: 3 });
    expect(lab.state.night).toMatchObject({
      number: 3,
      tasksDone: 0,
      openedAt: lab.wall,
      endedAt: null,
    });
    lab.passes(1000).happens({ e: 'night-ended', night: 3, because: 'release' });
    expect(lab.state.night.endedAt).toBe(lab.wall);
  });

  test('jobs are numbered on from the highest there was, in whatever order they come', () => {
    const lab = new ToldLab();
    const first = lab.job();
    lab.happens({ e: 'job-submitted', job: { ...first, id: jobId('7') } });
    lab.happens({ e: 'job-submitted', job: { ...first, id: jobId('3') } });
    expect(lab.state.nextJob).toBe(8);
    lab.happens({ e: 'job-removed', job: jobId('7'), because });
    expect(lab.job().id).toBe('8');
  });

  test('the job of an event is not changed with the lab', () => {
    const lab = told();
    const event: LabEvent = {
      ...{ e: 'job-submitted', job: { ...lab.jobOf('1'), id: jobId('5') } },
    };
    lab.happens(event, { e: 'job-held', job: jobId('5') });
    expect(lab.jobOf('5').held).toBe(true);
    expect(event.job.held).toBe(false);
  });

  test('a job is held, goes on, and stays cancelled', () => {
    const lab = told();
    const flags = () => [lab.jobOf('1').held, lab.jobOf('1').cancelled];
    lab.happens({ e: 'job-held', job }, { e: 'job-held', job });
    expect(flags()).toEqual([true, false]);
    lab.happens({ e: 'job-resumed', job }, { e: 'job-cancelled', job });
    expect(flags()).toEqual([false, true]);
    lab.happens({ e: 'job-resumed', job });
    expect(flags()).toEqual([false, true]);
  });

  test('seats belong to machines, whether these are here or not', () => {
    const lab = told();
    const away = { ...seat, place: 3 };
    lab.happens({
      e: 'seats-given',
      seats: [
        { machineKey: '02:00:pc-01', seat },
        { machineKey: '02:00:pc-02', seat: away },
      ],
    });
    expect(lab.member('pc-01').seat).toEqual(seat);
    expect(lab.state.seats.get('02:00:pc-02')).toEqual(away);
    lab.happens({ e: 'seats-given', seats: [{ machineKey: '02:00:pc-01', seat: null }] });
    expect(lab.member('pc-01').seat).toBeNull();
    expect([...lab.state.seats.keys()]).toEqual(['02:00:pc-02']);
  });

  test('a forgotten PC leaves nothing but its name, which rests', () => {
    const lab = told();
    lab.happens({ e: 'member-forgotten', member });
    expect(lab.state.members.size).toBe(0);
    expect(lab.state.index.on.has(member)).toBe(false);
    expect(lab.state.retired.get(member)).toBe(lab.wall);
  });

  test('jobs are kept for as long as was said last', () => {
    const lab = new ToldLab().happens({ e: 'keep-for-set', keepFor: hours(5) });
    expect(lab.state.keepFor).toBe(hours(5));
  });
});
