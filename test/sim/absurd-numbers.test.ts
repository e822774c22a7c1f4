import { describe, expect, test } from 'vitest';
import { seconds } from '../../shared/base/units.ts';
import { HandMadeMember } from './hand-made-member.ts';
import { SimulatedLab } from '../../src-sim/simulated-lab.ts';

/** Where a number was, JSON has null for what is no number any more. */
const holes = (value: unknown): string[] =>
  Object.entries(value ?? {}).flatMap(([key, inner]) => {
    if (typeof inner === 'number') return Number.isFinite(inner) ? [] : [key];
    return typeof inner === 'object' ? holes(inner).map((below) => `${key}.${below}`) : [];
  });

/** All that a member measures and the head adds up: processor time, memory, load, bytes and spans. */
describe('a member that tells absurd numbers', () => {
  test.each([1e12, 1.7e308])('leaves every view and the night in numbers: %d', (absurd) => {
    const lab = new SimulatedLab(60);
    const pc = new HandMadeMember(lab, 'pc-91').links();
    pc.lives(seconds(1));
    const job = lab.submit(4, seconds(60));
    const told = new Set<string>();
    const look = (): void => {
      expect(holes(lab.job(job))).toEqual([]);
      expect(holes(lab.shell.machines())).toEqual([]);
      expect(holes(lab.shell.state.night)).toEqual([]);
    };
    for (let turn = 0; turn < 4; turn += 1) {
      pc.lives(seconds(1));
      for (const { task, epoch } of pc.heard.filter((message) => message.t === 'start')) {
        if (told.has(task)) continue;
        told.add(task);
        pc.says({ t: 'started', task, epoch, resumed: false });
        pc.says({ t: 'usage', of: [{ task, epoch, cpuSeconds: absurd, memory: absurd }] });
        pc.says({ t: 'beat', n: 99, load: absurd / 1000, memoryFree: absurd });
        lab.advance(100);
        look();
        const ending = { cause: 'exit' as const, exitCode: 0 };
        const left = { outputs: [], log: null, cpuSeconds: absurd };
        pc.says({ t: 'ended', task, epoch, ending, ...left });
        lab.advance(100);
        look();
      }
    }
    expect(lab.job(job).value.counts.done).toBe(4);
    lab.killHead();
    lab.startHead();
    look();
  });
});
