import { bytes } from '../../shared/base/units.ts';
import { epoch, memberId, type TaskId } from '../../shared/domain/ids.ts';
import type { LoadSnapshot } from '../../src-main/core/plan/load-snapshot.ts';
import { planMoves } from '../../src-main/core/plan/plan-moves.ts';
import { SeededRng } from '../../src-sim/seeded-rng.ts';
import type { Section } from './figure.ts';
import { median } from './medians.ts';

/** Time to plan for a lab of `members` PCs that all work. */
export function benchPlan(): Promise<Section> {
  const members = 65_535;
  const lab = busyLab(members, 7);
  const spans: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const began = performance.now();
    planMoves(lab);
    spans.push(performance.now() - began);
  }
  const planMs = median(spans);
  return Promise.resolve({
    figures: [
      {
        what: `plan for ${members} members and ${lab.tasks.length} tasks`,
        value: `${planMs.toFixed(1)} ms`,
        reference: 'a plan is made every two heartbeats',
        goal: '≤ 100 ms',
      },
    ],
    json: { planMs, members, tasks: lab.tasks.length },
  });
}

const features = ['fpu', 'sse4_2', 'avx2'];

function busyLab(count: number, seed: number): LoadSnapshot {
  const rng = new SeededRng(seed);
  const members = Array.from({ length: count }, (_, at) => ({
    id: memberId(`pc-${at}`),
    speed: 500 + rng.below(1500),
    processors: 4,
    usedProcessors: rng.below(4),
    freeMemory: bytes(8e9),
    packs: ['base'],
    cpuFeatures: features,
  }));
  return {
    members,
    tasks: members.flatMap((member, at) =>
      Array.from({ length: member.usedProcessors }, (_, slot) => ({
        id: `${at}.${slot}` as TaskId,
        on: member.id,
        cpus: 1,
        memory: bytes(256e6),
        resident: bytes(rng.below(2e9)),
        cpuSeconds: rng.below(7200),
        epoch: epoch(1),
        pack: 'base',
        cpuFeatures: features,
      })),
    ),
  };
}
