import { AgentLab } from './agent-member.ts';
import { faultNight, type FaultNight } from './faults.ts';
import { SimulatedLab } from '../../src-sim/simulated-lab.ts';
import { disagreements } from './told-by-the-log.ts';

/** Misfortunes and commands of one night. */
const steps = 40;

/** A night that was played, and every promise it broke. */
export interface PlayedNight {
  readonly seed: number;
  readonly story: readonly string[];
  readonly faults: readonly string[];
}

/** With simulated members, or with the real agent on each. The same seed is the same night. `prepare` makes its lab another. */
export async function playNight(
  seed: number,
  agents: boolean,
  prepare: (lab: SimulatedLab) => void = () => undefined,
): Promise<PlayedNight> {
  const lab = agents ? new AgentLab(seed) : new SimulatedLab(seed);
  prepare(lab);
  const night: FaultNight = { lab, jobs: [], story: [], faults: [] };
  try {
    for (const span of faultNight(night, seed, steps)) {
      if (lab instanceof AgentLab) await lab.pass(span);
      else lab.advance(span);
    }
    lab.shell.stop();
    night.faults.push(...brokenPromises(night));
  } catch (error) {
    night.faults.push(error instanceof Error ? error.message : String(error));
  }
  return { seed, story: night.story, faults: night.faults };
}

function brokenPromises({ lab, jobs }: FaultNight): string[] {
  const broken = [...lab.violations];
  for (const job of jobs)
    for (const { id, state } of lab.job(job).value.tasks) {
      if (state !== 'done') broken.push(`task ${id} is ${state}`);
      if (lab.timesFinished(id) === 0) broken.push(`task ${id} is said to be done and never ended`);
    }
  return [...broken, ...disagreements(lab.store, lab.shell.state)];
}
