// What a face offers and what the head decides are one: tried from outside on labs in every state that a night brings about.
import { describe, expect, test } from 'vitest';
import type { Result } from '../../shared/base/result.ts';
import { gibibytes, mebibytes, seconds } from '../../shared/base/units.ts';
import { isMoot, jobCan, machineCan, type Verdict } from '../../shared/domain/actions.ts';
import { jobId } from '../../shared/domain/ids.ts';
import type { InVain } from '../../shared/domain/refusals.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import { SeededRng } from '../../src-sim/seeded-rng.ts';
import { plainSpec, SimulatedLab, valueOf } from '../../src-sim/simulated-lab.ts';
import { plainProgram } from '../../src-sim/simulated-program.ts';
import { faultNight, type FaultNight } from './faults.ts';

function labOf(pcs: number): SimulatedLab {
  const lab = new SimulatedLab(pcs);
  lab.boot(pcs);
  lab.until('all are here', () => ready(lab) === pcs);
  return lab;
}
const ready = (lab: SimulatedLab): number =>
  lab.shell.machines().filter(({ state }) => state === 'ready').length;
const running = (lab: SimulatedLab, job: string): number =>
  lab.job(job).value.tasks.filter((task) => task.phase === 'running').length;
const sentenceOf = (verdict: Result<unknown>): string | null =>
  verdict.ok ? null : refusalWords(verdict.error);

/** Asks for the move of each task to each PC what is offered, and then for the move itself, each in a lab of its own. */
function compare(make: () => SimulatedLab, tasksOf: (lab: SimulatedLab) => string[]): Set<string> {
  const seen = new Set<string>();
  const first = make();
  for (const task of tasksOf(first)) {
    for (const { machine, refusal } of valueOf(first.shell.moveTargets(task))) {
      const lab = make();
      const [moved] = [lab.shell.migrate(task, machine)];
      expect(`${task} to ${machine}: ${sentenceOf(moved)}`).toBe(
        `${task} to ${machine}: ${refusal && refusalWords(refusal)}`,
      );
      seen.add(refusal ? refusalWords(refusal) : 'may move');
    }
  }
  return seen;
}

describe('where a task is offered to move, and where it may', () => {
  const tasksOf = (lab: SimulatedLab): string[] =>
    lab.shell.jobs().flatMap(({ id }) => lab.job(id).value.tasks.map((task) => task.id));

  test('is the same in a full lab: each PC takes tasks up to twice its processors', () => {
    const make = (): SimulatedLab => {
      const lab = labOf(3);
      const job = lab.submit(6, seconds(600));
      lab.until('all run', () => running(lab, job) === 6);
      return lab;
    };
    expect([...compare(make, tasksOf)]).toEqual(['may move']);
  });

  test('is the same where a PC is crowded, cordoned, draining or silent, and for tasks that move, wait or stay', () => {
    const make = (): SimulatedLab => {
      const lab = labOf(5);
      const little = { resources: { cpus: 1, memory: mebibytes(100), wallTime: null } };
      const job = lab.submit(6, seconds(600), little);
      lab.submit(1, seconds(600), { pin: true });
      lab.submit(1, seconds(600), { resources: { cpus: 1, memory: gibibytes(4), wallTime: null } });
      lab.until('it runs', () => running(lab, job) === 6);
      const on = (name: string) =>
        lab.shell.machines().find((one) => one.name === name)?.tasks ?? [];
      // As far as a PC may be crowded.
      const wide = lab.shell.machines().find(({ tasks }) => tasks.length === 2)?.name ?? '';
      const others = lab.shell.machines().filter(({ name }) => name !== wide);
      for (const task of others
        .flatMap(({ tasks }) => tasks.filter((id) => id.startsWith(job)))
        .slice(0, 2)) {
        valueOf(lab.shell.migrate(task, wide));
        lab.until('it is there', () => on(wide).includes(task));
      }
      valueOf(lab.shell.cordon(['pc-04']));
      lab.pc(5).cutCable();
      lab.until('it is missed', () => lab.statusOf(5) === 'suspect');
      const last = on('pc-03').at(-1) ?? on('pc-02').at(-1);
      if (last) lab.shell.migrate(last, 'pc-02');
      lab.submit(1, seconds(600), { resources: { cpus: 2, memory: null, wallTime: null } });
      return lab;
    };
    const seen = [...compare(make, tasksOf)].join('\n');
    expect(seen).toContain('may move');
    expect(seen).toContain('takes no tasks: it is cordoned.');
    expect(seen).toContain('takes no tasks: it is suspect.');
    expect(seen).toContain('is crowded already');
    expect(seen).toContain('is not running (it is queued)');
  });
});

describe('what is offered to do with PCs and jobs', () => {
  const orders = ['cordon', 'uncordon', 'evacuate', 'release'] as const;

  test('the head does, and what is not offered it refuses or nothing comes of it', () => {
    const make = (): SimulatedLab => {
      const lab = labOf(5);
      const job = lab.submit(4, seconds(600));
      lab.until('it runs', () => running(lab, job) === 4);
      valueOf(lab.shell.cordon(['pc-02']));
      valueOf(lab.shell.release(['pc-03'], 'task'));
      lab.pc(4).unplug();
      lab.until('it is lost', () => lab.statusOf(4) === 'lost');
      return lab;
    };
    const states = new Set<string>();
    for (const machine of make().shell.machines()) {
      for (const order of orders) {
        const lab = make();
        const before = lab.store.lastSeq();
        const offered = machineCan[order](machine);
        const done: Result<unknown> =
          order === 'release'
            ? lab.shell.release([machine.name], 'checkpoint')
            : lab.shell[order]([machine.name]);
        const cameOfIt = done.ok && lab.store.lastSeq() > before;
        const how = `${order} of a PC that is ${machine.state}${machine.cordoned ? ', cordoned' : ''}`;
        if (offered.ok) expect(`${how}: ${sentenceOf(done)}`).toBe(`${how}: null`);
        else expect(`${how}: ${cameOfIt}`).toBe(`${how}: false`);
        states.add(machine.state);
      }
    }
    expect([...states].sort()).toEqual(['draining', 'lost', 'ready']);
  });

  test('is one verdict for jobs, whatever became of them', () => {
    const make = (): SimulatedLab => {
      const lab = labOf(2);
      const done = lab.submit(1, seconds(1));
      lab.until('it is done', () => lab.isDone(done));
      lab.submit(1, seconds(600));
      valueOf(lab.shell.holdJob(lab.submit(1, seconds(600))));
      lab.submit(9, seconds(600));
      valueOf(lab.shell.cancelJob(lab.submit(1, seconds(600))));
      lab.advance(seconds(5));
      return lab;
    };
    const states = new Set<string>();
    for (const job of make().shell.jobs()) {
      for (const order of ['cancel', 'hold', 'resume'] as const) {
        const lab = make();
        const before = lab.store.lastSeq();
        const done = lab.shell[`${order}Job`](job.id);
        const offered = jobCan[order](job);
        const how = `${order} of a job that is ${job.state}`;
        if (offered.ok) expect(`${how}: ${sentenceOf(done)}`).toBe(`${how}: null`);
        else expect(`${how}: ${done.ok && lab.store.lastSeq() > before}`).toBe(`${how}: false`);
        states.add(job.state);
      }
    }
    expect([...states].sort()).toEqual(['cancelled', 'done', 'held', 'running']);
  });
});

test('what may be waited for is one verdict, asked before and when the job is submitted', () => {
  const make = (): SimulatedLab => {
    const lab = labOf(2);
    const ends = (exitCode: number, state: string): void => {
      const job = lab.submitProgram(1, () => ({ ...plainProgram(1000), exitCode })).id;
      lab.until(state, () => lab.job(job).value.state === state);
    };
    ends(0, 'done');
    ends(1, 'failed');
    lab.submit(1, seconds(600)); // 3
    lab.submit(1, seconds(600), { after: [jobId('3')] });
    valueOf(lab.shell.holdJob(lab.submit(1, seconds(600)))); // 5
    lab.submit(1, seconds(600), { after: [jobId('3')] }); // 6
    lab.submit(1, seconds(600), { afterOk: [jobId('6')] }); // 7
    valueOf(lab.shell.cancelJob('6'));
    lab.advance(seconds(2));
    return lab;
  };
  const expected: Readonly<Record<string, InVain | null>> = {
    ...{ 1: null, 2: 'failed', 3: null, 4: null, 5: null, 6: 'cancelled', 7: 'never-starts' },
  };
  expect(
    make()
      .shell.jobs()
      .map(({ id }) => id)
      .sort(),
  ).toEqual(Object.keys(expected));
  for (const [id, inVain] of Object.entries(expected)) {
    for (const ask of ['consider', 'submit'] as const) {
      const lab = make();
      const before = lab.store.lastSeq();
      const done = lab.shell[ask]({ ...plainSpec, afterOk: [jobId(id)] });
      expect(`${ask} ${id}: ${sentenceOf(done)}`).toBe(
        `${ask} ${id}: ${sentenceOf(jobCan.precede({ id, inVain }))}`,
      );
      const cameOfIt = lab.store.lastSeq() > before;
      expect(`${ask} ${id}: ${cameOfIt}`).toBe(`${ask} ${id}: ${ask === 'submit' && done.ok}`);
    }
    // For its end it may be waited for in any case.
    expect(make().shell.submit({ ...plainSpec, after: [jobId(id)] }).ok).toBe(true);
  }
});

/** So many nights of misfortune, each with its own; the seed of one that fails is in the message. */
const nights = Array.from({ length: 25 }, (_, at) => 8800 + at);

test('head and faces have one verdict in whatever state a night of random faults leaves PCs and jobs', () => {
  const seen = new Set<string>();
  for (const seed of nights) {
    const lab = new SimulatedLab(seed);
    const dice = new SeededRng(seed);
    const one = <Thing>(of: readonly Thing[]): Thing | undefined => of[dice.below(of.length)];
    const night: FaultNight = { lab, jobs: [], story: [], faults: [] };
    let steps = 0;
    // The night's end, when all jobs are done, would never come: some of what is ordered here holds them.
    for (const span of faultNight(night, seed, 60)) {
      if ((steps += 1) > 40) break;
      lab.advance(span);
      if (!lab.links.headIsUp()) continue;
      const machine = one(lab.shell.machines());
      const job = one(lab.shell.jobs());
      const order = one(['cordon', 'uncordon', 'evacuate', 'release'] as const);
      const jobOrder = one(['hold', 'resume'] as const);
      if (machine && order) {
        const act = (): Result<unknown> =>
          order === 'release'
            ? lab.shell.release([machine.name], 'checkpoint')
            : lab.shell[order]([machine.name]);
        agree(lab, machineCan[order](machine), act, `${order} of a PC that is ${machine.state}`);
      }
      if (job && jobOrder) {
        const act = (): Result<unknown> => lab.shell[`${jobOrder}Job`](job.id);
        agree(lab, jobCan[jobOrder](job), act, `${jobOrder} of a job that is ${job.state}`);
      }
    }
    lab.shell.stop();

    function agree(
      of: SimulatedLab,
      verdict: Verdict,
      act: () => Result<unknown>,
      how: string,
    ): void {
      const before = of.store.lastSeq();
      const done = act();
      const what = `seed ${seed}: ${how}`;
      // One of the misfortunes is a full disk, on which nobody has a verdict.
      if (sentenceOf(done)?.startsWith('it could not be stored') === true) return;
      if (verdict.ok) expect(`${what}: ${sentenceOf(done)}`).toBe(`${what}: null`);
      else if (isMoot(verdict.error))
        expect(`${what}: ${done.ok} ${of.store.lastSeq() - before}`).toBe(`${what}: true 0`);
      else expect(done, what).toEqual(verdict);
      seen.add(`${how} ${verdict.ok}`);
    }
  }
  expect(seen.size).toBeGreaterThan(15);
});
