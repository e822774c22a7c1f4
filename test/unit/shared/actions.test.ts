import { describe, expect, it } from 'vitest';
import { jobCan, machineCan, practicePcCan } from '../../../shared/domain/actions.ts';

const job = (state: Parameters<typeof jobCan.cancel>[0]['state']) => ({ id: '7', state });
const machine = (more: Partial<Parameters<typeof machineCan.cordon>[0]>) => ({
  name: 'pc-02',
  state: 'ready' as const,
  cordoned: false,
  ...more,
});
const sentence = (verdict: ReturnType<typeof jobCan.cancel>): string | null =>
  verdict.ok ? null : verdict.error.sentence;

describe('what may be done with a job', () => {
  it.each([
    ['queued', true, true, false],
    ['running', true, true, false],
    ['suspended', true, true, false],
    ['held', true, false, true],
    ['done', false, false, false],
    ['failed', false, false, false],
    ['cancelled', false, false, false],
  ] as const)('that is %s', (state, cancel, hold, resume) => {
    expect(jobCan.cancel(job(state)).ok).toBe(cancel);
    expect(jobCan.hold(job(state)).ok).toBe(hold);
    expect(jobCan.resume(job(state)).ok).toBe(resume);
  });
});

describe('what may be done with a machine', () => {
  it.each([
    ['ready', true, true],
    ['draining', false, true],
    ['suspect', true, true],
    ['lost', false, false],
    ['released', false, false],
    ['enrolling', false, false],
  ] as const)('that is %s', (state, evacuate, release) => {
    expect(machineCan.evacuate(machine({ state })).ok).toBe(evacuate);
    expect(machineCan.release(machine({ state })).ok).toBe(release);
  });

  it('is cordoned once and uncordoned once', () => {
    expect(sentence(machineCan.cordon(machine({ cordoned: true })))).toBe(
      'pc-02 is cordoned already.',
    );
    expect(sentence(machineCan.uncordon(machine({})))).toBe('pc-02 is not cordoned.');
  });
});

describe('what may be done with a practice PC', () => {
  it.each([
    ['on', false, { unplug: true, replug: false, cut: true, heal: false, keypress: true }],
    ['on', true, { unplug: true, replug: false, cut: false, heal: true, keypress: true }],
    ['off', false, { unplug: false, replug: true, cut: false, heal: false, keypress: false }],
    ['unplugged', false, { unplug: false, replug: true, cut: false, heal: false, keypress: false }],
  ] as const)('that is %s, cut: %s', (state, cut, expected) => {
    const pc = { name: 'pc-1', state, cut };
    const verdicts = Object.entries(practicePcCan).map(([what, can]) => [what, can(pc).ok]);
    expect(Object.fromEntries(verdicts)).toEqual(expected);
  });
});
