import { gibibytes } from '../../shared/base/units.ts';
import { SimulatedHead } from '../simulated-head.ts';
import type { SimulatedLab } from '../simulated-lab.ts';
import type { SimulatedProgram } from '../simulated-program.ts';
import { errand } from './programs.ts';
import { bootInOrder, room12 } from './small.ts';

const second = 1000;
const minute = 60 * second;

/**
 * Something of everything that can be told: the second night of three PCs, of which one is lost, one came back by itself after it
 * was given back, and one works; a job that is done, and one with a task that was lost and waits, one that
 * moved, and one that failed.
 */
export function mishaps(now: number): SimulatedHead {
  const lab = room12(now - 25 * 60 * minute);
  nightBefore(lab);
  lab.clock.jumpWall(now - 12 * minute - lab.clock.wall());

  bootInOrder(lab, ['pc-01', 'pc-02', 'pc-03']);
  lab.shell.giveSeats([{ machine: 'pc-01', seat: { room: '12', row: 1, place: 4 } }]);
  const sweep = lab.submitProgram(1, () => errand(30 * second), {
    ...{ name: 'sweep', owner: 'ada', command: ['./sweep'] },
  });
  lab.until('the sweep is done', () => lab.isDone(sweep.id));
  const { id } = lab.submitProgram(3, render, {
    ...{ name: 'render', owner: 'ada', command: ['render', 'scene.blend', '{task}'] },
    resources: { cpus: 4, memory: gibibytes(1), wallTime: null },
  });
  const task = (index: number) => lab.job(id).value.tasks.find((one) => one.index === index);
  lab.until('one has failed', () => task(3)?.state === 'failed');
  lab.shell.migrate(`${id}.1`, 'pc-02');
  lab.until('it has moved', () => task(1)?.migrations.length === 1);
  lab.shell.evacuate(['pc-02']);
  lab.until('that one is empty', () => lab.machine('pc-02').tasks.length === 0);

  lab.shell.release(['pc-02'], 'checkpoint');
  lab.until('pc-02 has left', () => lab.machine('pc-02').leftAt !== null);
  lab.advance(minute);
  lab.pc('pc-02').boot();
  lab.until('it came back', () => lab.machine('pc-02').flag === 'came-back');
  lab.advance(now - 2 * minute - lab.clock.wall());
  lab.pc('pc-03').unplug();
  lab.advance(now - lab.clock.wall());
  return new SimulatedHead(lab);
}

/** A frame takes half an hour; the third is of a scene that is not there. */
function render(index: number): SimulatedProgram {
  const works = errand(30 * minute);
  return index === 3
    ? { ...works, work: second, exitCode: 3 }
    : { ...works, memory: gibibytes(0.25), share: 1 };
}

function nightBefore(lab: SimulatedLab): void {
  bootInOrder(lab, ['pc-01']);
  const { id } = lab.submitProgram(2, () => errand(5 * second), {
    ...{ name: 'homework', owner: 'ben', command: ['./homework', '{task}'] },
  });
  lab.until('the homework is done', () => lab.isDone(id));
  lab.shell.release('all', 'checkpoint');
  lab.until('it has left', () => lab.machine('pc-01').leftAt !== null);
  lab.advance(minute);
  lab.shell.removeJobs([id]);
  lab.shell.expectBack(['pc-01']);
}
