import { machineWords } from '../../shared/words/machine-words.ts';
import { describe, expect, test } from 'vitest';
import { seconds } from '../../shared/base/units.ts';
import type { MemberFacts } from '../../shared/domain/member.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import { HandMadeMember } from './hand-made-member.ts';
import { factsOf, SimulatedLab } from '../../src-sim/simulated-lab.ts';

const noteOf = (lab: SimulatedLab, name: string): string =>
  lab.shell
    .machines()
    .filter((machine) => machine.name === name)
    .map((machine) => machineWords(machine) ?? '')
    .join();

/** One card address on two PCs: a copied stick, a dock or adapter used on both, a forged address, a PC that started anew. */
describe('a second PC that says it is one that is here', () => {
  test('is kept out, and the first one and its task notice nothing', () => {
    const lab = new SimulatedLab(51);
    const first = new HandMadeMember(lab, 'pc-91', { boot: 'first boot' }).links();
    first.lives(seconds(1));
    const job = lab.submit(1, seconds(60));
    first.lives(seconds(1));
    first.started();
    const twin = { ...factsOf('pc-91'), boot: 'another boot' };
    for (let ask = 0; ask < 6; ask += 1) {
      const answer = lab.shell.enrol(twin, 'pc-91');
      expect(answer.ok ? '' : refusalWords(answer.error)).toContain('pc-91 is in the lab already');
      first.lives(seconds(3));
    }
    expect(lab.job(job).value.tasks[0]).toMatchObject({ machine: 'pc-91', attempt: 1 });
    expect(lab.shell.machines()).toHaveLength(1);
    expect(noteOf(lab, 'pc-91')).toContain('two PCs say they are pc-91');
    first.lives(seconds(70));
    expect(noteOf(lab, 'pc-91')).toBe('');
  });

  test('comes in when the lease of the first is over, and its task was nowhere else before', () => {
    const lab = new SimulatedLab(52);
    lab.boot(2, [2000, 1000]);
    lab.until('ready', () => lab.shell.machines().length === 2);
    const job = lab.submit(1, seconds(60));
    lab.until('it runs', () => lab.pc(1).attempts.size === 1);
    lab.advance(seconds(1));
    lab.pc(1).cutCable(); // it goes on under its lease
    const twin = { ...lab.pc(1).facts, boot: 'another boot' };
    lab.advance(seconds(3));
    expect(lab.shell.enrol(twin, null).ok).toBe(false);
    expect(lab.job(job).value.tasks[0]).toMatchObject({ machine: 'pc-01', attempt: 1 });
    lab.until('lost', () => lab.statusOf(1) === 'lost');
    expect(lab.shell.enrol(twin, null)).toMatchObject({ ok: true, value: { member: 'pc-01' } });
    lab.until('done', () => lab.isDone(job));
    expect(lab.violations).toEqual([]);
  });

  test('comes in at once where whoever took the power of the first says so, also to a head that was started anew', () => {
    const lab = new SimulatedLab(54);
    lab.boot(2, [2000, 1000]);
    lab.until('ready', () => lab.shell.machines().length === 2);
    const job = lab.submit(1, seconds(60));
    lab.until('it runs', () => lab.pc(1).attempts.size === 1);
    const { facts } = lab.pc(1);
    lab.pc(1).unplug();
    lab.shell.powerTaken(['pc-01']);
    expect(lab.statusOf(1)).toBe('lost');
    lab.killHead();
    lab.startHead();
    expect(lab.shell.enrol({ ...facts, boot: 'another boot' }, null)).toMatchObject({ ok: true });
    lab.until('done', () => lab.isDone(job));
    expect(lab.violations).toEqual([]);
  });

  test('cannot take its place by a hello either, with a certificate of earlier', () => {
    const lab = new SimulatedLab(53);
    const first = new HandMadeMember(lab, 'pc-91', { boot: 'first boot' }).links();
    first.lives(seconds(1));
    const job = lab.submit(1, seconds(60));
    first.lives(seconds(1));
    first.started();
    first.lives(seconds(1));
    const twin = new HandMadeMember(lab, 'pc-91', { boot: 'first boot' });
    twin.facts = { ...twin.facts, boot: 'another boot' };
    twin.links();
    lab.advance(100);
    expect(twin.last('welcome')).toBeUndefined();
    first.links([{ ...lastStart(first), state: 'running' }]);
    first.lives(seconds(1));
    expect(lab.job(job).value.tasks[0]).toMatchObject({ machine: 'pc-91', attempt: 1 });
  });
});

test('a link that says it is another boot of a PC that is here is refused before it counts, and people hear of it', () => {
  const lab = new SimulatedLab(57);
  const pc = new HandMadeMember(lab, 'pc-91', { boot: 'first boot' }).links();
  pc.lives(seconds(1));
  const knock = (facts: Partial<MemberFacts>): string | undefined =>
    lab.links.refusalOf(pc.id, { ...pc.facts, ...facts });
  expect(knock({})).toBeUndefined();
  expect(knock({ machineKey: '52:54:00:00:00:99' })).toContain('says now that it is another one');
  for (let tries = 0; tries < 6; tries += 1) {
    expect(knock({ boot: 'another boot' })).toContain('another PC is pc-91 in this lab');
    pc.lives(seconds(3));
  }
  expect(noteOf(lab, 'pc-91')).toContain('two PCs say they are pc-91');
  lab.links.silence(pc.id); // its lease may still hold, with or without a link
  expect(knock({ boot: 'another boot' })).toContain('another PC is pc-91');
  lab.until('lost', () => lab.shell.state.members.get(pc.id)?.state === 'lost');
  expect(knock({ boot: 'another boot' })).toBeUndefined();
});

test('an agent that is started again on the same PC joins at once, and keeps its task', () => {
  const lab = new SimulatedLab(54);
  const pc = new HandMadeMember(lab, 'pc-91', { boot: 'this boot' }).links();
  pc.lives(seconds(1));
  const job = lab.submit(1, seconds(60));
  pc.lives(seconds(1));
  const of = pc.started();
  pc.lives(seconds(1));
  const again = new HandMadeMember(lab, 'pc-91', { boot: 'this boot' });
  again.links([{ ...of, state: 'frozen' }]);
  again.lives(seconds(2));
  expect(again.last('welcome')).toBeDefined();
  expect(lab.job(job).value.tasks[0]).toMatchObject({ machine: 'pc-91', attempt: 1 });
});

test('a PC that started anew waits until its former lease is over, and then joins by itself', () => {
  const lab = new SimulatedLab(55);
  lab.boot(2);
  lab.until('ready', () => lab.shell.machines().length === 2);
  const job = lab.submit(4, seconds(20));
  lab.until('all run', () => lab.job(job).value.counts.running === 4);
  lab.pc(1).boot();
  lab.advance(seconds(4));
  expect(lab.pc(1).hasCertificate).toBe(false);
  lab.until('it is back', () => lab.pc(1).hasCertificate && lab.statusOf(1) === 'ready', 15_000);
  lab.until('done', () => lab.isDone(job));
  expect(lab.violations).toEqual([]);
});

test('a hello that speaks of another PC than the one that enrolled is refused', () => {
  const lab = new SimulatedLab(56);
  const pc = new HandMadeMember(lab, 'pc-91', { boot: 'this boot' });
  const key = pc.facts.machineKey;
  pc.facts = { ...pc.facts, machineKey: '52:54:00:00:00:99' };
  pc.links();
  lab.advance(100);
  expect(pc.last('welcome')).toBeUndefined();
  expect(lab.shell.state.members.get(pc.id)?.facts.machineKey).toBe(key);
});

function lastStart(
  pc: HandMadeMember,
): Pick<NonNullable<ReturnType<typeof pc.last<'start'>>>, 'task' | 'epoch'> {
  const { task, epoch } = pc.last('start')!;
  return { task, epoch };
}
