import { expect, test } from 'vitest';
import { seconds } from '../../shared/base/units.ts';
import { SimulatedLab } from '../../src-sim/simulated-lab.ts';
import { disagreements } from './told-by-the-log.ts';
import { HandMadeMember } from './hand-made-member.ts';

test('a PC that cannot follow its head is shown with the reason until it starts a newer member system', () => {
  const lab = new SimulatedLab(3);
  const pc = new HandMadeMember(lab, 'pc-91').links();
  lab.advance(500);
  // It hears the word, says why, hangs up, and comes back: again and again.
  for (let tries = 0; tries < 3; tries += 1) {
    pc.says({ t: 'cannot-follow', kind: 'tomorrow' });
    lab.advance(500);
    pc.links();
    lab.advance(500);
  }
  expect(lab.machine('pc-91').note).toEqual({ code: 'outdated', facts: { kind: 'tomorrow' } });
  const told = lab.shell.view().diary.filter(({ code }) => code === 'member-outdated');
  expect(told).toMatchObject([{ facts: { pc: 'pc-91', kind: 'tomorrow' }, tone: 'bad' }]);
  expect(disagreements(lab.store, lab.shell.state)).toEqual([]);
  lab.advance(seconds(60));
  lab.shell.enrol({ ...pc.facts, systemVersion: 'newer', boot: 'another-boot' }, 'pc-91');
  lab.advance(seconds(1));
  expect(lab.machine('pc-91').note?.code).not.toBe('outdated');
});

test('a PC that is lost says since when', () => {
  const lab = new SimulatedLab(3);
  const pc = new HandMadeMember(lab, 'pc-91').links();
  pc.lives(1000);
  expect(lab.machine('pc-91')).toMatchObject({ state: 'ready', lostAt: null });
  lab.advance(seconds(60));
  const { lostAt, note, state } = lab.machine('pc-91');
  expect(state).toBe('lost');
  expect(lostAt).toBeGreaterThan(0);
  expect(note).toMatchObject({
    code: 'vanished',
    facts: { clock: expect.stringMatching(/^\d\d:\d\d$/) as string },
  });
  expect(lab.shell.report()).toMatchObject({ machines: [{ name: 'pc-91', lostAt, note }] });
  expect(disagreements(lab.store, lab.shell.state)).toEqual([]);
  pc.links();
  pc.lives(1000);
  expect(lab.machine('pc-91')).toMatchObject({ state: 'ready', lostAt: null, note: null });
});
