import { gibibytes, type EpochMillis } from '../../shared/base/units.ts';
import { pcName } from '../../shared/domain/pc-names.ts';
import type { MemberFacts } from '../../shared/domain/member.ts';
import { nightTimings } from '../../shared/domain/timings.ts';
import { SimulatedLab } from '../simulated-lab.ts';
import { digits, errand, frame, kernelBuild, sweepPoint } from './programs.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Two rows of PCs in the middle of their third night, with everything that can be seen. */
export function night(now: number): SimulatedLab {
  const began = now - 7 * minute;
  const lab = new SimulatedLab(12, nightTimings, {
    ...{ lab: 'Room 12', labId: 'a1b2c3', practice: false, address: '192.168.12.2:7411' },
    ...{ wall: began - 48 * hour, timeOfDay: onTheWall },
  });
  lab.anyProgram = (task) => frame(Number(task.split('.')[1]));
  const numbers = Array.from({ length: 14 }, (_, at) => at + 1);
  for (const number of numbers) lab.addPc(pcName(number), rowOf(number) === 1 ? wide : slow);
  lab.addPc('pc-15', { ...fast, speed: 1310 });
  for (const tasks of [40, 42]) earlierNight(lab, tasks);

  lab.clock.jumpWall(began - lab.clock.wall());
  for (const pc of lab.members()) if (pc.id !== 'pc-13') pc.boot();
  lab.advance(10 * second);
  sit(
    lab,
    numbers.filter((number) => number !== 13),
  );
  longProgram(lab);
  lab.submitProgram(1, () => kernelBuild, {
    ...{ name: 'kernel', owner: 'cleo', command: ['make', '-j4', 'bzImage'] },
    resources: { cpus: 4, memory: gibibytes(2), wallTime: null },
  });
  lab.submitProgram(40, sweepPoint, {
    ...{ name: 'sweep', owner: 'ben', command: ['./lattice', '--beta', '{task}'] },
  });
  lab.submitProgram(240, frame, {
    ...{ name: 'film', owner: 'ada', command: ['blender', '-b', 'film.blend', '-f', '{task}'] },
    resources: { cpus: 1, memory: gibibytes(1), wallTime: null },
  });
  const thesis = lab.submitProgram(12, () => errand(), {
    ...{ name: 'thesis-figures', owner: 'dora', command: ['gnuplot', 'figure-{task}.gp'] },
  });
  lab.shell.holdJob(thesis.id);
  lab.shell.cordon(['pc-14']);
  emptyOnce(lab, 'pc-11');

  const until = (moment: number): void => lab.advance(Math.max(0, moment - lab.clock.wall()));
  seeUnenrolledPcs(lab);
  until(now - 100 * second);
  lab.pc('pc-11').unplug();
  until(now - 22 * second);
  lab.pc('pc-06').cutCable();
  until(now - 4 * second);
  lab.shell.enrol(lab.pc('pc-13').facts, 'pc-13');
  sit(lab, [13]);
  until(now - 2 * second);
  lab.shell.evacuate(['pc-03']);
  const leaving = lab.shell
    .machines()
    .find(({ name }) => name === 'pc-01')
    ?.tasks.at(-1);
  if (leaving) lab.shell.migrate(leaving, 'pc-15');
  until(now);
  return lab;
}

/** `22:30` of the time zone in which it is looked at. */
export const onTheWall = (at: EpochMillis): string => new Date(at).toTimeString().slice(0, 5);

const fast: Partial<MemberFacts> = {
  ...{ processors: 6, memory: gibibytes(16), cpuModel: 'AMD Ryzen 5 3600' },
  cpuFeatures: [
    ...['avx', 'avx2', 'bmi1', 'bmi2', 'cx16', 'f16c', 'fma', 'lahf_lm', 'movbe', 'popcnt'],
    ...['sse4_1', 'sse4_2', 'ssse3', 'xsave'],
  ],
};
const wide: Partial<MemberFacts> = {
  ...fast,
  ...{ processors: 4, memory: gibibytes(8), cpuModel: 'Intel(R) Core(TM) i5-7500', speed: 1000 },
};
const slow: Partial<MemberFacts> = {
  ...fast,
  ...{ processors: 2, memory: gibibytes(4), cpuModel: 'Intel(R) Core(TM) i3-6100', speed: 870 },
};

/** Two rows of seven. */
function sit(lab: SimulatedLab, numbers: readonly number[]): void {
  lab.shell.giveSeats(
    numbers.map((number) => ({
      machine: pcName(number),
      seat: { room: 'Room 12', row: rowOf(number), place: ((number - 1) % 7) + 1 },
    })),
  );
}

const rowOf = (number: number): number => (number <= 7 ? 1 : 2);

/** Three PCs come, do something short, and are given back; then it is the next day. */
function earlierNight(lab: SimulatedLab, tasks: number): void {
  const pcs = ['pc-01', 'pc-02', 'pc-08'].map((name) => lab.pc(name));
  for (const pc of pcs) pc.boot();
  lab.advance(8 * second);
  const { id } = lab.submitProgram(tasks, () => errand(10 * second), {
    ...{ name: 'homework', owner: 'ben', command: ['./homework', '{task}'] },
  });
  lab.until('the homework is done', () => lab.isDone(id));
  lab.shell.release('all', 'task');
  lab.until('all have left', () =>
    lab.shell.machines().every(({ leftAt, state }) => leftAt !== null || state !== 'ready'),
  );
  lab.advance(minute);
  lab.clock.jumpWall(22 * hour);
}

/** A program for the whole night that has moved before. */
function longProgram(lab: SimulatedLab): void {
  const { id } = lab.submitProgram(1, () => digits, {
    ...{ name: 'digits', owner: 'ada', command: ['python3', 'digits.py', '40000000'] },
    resources: { cpus: 1, memory: gibibytes(1), wallTime: null },
  });
  lab.advance(20 * second);
  lab.shell.migrate(`${id}.0`, 'pc-11');
  lab.advance(20 * second);
}

/** It is emptied and takes tasks again. */
function emptyOnce(lab: SimulatedLab, name: string): void {
  lab.advance(40 * second);
  lab.shell.evacuate([name]);
  lab.advance(40 * second);
  lab.shell.uncordon([name]);
}

function seeUnenrolledPcs(lab: SimulatedLab): void {
  lab.shell.seen({
    ...{ machineKey: '52:54:00:77:01:0c', address: '192.168.12.93', name: 'lab-b-04' },
    reason: 'It belongs to another lab (Room 14).',
  });
  lab.advance(2 * minute);
  lab.shell.seen({
    ...{ machineKey: '52:54:00:12:9a:31', address: '192.168.12.81', name: null },
    reason: 'Its enrolment token expired at 06:00; make a new boot stick.',
  });
}
