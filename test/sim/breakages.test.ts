import { whyItWaits } from '../../shared/words/task-words.ts';
import { describe, expect, test } from 'vitest';
import { seconds } from '../../shared/base/units.ts';
import { blobHash } from '../../shared/domain/ids.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import { HandMadeMember } from './hand-made-member.ts';
import { SimulatedLab, valueOf } from '../../src-sim/simulated-lab.ts';

/** Other ways in which a PC can go down under a task: lost, started anew, lost as the target of its move. */
describe('a task that takes PCs down', () => {
  function lab(pcs: number): { lab: SimulatedLab; on: (job: string) => number } {
    const made = new SimulatedLab(pcs);
    made.boot(pcs);
    made.until('they are ready', () => made.shell.machines().length === pcs);
    return {
      lab: made,
      on: (job) => Number(/\d+/.exec(made.job(job).value.tasks[0]?.machine ?? '')?.[0] ?? 0),
    };
  }
  function breaksOnce({ lab: made, on }: ReturnType<typeof lab>, job: string): number {
    made.until('it runs', () => made.job(job).value.tasks[0]?.phase === 'running');
    made.advance(seconds(2));
    const pc = on(job);
    made.pc(pc).unplug();
    made.until('it is lost', () => made.statusOf(pc) === 'lost');
    return pc;
  }

  test('is held after the second PC, with their names, and goes on when a person says so', () => {
    const story = lab(4);
    const job = story.lab.submit(1, seconds(200));
    const first = breaksOnce(story, job);
    const second = breaksOnce(story, job);
    story.lab.advance(seconds(5));
    const { tasks, state } = story.lab.job(job).value;
    expect(state).toBe('held');
    expect(tasks[0]).toMatchObject({ state: 'queued', phase: 'held', machine: null });
    expect(whyItWaits(tasks[0]!)).toContain(`it is held: pc-0${first} and pc-0${second} went down`);
    expect(whyItWaits(tasks[0]!)).toContain(`nightshift resume ${job}`);
    expect(story.lab.shell.view().diary.some(({ code }) => code === 'task-held')).toBe(true);

    expect(story.lab.shell.report().failures[0]).toMatchObject({
      held: true,
      reason: { code: 'took-pcs-down' },
    });

    story.lab.killHead();
    story.lab.startHead();
    story.lab.advance(seconds(5));
    expect(story.lab.job(job).value.tasks[0]).toMatchObject({ phase: 'held' });

    expect(story.lab.shell.resumeJob(job).ok).toBe(true);
    story.lab.until('it runs', () => story.lab.job(job).value.tasks[0]?.phase === 'running');
    expect(story.lab.shell.resumeJob(job).ok).toBe(false);
  });

  test('does not keep the other tasks of its job, nor other jobs, from running', () => {
    const story = lab(4);
    const job = story.lab.submit(1, seconds(300));
    breaksOnce(story, job);
    breaksOnce(story, job);
    const other = story.lab.submit(2, seconds(3));
    story.lab.until('the others are done', () => story.lab.isDone(other));
  });

  test('may be cancelled while it is held', () => {
    const story = lab(3);
    const job = story.lab.submit(1, seconds(300));
    breaksOnce(story, job);
    breaksOnce(story, job);
    expect(story.lab.shell.cancelJob(job).ok).toBe(true);
    expect(story.lab.job(job).value.state).toBe('cancelled');
  });

  test('is held when PCs start anew under it', () => {
    const story = lab(3);
    const job = story.lab.submit(1, seconds(200));
    for (const _ of [1, 2]) {
      story.lab.until('it runs', () => story.lab.job(job).value.tasks[0]?.phase === 'running');
      const pc = story.on(job);
      story.lab.shell.cordon([`pc-0${pc}`]); // so that the next is another one
      story.lab.pc(pc).boot();
      story.lab.until('it is not there', () => story.on(job) !== pc);
    }
    story.lab.until('held', () => story.lab.job(job).value.state === 'held', 60_000);
  });

  test('is moved no more when PCs went down as it came, and runs on where it is', () => {
    const made = new SimulatedLab(7);
    made.boot(1, [2000]);
    const targets = ['pc-91', 'pc-92'].map((id) => new HandMadeMember(made, id).links());
    /** Time passes; these are heard. */
    const pass = (span: number, heard: readonly HandMadeMember[]): void => {
      for (let at = 0; at < span; at += 500) {
        for (const each of heard) each.beats();
        made.advance(500);
      }
    };
    pass(2000, targets);
    const job = made.submit(1, seconds(200));
    pass(2000, targets);
    for (const target of targets) {
      expect(valueOf(made.shell.migrate(`${job}.0`, target.id)).to).toBe(target.id);
      made.advance(50);
      const { task, epoch } = target.last('expect')!;
      target.says({ t: 'expecting', task, epoch });
      pass(2000, targets);
      // It is heard no more; the other one is.
      pass(
        12_000,
        targets.filter(({ id }) => id > target.id),
      );
    }
    const third = new HandMadeMember(made, 'pc-93').links();
    third.lives(seconds(1));
    expect(made.job(job).value.tasks[0]).toMatchObject({ machine: 'pc-01', state: 'running' });
    const refused = made.shell.migrate(`${job}.0`, 'pc-93');
    expect(refused.ok ? '' : refusalWords(refused.error)).toContain('went down with it');
  });
});

describe('a task is not blamed', () => {
  test('when the PC only lost its cable and comes back as it was', () => {
    const lab = new SimulatedLab(31);
    lab.boot(3);
    lab.until('ready', () => lab.shell.machines().length === 3);
    const job = lab.submit(1, seconds(200));
    for (const _ of [1, 2, 3]) {
      lab.until('it runs', () => lab.job(job).value.tasks[0]?.phase === 'running');
      lab.advance(seconds(2));
      const pc = Number(/\d+/.exec(lab.job(job).value.tasks[0]?.machine ?? '')?.[0]);
      lab.pc(pc).cutCable();
      lab.until('lost', () => lab.statusOf(pc) === 'lost');
      lab.pc(pc).heal();
      lab.until('back', () => lab.statusOf(pc) === 'ready');
    }
    lab.until('it runs', () => lab.job(job).value.tasks[0]?.phase === 'running');
  });

  test('when PCs that had none of its job went at the same time, as a fuse has it', () => {
    const lab = new SimulatedLab(32);
    lab.boot(4);
    lab.until('ready', () => lab.shell.machines().length === 4);
    const job = lab.submit(1, seconds(200));
    for (const _ of [1, 2]) {
      lab.until('it runs', () => lab.job(job).value.tasks[0]?.phase === 'running');
      lab.advance(seconds(2));
      for (const pc of lab.members()) pc.unplug();
      lab.until('lost', () => lab.shell.machines().every(({ state }) => state === 'lost'));
      for (const pc of lab.members()) pc.boot();
    }
    lab.until('it runs', () => lab.job(job).value.tasks[0]?.phase === 'running', 60_000);
  });

  test('when it left a PC well in between: two losses in a row count, not two in a night', () => {
    const lab = new SimulatedLab(33);
    lab.boot(4);
    lab.until('ready', () => lab.shell.machines().length === 4);
    const job = lab.submit(1, seconds(200));
    for (const _ of [1, 2]) {
      lab.until('it runs', () => lab.job(job).value.tasks[0]?.phase === 'running');
      lab.advance(seconds(2));
      const pc = Number(/\d+/.exec(lab.job(job).value.tasks[0]?.machine ?? '')?.[0]);
      lab.pc(pc).unplug();
      lab.until('lost', () => lab.statusOf(pc) === 'lost');
      lab.until('it runs', () => lab.job(job).value.tasks[0]?.phase === 'running');
      lab.shell.holdJob(job);
      lab.until('saved', () => lab.job(job).value.tasks[0]?.state === 'suspended');
      lab.shell.resumeJob(job);
    }
    lab.until('it runs', () => lab.job(job).value.tasks[0]?.phase === 'running', 60_000);
  });
});

test('work in a checkpoint that cannot be restored is told as lost', () => {
  const lab = new SimulatedLab(41);
  const pc = new HandMadeMember(lab, 'pc-91').links();
  pc.lives(seconds(1));
  const job = lab.submit(1, seconds(60));
  pc.lives(seconds(1));
  let of = pc.started();
  pc.lives(seconds(12));
  lab.shell.holdJob(job);
  pc.lives(500);
  const hash = blobHash('ab'.repeat(32));
  lab.saved.set(hash, 1);
  pc.says({
    ...{ t: 'checkpointed', ...of, suspended: true, hash, size: lab.savedSize },
    ...{ takenAt: lab.clock.wall(), log: null, cpuSeconds: 0.1, freezeMs: 1 },
  });
  pc.lives(500);
  expect(lab.shell.report().minutesLost).toBe(0);
  lab.shell.resumeJob(job);
  for (let failure = 0; failure < 6; failure += 1) {
    pc.lives(seconds(30));
    const order = pc.last('start')!;
    of = { task: order.task, epoch: order.epoch };
    pc.says({
      ...{ t: 'ended', ...of, ending: { cause: 'machine', reason: 'it does not fit' } },
      ...{ outputs: [], log: null, cpuSeconds: 0 },
    });
    pc.lives(500);
    lab.shell.uncordon('all');
  }
  expect(lab.shell.report().minutesLost).toBeCloseTo(12.5 / 60, 1);
  const [loss] = lab.shell.report().losses;
  expect(loss).toMatchObject({ task: `${job}.0`, machine: 'pc-91' });
  expect(loss?.reason.code).toBe('checkpoint-lost');
});
