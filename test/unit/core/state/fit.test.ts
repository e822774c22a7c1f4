import type { Misfit } from '../../../../shared/domain/misfit.ts';
import { misfitWords } from '../../../../shared/words/misfit-words.ts';
import { describe, expect, test } from 'vitest';
import { gibibytes, mebibytes } from '../../../../shared/base/units.ts';
import { memberId } from '../../../../shared/domain/ids.ts';
import type { JobSpec } from '../../../../shared/domain/job.ts';
import type { MemberFacts } from '../../../../shared/domain/member.ts';
import { defaultTaskMemory } from '../../../../shared/domain/settings.ts';
import {
  freeProcessors,
  freeRoom,
  isOpen,
  memoryForTasks,
  misfit,
  missingFeatures,
  neverFits,
  reservedMemory,
  taskMisfit,
} from '../../../../src-main/core/state/fit.ts';
import { seenOf } from '../../../../src-main/core/state/state.ts';
import { plainSpec } from '../../../../src-sim/simulated-lab.ts';
import { because, checkpointOf, ToldLab } from '../told-lab.ts';

const wordsOf = (misfit: Misfit | undefined): string | undefined => misfit && misfitWords(misfit);

const asking = (
  cpus: number,
  memory: number | null = null,
  wish: Partial<JobSpec> = {},
): JobSpec => ({
  ...plainSpec,
  resources: { cpus, memory: memory === null ? null : mebibytes(memory), wallTime: null },
  ...wish,
});

describe('memory', () => {
  test.each([
    [null, defaultTaskMemory],
    [1, 1024 ** 2],
    [2048, 2 * 1024 ** 3],
  ])('for a job that asks for %s MiB is set aside', (wish, bytes) => {
    expect(reservedMemory(asking(1, wish))).toBe(bytes);
  });

  test.each<[string, Partial<MemberFacts>, number]>([
    ['all of it, where the PC does not say what it can spare', { spare: undefined }, 4],
    ['what it can spare', { spare: gibibytes(3) }, 3],
    ['nothing', { spare: gibibytes(0) }, 0],
    ['never more than there is, whatever it says', { spare: gibibytes(9) }, 4],
  ])('for tasks is %s', (_what, facts, gib) => {
    expect(memoryForTasks(new ToldLab().pc('pc-01', facts))).toBe(gibibytes(gib));
  });
});

describe('room of a PC', () => {
  test('is what tasks leave that are there or on their way', () => {
    const lab = new ToldLab();
    const [here, there] = [lab.pc('pc-01'), lab.pc('pc-02')];
    expect(freeRoom(lab.state, here)).toEqual({ cpus: 2, memory: gibibytes(4) });
    const task = lab.runs('pc-01', lab.job({ resources: asking(1, 1024).resources }));
    expect(freeRoom(lab.state, here)).toEqual({ cpus: 1, memory: gibibytes(3) });
    lab.moves(task, 'pc-02');
    expect(freeRoom(lab.state, there)).toEqual({ cpus: 1, memory: gibibytes(3) });
    expect(freeProcessors(lab.state, here)).toBe(1);
    lab.ends(task);
    expect([here, there].map((pc) => freeRoom(lab.state, pc).cpus)).toEqual([2, 2]);
  });

  test('is less than none on a PC that a person crowded', () => {
    const lab = new ToldLab();
    const pc = lab.pc('pc-01', { processors: 1 });
    lab.runs('pc-01');
    lab.runs('pc-01');
    expect(freeProcessors(lab.state, pc)).toBe(-1);
  });
});

describe('a PC takes new tasks', () => {
  const judged = (change: (lab: ToldLab) => void): boolean => {
    const lab = new ToldLab();
    lab.pc('pc-01');
    change(lab);
    return isOpen(lab.state, lab.member('pc-01'));
  };
  const member = memberId('pc-01');
  const [evacuate, checkpoint] = ['evacuate', 'checkpoint'] as const;

  test('when it is ready, linked and not cordoned', () => {
    expect(judged(() => undefined)).toBe(true);
  });

  test.each<[string, (lab: ToldLab) => void]>([
    ['cordoned', (lab) => lab.happens({ e: 'member-cordoned', member, because })],
    ['suspect', (lab) => lab.happens({ e: 'member-suspected', member })],
    ['lost', (lab) => lab.happens({ e: 'member-lost', member })],
    [
      'being emptied',
      (lab) =>
        lab.happens({
          e: 'member-draining',
          member,
          purpose: evacuate,
          moment: checkpoint,
          because,
        }),
    ],
    ['not linked', (lab) => void (seenOf(lab.state, lab.member('pc-01')).linked = false)],
    ['banned', (lab) => lab.happens({ e: 'member-banned', member, because: null })],
  ])('and not while it is %s', (_what, change) => {
    expect(judged(change)).toBe(false);
  });
});

describe('a job fits a PC of two processors and 4 GiB', () => {
  const pc = new ToldLab().pc('pc-01');

  test.each<[string, JobSpec, string | undefined]>([
    ['to the last processor and byte', asking(2, 4096), undefined],
    ['not with one processor more', asking(3), 'it asks for 3 processors and pc-01 has 2'],
    ['not with one MiB more', asking(1, 4097), 'it asks for 4 GiB of memory and pc-01 has 4 GiB'],
    [
      'not without its software',
      asking(1, null, { pack: 'blender' }),
      'it needs the software pack "blender", which pc-01 does not have',
    ],
  ])('%s', (_what, spec, why) => {
    expect(wordsOf(misfit(spec, pc))).toBe(why);
  });

  test('and is told what is for tasks where that is less', () => {
    const spare = new ToldLab().pc('pc-01', { spare: gibibytes(1) });
    expect(wordsOf(misfit(asking(1, 2048), spare))).toContain('pc-01 has 1 GiB for tasks');
  });
});

describe('a task of it may not go there', () => {
  const told = () => {
    const lab = new ToldLab();
    const [here, there] = [lab.pc('pc-01'), lab.pc('pc-02', { cpuFeatures: ['sse4_2'] })];
    return { lab, here, there };
  };

  test('while it is held', () => {
    const { lab, here } = told();
    const task = lab.runs('pc-01');
    lab.happens({ e: 'task-held', task: task.id, reason: because });
    expect(wordsOf(taskMisfit(lab.jobOf(task.job), task, here))).toBe('so');
  });

  test('when it is pinned to where it was placed first, but anywhere before that', () => {
    const { lab, here, there } = told();
    const job = lab.job({ pin: true });
    expect(taskMisfit(job, lab.task('1.0'), there)).toBeUndefined();
    const task = lab.runs('pc-01', job);
    expect(taskMisfit(job, task, here)).toBeUndefined();
    expect(wordsOf(taskMisfit(job, task, there))).toBe('it is pinned to pc-01');
  });

  test('when its newest checkpoint used what the processor has not', () => {
    const { lab, here, there } = told();
    const job = lab.job();
    const task = lab.saves(
      lab.runs('pc-01', job),
      checkpointOf('a', { cpuFeatures: ['avx2', 'sse4_2'] }),
    );
    expect(taskMisfit(job, task, here)).toBeUndefined();
    expect(wordsOf(taskMisfit(job, task, there))).toContain("pc-02's processor lacks avx2");
    // An older one does not count.
    lab.saves(task, checkpointOf('b'));
    expect(taskMisfit(job, task, there)).toBeUndefined();
  });
});

test.each([
  [[], [], []],
  [['a'], [], ['a']],
  [['a', 'b', 'c'], ['b'], ['a', 'c']],
  [['a'], ['a', 'b'], []],
])('of the features %j a PC with %j lacks %j', (needed, present, missing) => {
  expect(missingFeatures(needed, present)).toEqual(missing);
});

describe('a job that no PC could ever run', () => {
  test('is not known in a lab without PCs', () => {
    expect(neverFits(asking(64, null, { pack: 'x' }), [])).toBeUndefined();
  });

  test('fits when one could, whether it is here or not', () => {
    const lab = new ToldLab();
    lab.pc('pc-01');
    lab.pc('pc-02', { processors: 8 });
    lab.happens({ e: 'member-lost', member: memberId('pc-02') });
    expect(neverFits(asking(8), lab.state.members.values())).toBeUndefined();
  });

  test('is told of the PC that comes nearest, and of software that nobody has', () => {
    const lab = new ToldLab();
    lab.pc('pc-01');
    lab.pc('pc-02', { processors: 8, packs: ['base', 'blender'] });
    const members = [...lab.state.members.values()];
    expect(wordsOf(neverFits(asking(9), members))).toBe('it asks for 9 processors and pc-02 has 8');
    expect(wordsOf(neverFits(asking(1, null, { pack: 'x' }), members))).toBe(
      'there is no software pack "x", the lab has base, blender',
    );
  });
});
