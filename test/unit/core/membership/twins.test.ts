import { machineView } from '../../../../src-main/core/views/machine-view.ts';
import { machineWords } from '../../../../shared/words/machine-words.ts';
import { describe, expect, test } from 'vitest';
import { seconds } from '../../../../shared/base/units.ts';
import { practiceTimings } from '../../../../shared/domain/timings.ts';
import {
  forgetTwins,
  isOtherBoot,
  isSamePc,
  notThisMember,
  refuseTwin,
} from '../../../../src-main/core/membership/twins.ts';
import { factsOf } from '../../../../src-sim/simulated-lab.ts';
import { refusalOf, ToldLab } from '../told-lab.ts';

const facts = (boot?: string) => ({ ...factsOf('pc-01'), ...(boot === undefined ? {} : { boot }) });
const { lostAfter } = practiceTimings;

function told(boot?: string) {
  const lab = new ToldLab();
  lab.pc('pc-01', facts(boot));
  return lab;
}
const asks = (lab: ToldLab) => refuseTwin(lab.turn(), lab.member('pc-01'), facts('two'));
const note = (lab: ToldLab) => machineWords(machineView(lab.state, lab.member('pc-01'), () => ''));

describe('who claims to be a PC that is here', () => {
  test.each<[string | undefined, string | undefined, boolean]>([
    ['one', 'one', false],
    ['one', 'two', true],
    ['one', undefined, true],
    [undefined, 'two', true],
    // Older member systems do not say.
    [undefined, undefined, false],
  ])('whose boot is %s is another one when it says %s: %s', (mine, said, isOther) => {
    expect(isOtherBoot(told(mine).member('pc-01'), facts(said))).toBe(isOther);
  });

  test('is nobody else when that PC is gone', () => {
    const lab = told('one').happens({ e: 'member-lost', member: told().member('pc-01').id });
    expect(isOtherBoot(lab.member('pc-01'), facts('two'))).toBe(false);
  });
});

describe('a twin is refused', () => {
  test('with the time since the other one was heard, and counts as one PC at first', () => {
    const lab = told('one').passes(seconds(3));
    expect(refusalOf(asks(lab))).toMatch(/^failed: .*pc-01.* 3 s ago/);
    expect(note(lab)).toBeNull();
  });

  test('and is two PCs once the claim has outlived every lease', () => {
    const lab = told('one');
    asks(lab);
    asks(lab.passes(lostAfter - 1));
    expect(note(lab)).toBeNull();
    asks(lab.passes(1));
    expect(note(lab)).toContain('two PCs say they are pc-01');
  });

  test('and is forgotten when it asks no more', () => {
    const lab = told('one');
    asks(lab);
    asks(lab.passes(lostAfter));
    lab.passes(6 * lostAfter - 1).decides(forgetTwins);
    expect(note(lab)).not.toBeNull();
    const turn = lab.passes(1).decides(forgetTwins);
    expect(note(lab)).toBeNull();
    expect([...turn.touched.members]).toEqual(['pc-01']);
    // Begins anew.
    asks(lab);
    expect(note(lab)).toBeNull();
  });

  test('and a claim after a long silence is a new one, also before it was forgotten', () => {
    const lab = told('one');
    asks(lab);
    asks(lab.passes(6 * lostAfter));
    expect(note(lab)).toBeNull();
  });
});

describe('a link is the member’s', () => {
  test('when the PC and its boot are the same, whatever cards it tells', () => {
    expect(notThisMember(told('one').member('pc-01'), facts('one'))).toBeUndefined();
  });

  test('and is not when it says another boot, or another PC', () => {
    const member = told('one').member('pc-01');
    expect(notThisMember(member, facts('two'))).toContain('another PC is pc-01');
    const other = { ...facts('one'), machineKey: '02:00:pc-02' };
    expect(isSamePc(member, other)).toBe(false);
    expect(notThisMember(member, other)).toContain('enrolled as pc-01');
  });
});
