import { describe, expect, test } from 'vitest';
import { mebibytes } from '../../../../shared/base/units.ts';
import { memberId } from '../../../../shared/domain/ids.ts';
import type { JobSpec } from '../../../../shared/domain/job.ts';
import { FreeRooms, kindOf, shapeOf } from '../../../../src-main/core/plan/free-rooms.ts';
import { because, checkpointOf, ToldLab } from '../told-lab.ts';

const asking = (cpus: number, memory = 256): Partial<JobSpec> => ({
  resources: { cpus, memory: mebibytes(memory), wallTime: null },
});

function best(lab: ToldLab, wish: Partial<JobSpec> = {}, last: readonly string[] = []) {
  const job = lab.job(wish);
  const spot = new FreeRooms(lab.state).best(
    job,
    lab.task(`${job.id}.0`),
    new Set(last.map(memberId)),
  );
  return spot?.member.id;
}

describe('the best PC for a task', () => {
  test('is none in an empty lab, nor in a full one', () => {
    const lab = new ToldLab();
    expect(best(lab)).toBeUndefined();
    lab.pc('a', { processors: 1 });
    lab.runs('a');
    expect(best(lab)).toBeUndefined();
    expect(new FreeRooms(lab.state).slots).toBe(0);
  });

  test.each<[string, (lab: ToldLab) => unknown, Partial<JobSpec>, string]>([
    ['the first among equals', () => undefined, {}, 'a'],
    ['the fastest', (lab) => lab.pc('c', { speed: 1500 }), {}, 'c'],
    [
      'not one that is hardly faster, since that is noise',
      (lab) => lab.pc('c', { speed: 1030 }),
      {},
      'a',
    ],
    ['the emptiest of the same speed', (lab) => lab.runs('a'), {}, 'b'],
    ['the one it takes least of', (lab) => lab.pc('c', { processors: 8 }), {}, 'c'],
    ['one with all the processors it asks for', (lab) => lab.runs('a'), asking(2), 'b'],
    [
      'one with all the memory it asks for',
      (lab) => lab.runs('a', lab.job(asking(1, 1024))),
      asking(1, 3500),
      'b',
    ],
    ['one with its software', (lab) => lab.pc('c', { packs: ['x'], speed: 1 }), { pack: 'x' }, 'c'],
    [
      'none that is cordoned',
      (lab) => lab.happens({ e: 'member-cordoned', member: memberId('a'), because }),
      {},
      'b',
    ],
  ])('is %s', (_what, change, wish, id) => {
    const lab = new ToldLab();
    lab.pc('a');
    lab.pc('b');
    change(lab);
    expect(best(lab, wish)).toBe(id);
  });

  test('is one to be asked last only where no other has room, and one it failed on after those', () => {
    const lab = new ToldLab();
    lab.pc('a', { speed: 3000 });
    lab.pc('b', { speed: 2000 });
    lab.pc('c', { processors: 1 });
    const job = lab.job();
    const task = lab.task('1.0');
    task.avoid = [memberId('a')];
    const choose = () =>
      new FreeRooms(lab.state).best(job, task, new Set([memberId('b')]))?.member.id;
    expect(choose()).toBe('c');
    lab.runs('c');
    expect(choose()).toBe('b');
    lab.runs('b');
    lab.runs('b');
    expect(choose()).toBe('a');
  });

  test('is where a pinned task was, and nowhere else', () => {
    const lab = new ToldLab();
    lab.pc('a', { speed: 3000 });
    lab.pc('b');
    const job = lab.job({ pin: true });
    const task = lab.saves(lab.runs('b', job), checkpointOf('a'), true);
    expect(new FreeRooms(lab.state).best(job, task)?.member.id).toBe('b');
    lab.happens({ e: 'member-lost', member: memberId('b') });
    expect(new FreeRooms(lab.state).best(job, task)).toBeUndefined();
  });
});

describe('room that one turn gives away', () => {
  test('is gone for the next task, until there is none', () => {
    const lab = new ToldLab();
    lab.pc('a', { processors: 1 });
    lab.pc('b', { processors: 2 });
    const job = lab.job({ array: { first: 0, last: 9 } });
    const rooms = new FreeRooms(lab.state);
    const given: string[] = [];
    for (
      let spot = rooms.best(job, lab.task('1.0'));
      spot;
      spot = rooms.best(job, lab.task('1.0'))
    ) {
      rooms.take(spot, job);
      given.push(spot.member.id);
    }
    expect(given).toEqual(['b', 'a', 'b']);
    expect(rooms.slots).toBe(0);
  });

  test('is there for the next task of a kind, also where the first had to pass over it', () => {
    const lab = new ToldLab();
    lab.pc('a', { speed: 2000 });
    lab.pc('b');
    const job = lab.job({ array: { first: 0, last: 1 } });
    const shy = { ...lab.task('1.0'), avoid: [memberId('a')] };
    const rooms = new FreeRooms(lab.state);
    expect(rooms.best(job, shy)?.member.id).toBe('b');
    expect(rooms.best(job, lab.task('1.1'))?.member.id).toBe('a');
  });

  test('may be too little for one job and enough for another', () => {
    const lab = new ToldLab();
    lab.pc('a');
    lab.pc('b');
    lab.runs('a');
    lab.runs('b');
    const [large, small] = [lab.job(asking(2)), lab.job()];
    const rooms = new FreeRooms(lab.state);
    expect(rooms.best(large, lab.task('3.0'))).toBeUndefined();
    expect(rooms.best(small, lab.task('4.0'))?.member.id).toBe('a');
    expect(rooms.best(large, lab.task('3.0'))).toBeUndefined();
  });
});

test('what decides where a task fits is in its kind, and nothing else', () => {
  const lab = new ToldLab();
  lab.pc('a');
  const job = lab.job({ array: { first: 1, last: 3 } });
  expect(kindOf(job, lab.task('1.1'))).toBe(kindOf(job, lab.task('1.2')));
  const fresh = kindOf(job, lab.task('1.3'));
  const kinds = [
    fresh,
    kindOf(lab.job({ pack: 'x' }), lab.task('1.3')),
    kindOf(lab.job(asking(2)), lab.task('1.3')),
    kindOf(lab.job({ ...asking(1, 1), array: null }), lab.task('1.3')),
    kindOf(job, lab.saves(lab.runs('a', job, 1), checkpointOf('a', { cpuFeatures: ['x'] }))),
    kindOf(
      job,
      lab.tells(lab.task('1.2'), { e: 'task-held', task: lab.task('1.2').id, reason: because }),
    ),
    kindOf(lab.job({ pin: true }), lab.task('1.1')),
  ];
  expect(new Set(kinds).size).toBe(kinds.length);
  expect(shapeOf(lab.job({ name: 'other', priority: 9 }))).toBe(shapeOf(lab.job()));
});
