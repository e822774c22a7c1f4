import { saidReason } from '../../../../shared/domain/reasons.ts';
import { machineWords } from '../../../../shared/words/machine-words.ts';
import { describe, expect, test } from 'vitest';
import { epoch, memberId } from '../../../../shared/domain/ids.ts';
import {
  cpuFamily,
  machineView,
  machineViews,
} from '../../../../src-main/core/views/machine-view.ts';
import { because, ToldLab } from '../told-lab.ts';

const v2 = ['cx16', 'lahf_lm', 'popcnt', 'sse4_1', 'sse4_2', 'ssse3'];
const v3 = [...v2, 'avx', 'avx2', 'bmi1', 'bmi2', 'f16c', 'fma', 'movbe', 'xsave'];
const v4 = [...v3, 'avx512f', 'avx512bw', 'avx512cd', 'avx512dq', 'avx512vl'];
const member = memberId('a');
const view = (lab: ToldLab, name = 'a') => machineView(lab.state, lab.member(name), () => '07:30');

describe('a processor’s family', () => {
  test.each([
    [[], 1],
    [v2, 2],
    [v2.slice(1), 1],
    [v3, 3],
    [v4, 4],
    // A level needs all below it.
    [v4.filter((name) => name !== 'popcnt'), 1],
    [v4.filter((name) => name !== 'fma'), 2],
  ])('of %j is of level %i', (features, level) => {
    expect(cpuFamily(features)).toMatch(new RegExp(`^x86-64-v${level}/[0-9a-z]{4}$`));
  });

  test('is the same for the same features, and another one for one more', () => {
    expect(cpuFamily([...v2])).toBe(cpuFamily([...v2]));
    expect(cpuFamily([...v2, 'x'])).not.toBe(cpuFamily([...v2]));
  });
});

describe('a PC is shown', () => {
  test('with the tasks it has, and the slots of those that are on their way, too', () => {
    const lab = new ToldLab();
    lab.pc('a');
    lab.pc('b');
    lab.runs('a');
    lab.moves(
      lab.runs('b', lab.job({ resources: { cpus: 2, memory: null, wallTime: null } })),
      'a',
    );
    expect(view(lab)).toMatchObject({
      tasks: ['1.0'],
      slotsUsed: 3,
      cpu: 2,
      linked: true,
      note: null,
    });
    lab.happens({ e: 'task-moved', task: lab.task('2.0').id, toEpoch: epoch(2) });
    expect([view(lab).tasks, view(lab, 'b').slotsUsed]).toEqual([['1.0', '2.0'], 0]);
  });

  test('by name, two before ten', () => {
    const lab = new ToldLab();
    for (const name of ['pc-10', 'pc-2', 'pc-1']) lab.pc(name);
    expect(machineViews(lab.state, () => '').map(({ name }) => name)).toEqual([
      'pc-1',
      'pc-2',
      'pc-10',
    ]);
  });
});

describe('what a person should know of it', () => {
  const noteOf = (change: (lab: ToldLab) => unknown): string | null => {
    const lab = new ToldLab();
    lab.pc('a');
    lab.runs('a');
    change(lab);
    return machineWords(view(lab));
  };
  const drains = (lab: ToldLab, moment: 'checkpoint' | 'task' = 'checkpoint') =>
    lab.happens({ e: 'member-draining', member, purpose: 'release', moment, because });
  const faulty = (lab: ToldLab) =>
    lab.state.transient.saveFault.set(lab.task('1.0').id, saidReason('no room'));

  test.each<[string, (lab: ToldLab) => unknown, RegExp]>([
    [
      'banned',
      (lab) => lab.happens({ e: 'member-banned', member, because: 'loud' }),
      /^banned: loud/,
    ],
    ['silent', (lab) => lab.happens({ e: 'member-suspected', member }), /^not heard of/],
    ['being released', (lab) => drains(lab), /^releasing: 1 task left$/],
    [
      'being released with its tasks',
      (lab) => drains(lab, 'task'),
      /^releasing when its tasks end: 1 task left/,
    ],
    ['unable to save', faulty, /could not be saved: no room/],
    [
      'being released and unable to save',
      (lab) => (faulty(lab), drains(lab)),
      /^releasing: .*no room/,
    ],
    [
      'being released and waiting for results',
      (lab) => (
        lab.state.transient.resultsWait.set(lab.task('1.0').id, saidReason('disk full')),
        drains(lab)
      ),
      /^releasing: .*disk full/,
    ],
    [
      'ahead of the store',
      (lab) => lab.state.transient.ahead.set(member, lab.task('1.0').id),
      /older copy/,
    ],
    [
      'two',
      (lab) =>
        lab.state.transient.twins.set(member, {
          since: lab.turn().now,
          last: lab.turn().now,
          isTwo: true,
        }),
      /two PCs/,
    ],
  ])('when it is %s', (_what, change, words) => {
    expect(noteOf(change)).toMatch(words);
  });
});
