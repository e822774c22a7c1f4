import { diaryWords } from '../../shared/words/diary-words.ts';
import { describe, expect, test } from 'vitest';
import { seconds } from '../../shared/base/units.ts';
import type { Ending } from '../../shared/wire/to-head.ts';
import { decodeToHead } from '../../shared/wire/codec.ts';
import { HandMadeMember } from './hand-made-member.ts';
import { factsOf, plainSpec, SimulatedLab } from '../../src-sim/simulated-lab.ts';

/**
 * A PC that answers every start with the same ending, at once. Where a command is absent, a member says first that it has
 * started; where an input cannot be had, it never does.
 */
function hole(
  lab: SimulatedLab,
  id: string,
  ending: Ending,
  { saysStarted = true, ...facts }: { saysStarted?: boolean } & Record<string, unknown> = {},
): HandMadeMember {
  const made = new HandMadeMember(lab, id, { speed: 4000, ...facts });
  made.answers = (order) => {
    const of = { task: order.task, epoch: order.epoch };
    if (saysStarted) made.says({ t: 'started', ...of, resumed: false });
    made.says({ t: 'ended', ...of, ending, outputs: [], log: null, cpuSeconds: 0 });
  };
  return made.links();
}

const damagedPack: Ending = { cause: 'unstartable', reason: 'no such command: python3' };

describe('a PC that cannot start what others can', () => {
  test('swallows no queue: what it says is tried elsewhere, and it is quarantined with the reason', () => {
    const lab = new SimulatedLab(61);
    lab.boot(2);
    const bad = hole(lab, 'pc-91', damagedPack);
    bad.lives(seconds(1));
    const job = lab.submit(40, seconds(2));
    for (let at = 0; at < 60 && !lab.isDone(job); at += 1) bad.lives(seconds(1));
    expect(lab.job(job).value.counts).toMatchObject({ done: 40, failed: 0 });
    const machine = lab.shell.machines().find(({ name }) => name === 'pc-91');
    expect(machine?.cordoned).toBe(true);
    const told = lab.shell.view().diary.map(diaryWords);
    expect(told.some((text) => text.includes('quarantined') && text.includes('python3'))).toBe(
      true,
    );
    expect(told.filter((text) => text.includes('quarantined'))).toHaveLength(1);
  });

  test('gets no more of a job while another PC has yet to say whether it starts, and people are told', () => {
    const lab = new SimulatedLab(62);
    lab.boot(1);
    const busy = lab.submit(2, seconds(30));
    lab.until('pc-01 is full', () => lab.job(busy).value.counts.running === 2);
    const bad = hole(lab, 'pc-91', damagedPack);
    bad.lives(seconds(1));
    const job = lab.submit(20, seconds(1));
    bad.lives(seconds(5));
    expect(bad.heard.filter(({ t }) => t === 'start').length).toBeLessThanOrEqual(2);
    expect(lab.job(job).value.counts).toMatchObject({ failed: 0, queued: 20 });
    expect(lab.job(job).value.tasks[5]?.waitingBecause).toMatchObject({
      code: 'no-slot-free',
      facts: { passedOver: ['pc-91'] },
    });
    const other = lab.submit(1, seconds(1)); // of another job it may be asked
    bad.lives(seconds(2));
    expect(bad.heard.findLast(({ t }) => t === 'start')).toMatchObject({ task: `${other}.0` });
  });
});

test.each([
  ['whose command is found absent when its container is up', true],
  ['whose container never comes up', false],
])(
  'a program %s, on no PC, fails after the second has said so, its siblings at once, and no PC is blamed',
  (_, saysStarted) => {
    const lab = new SimulatedLab(63);
    const holes = ['pc-91', 'pc-92', 'pc-93'].map((id) =>
      hole(lab, id, damagedPack, { saysStarted }),
    );
    const live = (span: number): void => {
      for (let at = 0; at < span; at += 500) {
        for (const each of holes) each.beats();
        lab.advance(500);
      }
    };
    live(1000);
    const job = lab.submit(50, seconds(1));
    live(6000);
    expect(lab.job(job).value.counts).toMatchObject({ failed: 50 });
    const starts = holes.flatMap(({ heard }) => heard.filter(({ t }) => t === 'start')).length;
    expect(starts).toBeLessThan(60);
    expect(lab.shell.machines().some(({ cordoned }) => cordoned)).toBe(false);
    expect(lab.job(job).value.tasks[0]?.attempt).toBeLessThanOrEqual(2);
  },
);

test('two PCs that say the same of two tasks of a job are believed, and nobody waits for a third that is full for hours', () => {
  const lab = new SimulatedLab(68);
  lab.boot(1);
  const long = lab.submit(2, seconds(3000));
  lab.until('pc-01 is full', () => lab.job(long).value.counts.running === 2);
  const holes = ['pc-91', 'pc-92'].map((id) => hole(lab, id, damagedPack));
  const live = (span: number): void => {
    for (let at = 0; at < span; at += 500) {
      for (const each of holes) each.beats();
      lab.advance(500);
    }
  };
  live(1000);
  const job = lab.submit(5, seconds(1));
  live(5000);
  expect(lab.job(job).value.counts).toMatchObject({ failed: 5 });
  expect(lab.job(long).value.counts).toMatchObject({ running: 2 });
});

test('in a lab of one PC its word is enough', () => {
  const lab = new SimulatedLab(64);
  const only = hole(lab, 'pc-91', damagedPack);
  only.lives(seconds(1));
  const job = lab.submit(1, seconds(1));
  only.lives(seconds(2));
  expect(lab.job(job).value.tasks[0]).toMatchObject({ state: 'failed' });
});

describe('programs that end at once, and badly', () => {
  test('on one PC alone, while their siblings run well on others, put that PC into quarantine', () => {
    const lab = new SimulatedLab(65);
    lab.boot(2);
    const bad = hole(lab, 'pc-91', { cause: 'exit', exitCode: 139 });
    bad.lives(seconds(1));
    const job = lab.submit(40, seconds(20));
    for (let at = 0; at < 30; at += 1) bad.lives(seconds(1));
    expect(lab.shell.machines().find(({ name }) => name === 'pc-91')?.cordoned).toBe(true);
    expect(lab.job(job).value.counts.failed).toBeLessThan(8);
  });

  test('everywhere say nothing about the PCs', () => {
    const lab = new SimulatedLab(66);
    lab.boot(3);
    lab.exitCodes = Array.from({ length: 60 }, () => 1);
    const job = lab.submit(60, 500);
    lab.until('over', () => lab.job(job).value.state === 'failed');
    expect(lab.shell.machines().some(({ cordoned }) => cordoned)).toBe(false);
  });

  test('of one person who gets her command wrong again and again cost the lab no PC', () => {
    const lab = new SimulatedLab(67);
    lab.boot(3, [3000, 1000, 1000]);
    lab.until('ready', () => lab.shell.machines().length === 3);
    const long = lab.submit(2, seconds(300));
    lab.advance(seconds(10));
    for (let attempt = 0; attempt < 12; attempt += 1) {
      lab.exitCodes = [127];
      const job = lab.submit(1, 300);
      lab.until('over', () => lab.job(job).value.state === 'failed');
    }
    expect(lab.shell.machines().filter(({ cordoned }) => cordoned)).toEqual([]);
    expect(lab.job(long).value.counts.running).toBe(2);
  });
});

describe('what a PC says of itself', () => {
  test.each([
    { processors: 1_000_000_000 },
    { processors: 1025 },
    { memory: 2 ** 50 },
    { memory: 1000 },
    { speed: 1e300 },
    { speed: 0 },
  ])('is refused where no PC is like that: %o', (lie) => {
    const hello = { t: 'hello', protocol: 1, facts: { ...factsOf('pc-91'), ...lie }, attempts: [] };
    expect(decodeToHead(JSON.stringify(hello)).ok).toBe(false);
  });

  test('gets it no more work than the fastest of the others, however fast it calls itself', () => {
    const lab = new SimulatedLab(68);
    lab.boot(3, [1000, 1000, 1200]);
    const boaster = new HandMadeMember(lab, 'pc-91', { speed: 900_000, processors: 2 }).links();
    boaster.lives(seconds(2));
    lab.submit(8, seconds(60), { ...plainSpec });
    boaster.lives(seconds(1));
    expect(boaster.heard.filter(({ t }) => t === 'start')).toHaveLength(2);
    const plan = lab.shell.machines().find(({ name }) => name === 'pc-91');
    expect(plan?.speed).toBe(900_000); // said, and shown as said
  });
});
