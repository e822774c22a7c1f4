import { describe, expect, test } from 'vitest';
import { seconds } from '../../shared/base/units.ts';
import { playNight } from './fault-nights.ts';
import { HandMadeMember } from './hand-made-member.ts';
import { SimulatedLab, valueOf } from '../../src-sim/simulated-lab.ts';

/**
 * A task is given to another PC only when its member has answered or its lease is over. The ways in which a task comes to
 * be placed anew: release at once, evacuate and release of what is starting, hold of what is starting, cancel and release
 * of what is being stopped, a move whose target speaks too early or whose source has not let go, an end at the source of
 * a move, a head that begins anew in between. Each is tried here; `faults.test.ts` mixes them.
 */
describe('a PC whose cable was cut a moment ago keeps its task until its lease is over', () => {
  const ways = {
    'is released at once': (lab: SimulatedLab) => void lab.shell.release(['pc-01'], 'now'),
    'is evacuated while its task starts': (lab: SimulatedLab) => void lab.shell.evacuate(['pc-01']),
    'is released while its task starts': (lab: SimulatedLab) =>
      void lab.shell.release(['pc-01'], 'checkpoint'),
    'has its job held and resumed while it starts': (lab: SimulatedLab, job: string) => {
      void lab.shell.holdJob(job);
      void lab.shell.resumeJob(job);
    },
    'is released at once while its task is stopped': (lab: SimulatedLab, job: string) => {
      void lab.shell.cancelJob(job);
      void lab.shell.release(['pc-01'], 'now');
    },
  };
  for (const [way, act] of Object.entries(ways)) {
    for (const headDies of [false, true]) {
      test(`when it ${way}${headDies ? ', and the head is killed' : ''}`, () => {
        const lab = new SimulatedLab(11);
        lab.boot(2, [2000, 1000]);
        lab.until('both are ready', () => lab.shell.machines().length === 2);
        const job = lab.submit(1, seconds(60));
        if (way.includes('start')) lab.advance(20);
        else lab.until('it runs', () => lab.pc(1).attempts.values().next().value?.done === 0);
        lab.pc(1).cutCable();
        lab.advance(seconds(1));
        act(lab, job);
        if (headDies) {
          lab.killHead();
          lab.startHead();
        }
        lab.advance(seconds(2));
        const task = lab.job(job).value.tasks[0]!;
        expect(task.machine === null || task.machine === 'pc-01').toBe(true);
        expect(task.attempt).toBeLessThan(2);
        if (way.includes('stopped')) lab.until('it is cancelled', () => !isOpen(lab, job));
        else lab.until('it is done', () => lab.isDone(job));
        expect(lab.violations).toEqual([]);
      });
    }
  }
});

test('a PC that answers is given back at once, and the work that was lost is told', () => {
  const lab = new SimulatedLab(12);
  lab.boot(2, [2000, 1000]);
  lab.until('both are ready', () => lab.shell.machines().length === 2);
  const job = lab.submit(1, seconds(60));
  lab.advance(seconds(5));
  expect(valueOf(lab.shell.release(['pc-01'], 'now', true)).minutesLost).toBeCloseTo(5 / 60, 1);
  lab.shell.release(['pc-01'], 'now');
  lab.advance(200);
  expect(lab.statusOf(1)).toBe('released');
  expect(lab.job(job).value.tasks[0]).toMatchObject({ machine: 'pc-02', attempt: 2 });
  expect(lab.shell.report().minutesLost).toBeCloseTo(5 / 60, 1);
});

test('a head that began anew still knows how much work a release at once costs', () => {
  const lab = new SimulatedLab(13);
  lab.boot(1);
  lab.submit(1, seconds(90));
  lab.advance(seconds(9));
  lab.killHead();
  lab.startHead();
  lab.until('it is back', () => lab.statusOf(1) === 'ready');
  expect(valueOf(lab.shell.release(['pc-01'], 'now', true)).minutesLost).toBeGreaterThan(0.13);
});

test('an agent of an older image, which does not answer, has dropped the task when it says so of a question it knows', () => {
  const lab = new SimulatedLab(14);
  const old = new HandMadeMember(lab, 'pc-91').links();
  old.lives(seconds(1));
  const job = lab.submit(1, seconds(60));
  old.lives(seconds(1));
  const of = old.started();
  old.lives(seconds(1));
  lab.shell.release(['pc-91'], 'now');
  old.lives(seconds(1));
  expect(old.last('discard')).toMatchObject({ ...of, confirm: true });
  expect(lab.job(job).value.tasks[0]).toMatchObject({ phase: 'recalled' });
  old.lives(seconds(3));
  expect(old.last('abandon')).toMatchObject(of);
  old.says({ t: 'abandoned', ...of });
  old.lives(seconds(1));
  expect(lab.job(job).value.tasks[0]).toMatchObject({ state: 'queued' });
  expect(old.last('go')).toBeDefined();
});

test('a program that ended before it heard that it is taken back is done', () => {
  const lab = new SimulatedLab(15);
  const pc = new HandMadeMember(lab, 'pc-91').links();
  pc.lives(seconds(1));
  const job = lab.submit(1, seconds(60));
  pc.lives(seconds(1));
  const of = pc.started();
  pc.lives(seconds(1));
  lab.shell.release(['pc-91'], 'now');
  pc.says({
    ...{ t: 'ended', ...of, ending: { cause: 'exit', exitCode: 0 } },
    ...{ outputs: [], log: null, cpuSeconds: 1 },
  });
  pc.lives(seconds(1));
  expect(lab.isDone(job)).toBe(true);
});

describe('the word of a target alone moves no task', () => {
  /** A task runs on pc-01 and is to move to pc-91, which says what it likes. */
  function moving(seed: number): { lab: SimulatedLab; job: string; liar: HandMadeMember } {
    const lab = new SimulatedLab(seed);
    lab.boot(1, [2000]);
    const liar = new HandMadeMember(lab, 'pc-91').links();
    liar.lives(seconds(2));
    const job = lab.submit(1, seconds(40));
    liar.lives(seconds(2));
    expect(lab.shell.migrate(`${job}.0`, 'pc-91').ok).toBe(true);
    liar.lives(50);
    return { lab, job, liar };
  }
  const of = (liar: HandMadeMember) => {
    const { task, epoch } = liar.last('expect')!;
    return { task, epoch };
  };

  test('it says that the task arrived before the source was told to send: the task runs on where it is', () => {
    const { lab, job, liar } = moving(21);
    liar.says({ t: 'arrived', ...of(liar) });
    liar.lives(seconds(1));
    expect(liar.last('discard')).toMatchObject(of(liar));
    expect(lab.job(job).value.tasks[0]).toMatchObject({ machine: 'pc-01', phase: 'running' });
    liar.lives(seconds(40));
    expect(lab.isDone(job)).toBe(true);
  });

  test('it says that the task has ended before the source was told to send: nothing is done', () => {
    const { lab, job, liar } = moving(22);
    liar.says({
      ...{ t: 'ended', ...of(liar), ending: { cause: 'exit', exitCode: 0 } },
      ...{ outputs: [], log: null, cpuSeconds: 1 },
    });
    liar.lives(seconds(1));
    expect(lab.job(job).value.tasks[0]).toMatchObject({ machine: 'pc-01', phase: 'running' });
  });

  test('it says so while the source still sends: the task is its own only when the source has let it go', () => {
    const { lab, job, liar } = moving(23);
    lab.pc(1).cutCable(); // the source hears nothing of `send` and runs on under its lease
    liar.says({ t: 'expecting', ...of(liar) });
    liar.lives(100);
    liar.says({ t: 'arrived', ...of(liar) });
    liar.lives(seconds(3));
    expect(lab.pc(1).attempts.values().next().value?.state).toBe('running');
    expect(lab.job(job).value.tasks[0]).toMatchObject({ machine: 'pc-01' });
    // Its lease is over: now the word of the target is the only one there is.
    liar.lives(seconds(12));
    expect(lab.statusOf(1)).toBe('lost');
    expect(lab.job(job).value.tasks[0]).toMatchObject({ machine: 'pc-91', state: 'running' });
  });

  test('a source that stays silent about a task that arrived is told to drop its copy, and answers', () => {
    const lab = new SimulatedLab(24);
    const source = new HandMadeMember(lab, 'pc-91', { speed: 2000 }).links();
    const target = new HandMadeMember(lab, 'pc-92').links();
    const live = (span: number): void => {
      for (let at = 0; at < span; at += 500) {
        source.beats();
        target.beats();
        lab.advance(500);
      }
    };
    live(1000);
    const job = lab.submit(1, seconds(60));
    live(500);
    const here = source.started();
    live(500);
    expect(lab.shell.migrate(`${job}.0`, 'pc-92').ok).toBe(true);
    live(500);
    const there = of(target);
    target.says({ t: 'expecting', ...there });
    live(500);
    expect(source.last('send')).toMatchObject(here);
    target.says({ t: 'arrived', ...there });
    live(2000);
    expect(lab.job(job).value.tasks[0]).toMatchObject({ machine: 'pc-91' });
    live(12_000);
    expect(source.last('discard')).toMatchObject({ ...here, confirm: true });
    source.says({ t: 'discarded', ...here });
    live(500);
    expect(lab.job(job).value.tasks[0]).toMatchObject({ machine: 'pc-92', attempt: 2 });
  });

  test('a program that ended at its target is done when its source has confirmed', () => {
    const lab = new SimulatedLab(25);
    lab.boot(1, [2000]);
    const target = new HandMadeMember(lab, 'pc-91').links();
    target.lives(seconds(2));
    const job = lab.submit(1, seconds(40));
    target.lives(seconds(2));
    lab.shell.migrate(`${job}.0`, 'pc-91');
    target.lives(50);
    target.says({ t: 'expecting', ...of(target) });
    lab.advance(20);
    target.says({
      ...{ t: 'ended', ...of(target), ending: { cause: 'exit', exitCode: 0 } },
      ...{ outputs: [], log: null, cpuSeconds: 1 },
    });
    lab.advance(12);
    expect(lab.job(job).value.tasks[0]).toMatchObject({ machine: 'pc-01' });
    expect(target.last('forget')).toBeUndefined();
    lab.pc(1).unplug();
    target.lives(seconds(12));
    expect(lab.isDone(job)).toBe(true);
    expect(target.last('forget')).toMatchObject(of(target));
  });

  test('a source whose program died while it was sent is believed, and the target is asked before it runs again', () => {
    const lab = new SimulatedLab(26);
    const source = new HandMadeMember(lab, 'pc-91', { speed: 2000 }).links();
    const target = new HandMadeMember(lab, 'pc-92').links();
    const live = (span: number): void => {
      for (let at = 0; at < span; at += 500) {
        source.beats();
        target.beats();
        lab.advance(500);
      }
    };
    live(1000);
    const job = lab.submit(1, seconds(60));
    live(500);
    const here = source.started();
    live(500);
    lab.shell.migrate(`${job}.0`, 'pc-92');
    live(500);
    target.says({ t: 'expecting', ...of(target) });
    live(500);
    source.says({
      ...{ t: 'ended', ...here, ending: { cause: 'machine', reason: 'its container is gone' } },
      ...{ outputs: [], log: null, cpuSeconds: 1 },
    });
    live(500);
    expect(lab.job(job).value.tasks[0]).toMatchObject({ state: 'running', attempt: 1 });
    expect(target.last('abandon')).toMatchObject(of(target));
    target.says({ t: 'arrived', ...of(target) });
    live(500);
    expect(lab.job(job).value.tasks[0]).toMatchObject({ machine: 'pc-92', attempt: 2 });
  });
});

test('an agent that was started anew while it sent a task keeps it frozen: it is told to send again before its lease is renewed', () => {
  const lab = new SimulatedLab(27);
  const source = new HandMadeMember(lab, 'pc-91', { speed: 2000 }).links();
  const target = new HandMadeMember(lab, 'pc-92').links();
  const live = (span: number): void => {
    for (let at = 0; at < span; at += 500) {
      source.beats();
      target.beats();
      lab.advance(500);
    }
  };
  live(1000);
  const job = lab.submit(1, seconds(60));
  live(500);
  const here = source.started();
  live(500);
  lab.shell.migrate(`${job}.0`, 'pc-92');
  live(500);
  const { task, epoch } = target.last('expect')!;
  target.says({ t: 'expecting', task, epoch });
  live(500);
  const before = source.heard.length;
  source.links([{ ...here, state: 'frozen' }]);
  lab.advance(50);
  expect(source.heard.slice(before).map(({ t }) => t)).toEqual(['send', 'welcome']);
  expect(lab.job(job).value.tasks[0]).toMatchObject({ phase: 'moving', movingTo: 'pc-92' });
  target.says({ t: 'arrived', task, epoch });
  live(500);
  source.links([{ ...here, state: 'frozen' }]); // and once more, after the target has it
  lab.advance(50);
  expect(source.last('discard')).toMatchObject({ ...here, confirm: true });
  source.says({ t: 'discarded', ...here });
  live(500);
  expect(lab.job(job).value.tasks[0]).toMatchObject({ machine: 'pc-92', attempt: 2 });
});

/** Nights in which a task once ran twice, for up to the rest of a lease. */
test.each([910_001_648])('night %i, in which a released PC was cut off', async (seed) => {
  const { faults } = await playNight(seed, false);
  expect(faults).toEqual([]);
});

const isOpen = (lab: SimulatedLab, job: string): boolean =>
  lab.job(job).value.tasks.some(({ state }) => state !== 'cancelled');
