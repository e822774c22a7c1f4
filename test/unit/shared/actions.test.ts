import type { Result } from '../../../shared/base/result.ts';
import { describe, expect, it } from 'vitest';
import {
  isMoot,
  jobCan,
  machineCan,
  practicePcCan,
  practicePcOf,
  submitCan,
  type JobStanding,
  type Verdict,
} from '../../../shared/domain/actions.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';

const job = (more: Partial<JobStanding>): JobStanding => ({
  ...{ id: '7', finishedAt: null, held: false, heldTasks: 0, ...more },
});
const machine = (more: Partial<Parameters<typeof machineCan.cordon>[0]>) => ({
  name: 'pc-02',
  state: 'ready' as const,
  cordoned: false,
  banned: false,
  draining: null,
  ...more,
});
const sentence = (verdict: Result<unknown>): string | null =>
  verdict.ok ? null : refusalWords(verdict.error);

describe('what may be done with a job', () => {
  it.each([
    ['is open', job({}), true, true, false],
    ['is held', job({ held: true }), true, false, true],
    ['has tasks that are held by themselves', job({ heldTasks: 1 }), true, true, true],
    ['is over', job({ finishedAt: 5 }), false, false, false],
    ['was held and is over', job({ finishedAt: 5, held: true }), false, false, true],
  ] as const)('that %s', (_, standing, cancel, hold, resume) => {
    expect(jobCan.cancel(standing).ok).toBe(cancel);
    expect(jobCan.hold(standing).ok).toBe(hold);
    expect(jobCan.resume(standing).ok).toBe(resume);
  });

  it.each([
    [null, null],
    ['failed', 'job 7 has failed, so'],
    ['cancelled', 'job 7 was cancelled, so'],
    ['never-starts', 'job 7 never starts itself, so'],
  ] as const)('another waits for its success unless that is in vain: %s', (inVain, begins) => {
    const may = jobCan.precede({ id: '7', inVain });
    expect(may.ok).toBe(begins === null);
    if (begins !== null) expect(sentence(may)?.startsWith(begins)).toBe(true);
  });

  it('is moot where it is so already, and only there', () => {
    const moot = (verdict: Verdict): boolean => !verdict.ok && isMoot(verdict.error);
    expect(moot(jobCan.hold(job({ held: true })))).toBe(true);
    expect(moot(jobCan.hold(job({ finishedAt: 5 })))).toBe(false);
    expect(moot(jobCan.resume(job({})))).toBe(false);
    expect(moot(machineCan.release(machine({ state: 'released' })))).toBe(true);
    expect(moot(machineCan.release(machine({ state: 'lost' })))).toBe(false);
  });
});

describe('what may be asked of a new job', () => {
  it('is no network, and another one is refused with what to do instead', () => {
    expect(submitCan.reach('none')).toEqual({ ok: true, value: 'none' });
    for (const network of ['job', 'service', 'internet', '', 'None']) {
      const verdict = submitCan.reach(network);
      expect(verdict.ok ? null : refusalWords(verdict.error)).toBe(
        `tasks have no network here, so "${network}" cannot be had: leave it out or write none, and bring data as inputs and outputs.`,
      );
    }
  });
});

describe('what may be done with a machine', () => {
  it.each([
    ['ready', true, true],
    ['draining', true, true],
    ['suspect', true, true],
    ['lost', false, false],
    ['released', false, false],
    ['enrolling', false, false],
  ] as const)('that is %s', (state, evacuate, release) => {
    expect(machineCan.evacuate(machine({ state })).ok).toBe(evacuate);
    expect(machineCan.release(machine({ state })).ok).toBe(release);
  });

  it('that is being emptied is not evacuated again, and one that is given back not at all', () => {
    const state = 'draining' as const;
    expect(sentence(machineCan.evacuate(machine({ state, draining: 'evacuate' })))).toBe(
      'pc-02 is being emptied already.',
    );
    expect(sentence(machineCan.evacuate(machine({ state, draining: 'release' })))).toBe(
      'pc-02 is being given back; evacuated instead it would stay in the lab.',
    );
  });

  it('that is banned is not let in by an uncordon', () => {
    const away = machine({ state: 'lost', cordoned: true, banned: true });
    expect(sentence(machineCan.uncordon(away))).toContain('is banned from this lab;');
    expect(sentence(machineCan.uncordon(away, 'it swallows tasks'))).toContain(
      '(it swallows tasks)',
    );
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

  it('is told with what to do, and what is so already is moot', () => {
    const on = { name: 'pc-1', state: 'on', cut: false } as const;
    const off = { ...on, state: 'unplugged' } as const;
    expect(sentence(practicePcCan.heal(off))).toBe(
      'pc-1 has no power; give it power with nightshift practice replug pc-1.',
    );
    expect(sentence(practicePcCan.replug(on))).toBe('pc-1 has power; pull its plug first.');
    const isSo = (verdict: Verdict): boolean => !verdict.ok && isMoot(verdict.error);
    expect(isSo(practicePcCan.heal(on))).toBe(true);
    expect(isSo(practicePcCan.cut({ ...on, cut: true }))).toBe(true);
    expect(isSo(practicePcCan.cut(off))).toBe(false);
    expect(isSo(practicePcCan.replug(on))).toBe(false);
  });

  it('that is not there is refused with those that are', () => {
    const pcs = ['pc-1', 'pc-2', 'pc-3'].map(
      (name) => ({ name, state: 'on', cut: false }) as const,
    );
    expect(practicePcOf(pcs, 'pc-2')).toEqual({ ok: true, value: pcs[1] });
    expect(sentence(practicePcOf(pcs, 'pc-9'))).toBe(
      'there is no practice PC pc-9; there are pc-1 … pc-3.',
    );
    expect(sentence(practicePcOf([], 'pc-9'))).toBe(
      'there is no practice PC pc-9; start some with nightshift practice up.',
    );
  });
});
