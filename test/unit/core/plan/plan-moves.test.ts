import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { epoch, memberId, type MemberId, type TaskId } from '../../../../shared/domain/ids.ts';
import type {
  LoadSnapshot,
  MemberSnapshot,
  TaskSnapshot,
} from '../../../../src-main/core/plan/load-snapshot.ts';
import { defaultPolicy, planMoves, type Plan } from '../../../../src-main/core/plan/plan-moves.ts';
import { bytes } from '../../../../shared/base/units.ts';
import { rate } from '../../../../src-main/core/plan/rate.ts';

const pc = (name: string, wish: Partial<MemberSnapshot> = {}): MemberSnapshot => ({
  id: memberId(name),
  speed: 1000,
  processors: 2,
  usedProcessors: 0,
  freeMemory: bytes(4e9),
  packs: ['base'],
  cpuFeatures: ['sse4_2'],
  ...wish,
});

const task = (id: string, on: string, wish: Partial<TaskSnapshot> = {}): TaskSnapshot => ({
  id: id as TaskId,
  epoch: epoch(3),
  on: memberId(on),
  cpus: 1,
  memory: bytes(256e6),
  resident: bytes(100e6),
  cpuSeconds: 600,
  pack: 'base',
  cpuFeatures: [],
  ...wish,
});

describe('a plan', () => {
  test('moves a long task from a crowded PC to an idle one and says why', () => {
    const plan = planMoves({
      members: [pc('a', { usedProcessors: 2 }), pc('b')],
      tasks: [task('1.0', 'a'), task('2.0', 'a', { cpuSeconds: 300 })],
    });
    // 600 s at 0.8 of the reference would take 480 s where the task is alone; 100 MB take a second, freezing half of one.
    expect(plan).toEqual({
      moves: [
        {
          task: '1.0',
          epoch: 3,
          from: 'a',
          to: 'b',
          because: {
            code: 'crowded',
            facts: { from: { pc: 'a', used: 2, slots: 2 }, to: { pc: 'b', used: 0, slots: 2 } },
          },
          gains: expect.closeTo(120, 6) as number,
          costs: 1.5,
        },
      ],
    });
    expect(structuredClone(plan)).toEqual(plan);
  });

  test('moves a long task to a faster PC', () => {
    const plan = planMoves({
      members: [pc('slow', { speed: 500, usedProcessors: 1 }), pc('fast', { speed: 1000 })],
      tasks: [task('1.0', 'slow')],
    });
    expect(plan.moves.map(({ to, because }) => [to, because])).toEqual([
      ['fast', { code: 'faster-and-free', facts: { pc: 'fast' } }],
    ]);
  });

  test.each([
    ['a young task, since it may end before the move has paid', { cpuSeconds: 1 }],
    ['a huge one, since carrying it costs more than it gains', { resident: bytes(60e9) }],
    ['one whose software the other lacks', { pack: 'octave' }],
    ['one that may use what the other processor lacks', { cpuFeatures: ['sse4_2', 'avx2'] }],
    ['one that does not fit there', { memory: bytes(8e9) }],
    ['one that needs more processors than are free there', { cpus: 3 }],
  ])('does not move %s', (_reason, wish) => {
    expect(
      planMoves({
        members: [pc('slow', { speed: 500, usedProcessors: 2 }), pc('fast')],
        tasks: [task('1.0', 'slow', wish)],
      }),
    ).toEqual({ moves: [] });
  });

  test('leaves speeds alone that differ less than calibration can tell', () => {
    expect(
      planMoves({
        members: [pc('a', { speed: 1000, usedProcessors: 1 }), pc('b', { speed: 1050 })],
        tasks: [task('1.0', 'a', { cpuSeconds: 1e6 })],
      }),
    ).toEqual({ moves: [] });
  });
});

test.each([
  // speed, processors, used → work per second
  [1000, 2, 1, 1],
  [1000, 2, 2, 0.8],
  [1000, 2, 4, 0.4],
  [500, 2, 1, 0.5],
  [1000, 1, 1, 1],
  [1000, 1, 2, 0.5],
])(
  'a PC of speed %i with %i processors, %i taken, gives a task %f of the reference',
  (speed, processors, used, expected) => {
    expect(rate({ speed, processors }, used)).toBeCloseTo(expected, 6);
  },
);

const labs = fc
  .record({
    speeds: fc.array(fc.integer({ min: 300, max: 3000 }), { minLength: 2, maxLength: 8 }),
    tasks: fc.array(
      fc.record({
        on: fc.nat(7),
        age: fc.integer({ min: 0, max: 20_000 }),
        resident: fc.integer({ min: 0, max: 4e9 }),
      }),
      { maxLength: 12 },
    ),
  })
  .map(({ speeds, tasks }): LoadSnapshot => {
    const members = speeds.map((speed, at) => pc(`pc-${at}`, { speed }));
    const used = new Map<MemberId, number>();
    const placed = tasks.flatMap(({ on, age, resident }, at) => {
      const home = members[on % members.length];
      if (!home || (used.get(home.id) ?? 0) >= home.processors) return [];
      used.set(home.id, (used.get(home.id) ?? 0) + 1);
      return [task(`${at}.0`, home.id, { cpuSeconds: age, resident: bytes(resident) })];
    });
    return {
      members: members.map((member) => ({ ...member, usedProcessors: used.get(member.id) ?? 0 })),
      tasks: placed,
    };
  });

const after = (lab: LoadSnapshot, { moves: plan }: Plan): LoadSnapshot => ({
  members: lab.members.map((member) => ({
    ...member,
    usedProcessors:
      member.usedProcessors +
      plan.filter(({ to }) => to === member.id).length -
      plan.filter(({ from }) => from === member.id).length,
  })),
  tasks: lab.tasks.map((one) => ({
    ...one,
    on: plan.find((move) => move.task === one.id)?.to ?? one.on,
  })),
});

test('planning again and again comes to rest, and no task goes back where it came from', () => {
  fc.assert(
    fc.property(labs, (start) => {
      let lab = start;
      const visited = new Map<TaskId, Set<MemberId>>(
        lab.tasks.map((one) => [one.id, new Set([one.on])]),
      );
      for (let round = 0; round < 60; round += 1) {
        const plan = planMoves(lab, defaultPolicy);
        if (plan.moves.length === 0) return;
        for (const { task: id, to } of plan.moves) {
          expect(visited.get(id)?.has(to)).toBe(false);
          visited.get(id)?.add(to);
        }
        lab = after(lab, plan);
        for (const member of lab.members)
          expect(member.usedProcessors).toBeLessThanOrEqual(member.processors);
      }
      throw new Error('the plan never came to rest');
    }),
    { numRuns: 300 },
  );
});

test('the same lab gives the same plan', () => {
  fc.assert(
    fc.property(labs, (lab) => {
      expect(planMoves(lab)).toEqual(planMoves(lab));
    }),
    { numRuns: 100 },
  );
});

test('a PC takes part in one move of a plan only, as its cost is reckoned with the whole link', () => {
  const { moves } = planMoves({
    members: [pc('a', { usedProcessors: 2 }), pc('b'), pc('c')],
    tasks: [task('1.0', 'a'), task('2.0', 'a', { cpuSeconds: 500 })],
  });
  expect(moves.map(({ task: id, to }) => [id, to])).toEqual([['1.0', 'b']]);
});

test('no other move would be worth more than the first, whoever is tried with whom', () => {
  fc.assert(
    fc.property(labs, (lab) => {
      const worth = lab.tasks.flatMap((one) =>
        lab.members.map((there) => {
          const here = lab.members.find(({ id }) => id === one.on);
          if (!here || here === there || there.usedProcessors + one.cpus > there.processors)
            return 0;
          const slow = rate(here, here.usedProcessors);
          const fast = rate(there, there.usedProcessors + one.cpus);
          if (fast < slow * 1.1) return 0;
          const costs = defaultPolicy.moveSeconds + one.resident / defaultPolicy.bandwidth;
          return one.cpuSeconds * (1 - slow / fast) - defaultPolicy.payback * costs;
        }),
      );
      const [first] = planMoves(lab).moves;
      const planned = first ? first.gains - defaultPolicy.payback * first.costs : 0;
      expect(planned).toBeCloseTo(Math.max(0, ...worth), 6);
    }),
    { numRuns: 500 },
  );
});
