import { describe, expect, it } from 'vitest';
import { jobCan, machineCan, practicePcCan, taskCan } from '../../../shared/domain/actions.ts';

const job = (state: Parameters<typeof jobCan.cancel>[0]['state']) => ({ id: '7', state });
const machine = (more: Partial<Parameters<typeof taskCan.migrateTo>[1]>) => ({
  name: 'pc-02',
  state: 'ready' as const,
  cordoned: false,
  cpu: 4,
  slotsUsed: 3,
  ...more,
});
const running = { id: '7.1', state: 'running', phase: 'running', machine: 'pc-01' } as const;
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

describe('moving a task', () => {
  it('is for tasks that run, to another machine that takes tasks', () => {
    expect(taskCan.migrateTo(running, machine({}), 1).ok).toBe(true);
  });

  it.each([
    [
      { ...running, state: 'queued', machine: null },
      {},
      'task 7.1 is not running (it is queued); only a running task moves.',
    ],
    [
      { ...running, phase: 'moving to pc-03' },
      {},
      'task 7.1 is moving to pc-03; try again in a moment.',
    ],
    [running, { name: 'pc-01' }, 'task 7.1 runs on pc-01 already.'],
    [running, {}, 'pc-02 has no free slot (3 of 4 taken).'],
    [running, { cordoned: true }, 'pc-02 takes no tasks: it is cordoned.'],
    [running, { state: 'suspect' }, 'pc-02 takes no tasks: it is suspect.'],
  ] as const)('is refused with a sentence (%#)', (task, where, expected) => {
    expect(sentence(taskCan.migrateTo(task, machine(where), 2))).toBe(expected);
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
