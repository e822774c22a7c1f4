import { expect, test } from 'vitest';
import { hours, seconds } from '../../shared/base/units.ts';
import { memberId } from '../../shared/domain/ids.ts';
import { applyEvent } from '../../src-main/core/state/apply-event.ts';
import { untouched } from '../../src-main/core/state/touched.ts';
import { emptyLab } from '../../src-main/core/state/state.ts';
import { factsOf, SimulatedLab, valueOf } from '../../src-sim/simulated-lab.ts';
import { inWords } from '../in-words.ts';

const machine = (lab: SimulatedLab, name: string) =>
  lab.shell.machines().find((found) => found.name === name);

test('a PC that is banned in the middle of its work is out at once; its task starts elsewhere no earlier than its lease is over', () => {
  const lab = new SimulatedLab(11);
  lab.boot(2);
  lab.until('both are here', () => lab.statusOf(1) === 'ready' && lab.statusOf(2) === 'ready');
  const job = lab.submit(2, seconds(30), { resources: { cpus: 2, memory: null, wallTime: null } });
  lab.until('both run', () => lab.job(job).value.tasks.every(({ phase }) => phase === 'running'));
  valueOf(lab.shell.ban(['pc-01'], 'nobody knows where it stands'));
  expect(lab.shell.standingOf(memberId('pc-01'))).toBe('banned');
  lab.advance(seconds(1));
  expect(machine(lab, 'pc-01')).toMatchObject({
    banned: true,
    linked: false,
    note: { code: 'banned', facts: { pc: 'pc-01', because: 'nobody knows where it stands' } },
  });
  lab.until('the job is done without it', () => lab.isDone(job));
  expect(lab.violations).toEqual([]);
  // Booting anew does not help it, nor does uncordon.
  lab.pc(1).boot();
  lab.advance(seconds(30));
  expect(inWords(lab.shell.uncordon(['pc-01']))).toMatchObject({
    error: {
      sentence: expect.stringMatching(/is banned from this lab.*machines unban pc-01/) as string,
    },
  });
  expect(machine(lab, 'pc-01')?.linked).toBe(false);
  lab.killHead();
  lab.startHead();
  lab.advance(seconds(30));
  expect(machine(lab, 'pc-01')).toMatchObject({ banned: true, linked: false });
  valueOf(lab.shell.unban(['pc-01']));
  lab.until('it is here again', () => lab.statusOf(1) === 'ready');
  expect(machine(lab, 'pc-01')).toMatchObject({ banned: false, cordoned: false });
});

test('PCs that are banned one after the other are not put down to the task they had', () => {
  const lab = new SimulatedLab(13);
  lab.boot(3);
  lab.until('all are here', () => [1, 2, 3].every((pc) => lab.statusOf(pc) === 'ready'));
  const job = lab.submit(1, seconds(60));
  for (const _ of [1, 2]) {
    const task = () => lab.job(job).value.tasks[0];
    lab.until('it runs', () => task()?.phase === 'running');
    lab.advance(seconds(5));
    const on = task()?.machine ?? '';
    valueOf(lab.shell.ban([on], null));
    lab.until('its PC is out', () => machine(lab, on)?.state === 'lost');
  }
  lab.until('it is done on the third', () => lab.isDone(job));
});

test('a PC is forgotten when it is gone, and not before; its name is free when no certificate can bear it any more', () => {
  const lab = new SimulatedLab(12);
  lab.boot(1);
  lab.until('it is here', () => lab.statusOf(1) === 'ready');
  expect(inWords(lab.shell.forget(['pc-01']))).toMatchObject({
    error: { sentence: expect.stringMatching(/pc-01 is in the lab; release it first/) as string },
  });
  lab.pc(1).unplug();
  lab.until('it is lost', () => lab.statusOf(1) === 'lost');
  valueOf(lab.shell.forget(['pc-01']));
  expect(lab.shell.machines()).toEqual([]);
  expect(lab.shell.standingOf(memberId('pc-01'))).toBe('away');
  lab.killHead();
  lab.startHead();
  expect(lab.shell.machines()).toEqual([]);
  const other = factsOf('another');
  expect(valueOf(lab.shell.enrol(other, 'pc-01', 'token')).member).not.toBe('pc-01');
  lab.advance(hours(26));
  expect(valueOf(lab.shell.enrol(factsOf('a third'), 'pc-01', 'token')).member).toBe('pc-01');
  expect(machine(lab, 'pc-01')).toMatchObject({ enrolledBy: 'token' });
});

test('the log alone tells who is banned, who was forgotten and what let whom in', () => {
  const lab = new SimulatedLab(13);
  for (const name of ['pc-01', 'pc-02', 'pc-03'])
    valueOf(lab.shell.enrol(factsOf(name), name, `by ${name}`));
  valueOf(lab.shell.ban(['pc-01'], null));
  valueOf(lab.shell.forget(['pc-02']));
  const state = emptyLab();
  for (const { event, at } of lab.store.events(0)) applyEvent(state, event, at, untouched());
  expect(
    [...state.members.values()].map(({ id, banned, enrolledBy }) => [
      id,
      banned !== null,
      enrolledBy,
    ]),
  ).toEqual([
    ['pc-01', true, 'by pc-01'],
    ['pc-03', false, 'by pc-03'],
  ]);
  expect([...state.retired.keys()]).toEqual(['pc-02']);
  expect(inWords(lab.shell.enrol(factsOf('pc-01'), null, 'again'))).toMatchObject({
    error: {
      sentence: expect.stringMatching(/^This PC, pc-01, is banned from this lab;/) as string,
    },
  });
});
