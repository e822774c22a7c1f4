import { expect, test } from 'vitest';
import { memberIsAbleTo } from '../../../../src-main/core/membership/abilities.ts';
import { seenOf } from '../../../../src-main/core/state/state.ts';
import { ToldLab } from '../told-lab.ts';

test('a PC can what its last hello said, and nothing where it said nothing or is not there', () => {
  const lab = new ToldLab();
  lab.pc('a');
  const a = lab.member('a');
  const can = () => memberIsAbleTo(lab.state, a, 'confirmsDiscards');
  expect(can()).toBe(false);
  seenOf(lab.state, a).can = ['tomorrow'];
  expect(can()).toBe(false);
  seenOf(lab.state, a).can = ['tomorrow', 'confirms-discards'];
  expect(can()).toBe(true);
  expect(memberIsAbleTo(lab.state, undefined, 'confirmsDiscards')).toBe(false);
});
