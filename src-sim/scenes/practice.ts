import { pcName } from '../../shared/domain/pc-names.ts';
import { practiceTimings } from '../../shared/domain/timings.ts';
import { SimulatedHead } from '../simulated-head.ts';
import { SimulatedLab } from '../simulated-lab.ts';
import { onTheWall } from './night.ts';
import { frame } from './programs.ts';

const second = 1000;

/** A new lab: nothing has happened yet. */
export function empty(now: number): SimulatedHead {
  return new SimulatedHead(practiceLab('Lab', now - 40 * second, now));
}

/** Three virtual PCs on this machine, one of which has no power any more. */
export function practice(now: number): SimulatedHead {
  const lab = practiceLab('Practice lab', now - 100 * second, now - 90 * second);
  const head = new SimulatedHead(lab);
  for (const number of [1, 2, 3]) lab.addPc(pcName(number)).boot();
  lab.advance(10 * second);
  lab.submitProgram(9, frame, {
    ...{ name: 'sweep', owner: 'ada', command: ['./sweep', '{task}'] },
  });
  lab.advance(50 * second);
  lab.pc(3).unplug();
  lab.advance(now - lab.clock.wall());
  return head;
}

/** Began at one moment, and now it is another. */
function practiceLab(name: string, began: number, now: number): SimulatedLab {
  const lab = new SimulatedLab(3, practiceTimings, {
    ...{ lab: name, labId: 'd4e5f6', practice: true, address: '127.0.0.1:7411' },
    ...{ wall: began, timeOfDay: onTheWall },
  });
  lab.anyProgram = (task) => frame(Number(task.split('.')[1]));
  lab.advance(now - began);
  return lab;
}
