import { describe, expect, test } from 'vitest';
import { memberId } from '../../../../shared/domain/ids.ts';
import { mostAboveMedian, speedClass, Speeds } from '../../../../src-main/core/plan/speeds.ts';
import { because, ToldLab } from '../told-lab.ts';

const believed = (...speeds: readonly number[]): number[] => {
  const lab = new ToldLab();
  speeds.forEach((speed, at) => lab.pc(`pc-${at}`, { speed }));
  const judge = new Speeds(lab.state);
  return [...lab.state.members.values()].map((member) => judge.of(member));
};

describe('a PC’s word on its speed', () => {
  test.each<[string, readonly number[], readonly number[]]>([
    ['is believed where it is the only one', [1e300], [1e300]],
    ['is believed within what the others make likely', [500, 1000, 4000], [500, 1000, 4000]],
    ['is believed up to four times the median', [1000, 1000, 1e300], [1000, 1000, 4000]],
    [
      'is held against the slower of two, since the faster may be the liar',
      [1000, 1e6],
      [1000, 4000],
    ],
    ['is never raised', [1, 1000, 1000], [1, 1000, 1000]],
  ])('%s', (_what, said, expected) => {
    expect(believed(...said)).toEqual(expected);
  });

  test('is not measured by PCs that take no tasks', () => {
    const lab = new ToldLab();
    lab.pc('a', { speed: 1000 });
    lab.pc('b', { speed: 9000 });
    lab.pc('c', { speed: 9000 });
    lab.happens({ e: 'member-cordoned', member: memberId('b'), because });
    lab.happens({ e: 'member-lost', member: memberId('c') });
    expect(new Speeds(lab.state).of(lab.member('b'))).toBe(1000 * mostAboveMedian);
  });

  test('is believed in a lab where nobody takes tasks', () => {
    const lab = new ToldLab();
    const pc = lab.pc('a', { speed: 9000 });
    lab.happens({ e: 'member-lost', member: pc.id });
    expect(new Speeds(lab.state).of(pc)).toBe(9000);
  });
});

describe('the class of a speed', () => {
  test.each([
    // speed, the lab's median, class
    [1000, 1000, 0],
    [1040, 1000, 0],
    [960, 1000, 0],
    [1060, 1000, 1],
    [1300, 1000, 3],
    [500, 1000, -7],
    [1003, 1003, 0],
    [0, 0, 0],
  ])('%d in a lab of %d is %d', (speed, typical, expected) => {
    expect(speedClass(speed, typical)).toBeCloseTo(expected, 10);
  });

  test('is the same for PCs of one kind, wherever their speed lies', () => {
    for (let speed = 100; speed < 5000; speed += 7) {
      const lab = new ToldLab();
      const noisy = [speed * 0.96, speed, speed * 1.04];
      const pcs = noisy.map((one, at) => lab.pc(`pc-${at}`, { speed: one }));
      const speeds = new Speeds(lab.state);
      expect(new Set(pcs.map((pc) => speeds.classOf(pc) + 0)).size, String(speed)).toBe(1);
    }
  });

  test('is what is believed of a PC, not what it says', () => {
    const lab = new ToldLab();
    lab.pc('a');
    const liar = lab.pc('b', { speed: 1e300 });
    expect(new Speeds(lab.state).classOf(liar)).toBe(speedClass(4000, 1000));
  });
});
