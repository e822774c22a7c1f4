import { gibibytes } from '../../shared/base/units.ts';
import type { MemberFacts } from '../../shared/domain/member.ts';
import { practiceTimings } from '../../shared/domain/timings.ts';
import { SimulatedHead } from '../simulated-head.ts';
import { SimulatedLab } from '../simulated-lab.ts';

const second = 1000;

/** What a PC of an ordinary classroom has. */
export const classroomPc: Partial<MemberFacts> = {
  ...{ processors: 4, memory: gibibytes(8), cpuModel: 'Intel(R) Core(TM) i5-7500' },
};

/** Room 12 at that moment, without PCs. */
export const room12 = (wall: number): SimulatedLab =>
  new SimulatedLab(12, practiceTimings, {
    ...{ lab: 'Room 12', labId: 'a1b2c3', practice: true, address: '127.0.0.1:7411', wall },
    // In every time zone the same, as tests want it.
    timeOfDay: (at) => new Date(at).toISOString().slice(11, 16),
  });

/** They come one after the other, so that they are told in this order. */
export function bootInOrder(lab: SimulatedLab, names: readonly string[]): void {
  for (const [at, name] of names.entries()) {
    lab.addPc(name, { ...classroomPc, machineKey: `52:54:00:00:00:0${at + 1}` }).boot();
    lab.until(`${name} has enrolled`, () =>
      lab.shell.machines().some((machine) => machine.name === name && machine.state === 'ready'),
    );
  }
}

/** Two idle PCs of a classroom, a minute after they came. */
export function small(now: number): SimulatedHead {
  const lab = room12(now - 60 * second);
  bootInOrder(lab, ['pc-01', 'pc-02']);
  lab.advance(now - lab.clock.wall());
  return new SimulatedHead(lab);
}
