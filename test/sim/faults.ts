import { seconds } from '../../shared/base/units.ts';
import { SeededRng } from '../../src-sim/seeded-rng.ts';
import type { SimulatedLab } from '../../src-sim/simulated-lab.ts';
import { cutLog, lengthOf } from './cut-log.ts';
import { disagreements } from './told-by-the-log.ts';

export interface FaultNight {
  readonly lab: SimulatedLab;
  readonly jobs: string[];
  readonly story: string[];
  /** Promises that were broken on the way. */
  readonly faults: string[];
}

/** Steps after which the three tellers of the lab are compared. */
const compareEvery = 8;

/**
 * A night of `steps` random misfortunes and commands, then peace until every job is done. Same seed, same night. Yields
 * the milliseconds that pass between what happens.
 */
export function* faultNight(
  { lab, jobs, story, faults }: FaultNight,
  seed: number,
  steps: number,
): Generator<number> {
  const dice = new SeededRng(seed ^ 0x5eed);
  const pcs = 3 + dice.below(3);
  lab.boot(
    pcs,
    Array.from({ length: pcs }, () => 600 + dice.below(900)),
  );
  lab.saveFaults = dice.next() < 0.3 ? 0.3 : 0;
  lab.restoreFaults = dice.next() < 0.3 ? 0.3 : 0;
  jobs.push(
    lab.submit(6, seconds(30 + dice.below(60))),
    lab.submit(1, seconds(200)),
    lab.submit(3, seconds(5)),
  );
  let headUp = true;
  const anyPc = (): number => 1 + dice.below(pcs);
  const actions: Record<string, () => void> = {
    unplug: () => lab.pc(anyPc()).unplug(),
    replug: () => {
      const pc = lab.pc(anyPc());
      if (!pc.powered) pc.boot();
    },
    cut: () => {
      const pc = lab.pc(anyPc());
      if (pc.powered) pc.cutCable();
    },
    heal: () => lab.pc(anyPc()).heal(),
    killHead: () => {
      if (headUp) lab.killHead();
      headUp = false;
    },
    startHead: () => {
      if (!headUp) lab.startHead();
      headUp = true;
    },
    migrate: () => {
      const job = dice.pick(jobs) ?? '';
      void lab.shell.migrate(`${job}.${dice.below(4)}`, lab.pc(anyPc()).id);
    },
    release: () =>
      void lab.shell.release(
        [lab.pc(anyPc()).id],
        dice.pick(['checkpoint', 'task', 'now'] as const) ?? 'checkpoint',
      ),
    releaseAll: () => void (dice.next() < 0.3 && lab.shell.release('all', 'checkpoint')),
    evacuate: () => void lab.shell.evacuate([lab.pc(anyPc()).id]),
    uncordon: () => void lab.shell.uncordon('all'),
    hold: () => void lab.shell.holdJob(dice.pick(jobs) ?? ''),
    resume: () => void lab.shell.resumeJob(dice.pick(jobs) ?? ''),
    submit: () => {
      if (headUp && jobs.length < 8)
        jobs.push(lab.submit(1 + dice.below(4), seconds(1 + dice.below(40))));
    },
    diskFull: () => (lab.store.full = true),
    diskFree: () => (lab.store.full = false),
    wait: () => undefined,
  };
  for (let step = 0; step < steps; step += 1) {
    const name = dice.pick(Object.keys(actions)) ?? 'wait';
    const headNeeded = ![
      'unplug',
      'replug',
      'cut',
      'heal',
      'startHead',
      'diskFull',
      'diskFree',
      'wait',
    ].includes(name);
    if (headUp || !headNeeded) {
      story.push(name);
      try {
        actions[name]?.();
      } catch {
        story.push('refused'); // a submit while the disk is full
      }
    }
    yield dice.below(9000);
    if (step % compareEvery === 0) {
      faults.push(...disagreements(lab.store, headUp ? lab.shell.state : undefined));
      // In every other night the log is cut ever again: what is left must tell the same.
      if (seed % 2 === 0 && !lab.store.full) cutLog(lab.store, Math.ceil(lengthOf(lab.store) / 2));
    }
  }
  story.push('peace');
  lab.store.full = false;
  lab.saveFaults = 0;
  lab.restoreFaults = 0;
  if (!headUp) lab.startHead();
  for (const pc of lab.members()) {
    if (!pc.powered || pc.cut) pc.boot();
  }
  const peace = (): boolean => {
    for (const pc of lab.members()) if (pc.left) pc.boot();
    lab.shell.uncordon('all');
    for (const job of jobs) void lab.shell.resumeJob(job);
    return jobs.every((job) => lab.isDone(job));
  };
  const end = lab.clock.now() + 7_200_000;
  while (!peace()) {
    if (lab.clock.now() > end) throw new Error(`the jobs were never done\n${lab.picture()}`);
    yield 100;
  }
}
