import { gibibytes } from '../../shared/base/units.ts';
import { nightTimings } from '../../shared/domain/timings.ts';
import { SimulatedLab } from '../simulated-lab.ts';
import { onTheWall } from './night.ts';
import { errand, frame } from './programs.ts';

const second = 1000;

/** 1,000 PCs and 10,000 tasks. */
export function large(now: number): SimulatedLab {
  const lab = new SimulatedLab(1000, nightTimings, {
    ...{ lab: 'North building', labId: 'b7c8d9', practice: false, address: '10.4.0.2:7411' },
    ...{ wall: now - 60 * second, timeOfDay: onTheWall },
  });
  lab.anyProgram = (task) => frame(Number(task.split('.')[1]));
  const names = Array.from({ length: 1000 }, (_, at) => `pc-${String(at + 1).padStart(4, '0')}`);
  for (const name of names) {
    lab.addPc(name, { processors: 4, memory: gibibytes(8), cpuModel: 'Intel(R) Core(TM) i5-7500' });
    lab.pc(name).boot();
  }
  lab.advance(2 * second);
  lab.shell.giveSeats(
    names.map((machine, at) => ({
      machine,
      seat: {
        room: `N${Math.floor(at / 100) + 1}`,
        row: Math.floor((at % 100) / 20) + 1,
        place: (at % 20) + 1,
      },
    })),
  );
  for (let number = 0; number < 400; number += 1)
    lab.submitProgram(1, () => errand(5 * second), {
      ...{ name: `build-${number}`, owner: 'ben', command: ['make', '-j4'] },
    });
  lab.advance(8 * second);
  lab.submitProgram(10_000, frame, {
    ...{ name: 'film', owner: 'ada', command: ['blender', '-b', 'film.blend', '-f', '{task}'] },
  });
  lab.shell.release(
    names.filter((_, at) => at % 61 === 7),
    'now',
  );
  lab.advance(now - 20 * second - lab.clock.wall());
  names.forEach((name, at) => at % 97 === 13 && lab.pc(name).cutCable());
  lab.advance(now - lab.clock.wall());
  return lab;
}
