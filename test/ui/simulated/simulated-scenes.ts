import type { MachineView, TaskView } from '../../../shared/api/views.ts';
import { SimulatedLab } from './simulated-lab.ts';
import { detailOf, doneTask, machineOf, taskOf } from './simulated-views.ts';

/** Labs to look at, by name: `?scene=night`. */
export const scenes = { night, empty, practice, large } as const;
export type SceneName = keyof typeof scenes;

const gib = 1024 ** 3;
const minute = 60_000;

/** A new lab: nothing has happened yet. */
function empty(now: number): SimulatedLab {
  const lab = new SimulatedLab(now, { lab: 'Lab', night: 1, startedAt: now - 40_000 });
  lab.tell('Night 1 began.');
  return lab;
}

/** Two rows of PCs in the middle of a night, with everything that can be seen. */
function night(now: number): SimulatedLab {
  const lab = new SimulatedLab(now - 10 * minute, { practice: false });
  lab.tell('Night 3 began.');
  for (let number = 1; number <= 14; number += 1) {
    lab.machines.push(seated(number, number <= 7 ? 1 : 2, ((number - 1) % 7) + 1));
  }
  lab.machines.push(
    machineOf('pc-15', {
      speed: 1310,
      cpu: 6,
      cpuModel: 'AMD Ryzen 5 3600',
      cpuFamily: 'x86-64-v3/m0qd',
    }),
  );
  const names = lab.machines.map(({ name }) => name);
  Object.assign(lab.machine('pc-13'), { state: 'enrolling', load: 0 });
  Object.assign(lab.machine('pc-14'), { cordoned: true });
  addJobs(lab, names);
  placeDigits(lab);
  lab.settle();
  for (let step = 0; step < 8; step += 1) lab.advance(2500);

  const [first, , third] = lab.machines;
  const suspect = lab.machine('pc-06');
  Object.assign(suspect, {
    state: 'suspect',
    note: 'not heard of for a while; its tasks freeze themselves',
  });
  lab.tell('pc-06 has gone quiet.', 'bad');
  lab.lose(lab.machine('pc-11'));
  lab.tell('pc-14 is cordoned: asked for by hand.');
  lab.now = now - 90_000;
  if (third) lab.leave(third, 'evacuate');
  makeRoom(lab, ['pc-08', 'pc-15']);
  lab.now = now - 1500;
  const moving = third?.tasks[0];
  if (moving) lab.migrate(moving, 'pc-08', 'pc-03 is being evacuated');
  const other = first?.tasks[1];
  if (other) lab.migrate(other, 'pc-15', 'pc-15 is faster and idle');
  if (third) third.note = `evacuating: ${third.tasks.length} tasks left`;
  lab.head.strangers.push(
    {
      machineKey: '52:54:00:12:9a:31',
      address: '192.168.12.81',
      name: null,
      reason: 'Its enrolment token expired at 06:00; make a new boot stick.',
      at: now - 3 * minute,
    },
    {
      machineKey: '52:54:00:77:01:0c',
      address: '192.168.12.93',
      name: 'lab-b-04',
      reason: 'It belongs to another lab (Room 14).',
      at: now - 11 * minute,
    },
  );
  lab.now = now;
  lab.settle();
  return lab;
}

/** A long program that moved twice already. */
function placeDigits(lab: SimulatedLab): void {
  const job = lab.job('digits');
  const [task] = job.tasks;
  if (!task) return;
  lab.place(job, task, lab.machine('pc-01'));
  lab.endless.add(task.id);
  const moved = (
    from: string,
    to: string,
    minutesAgo: number,
    because: string,
  ): TaskView['migrations'][number] => ({
    from,
    to,
    at: lab.now - minutesAgo * minute,
    because,
    bytes: 412 * 1024 ** 2,
    freezeMs: 640 + minutesAgo * 3,
    totalMs: 4900 + minutesAgo * 20,
  });
  Object.assign(task, {
    attempt: 3,
    startedAt: lab.now - 80 * minute,
    savedAt: lab.now - 4 * minute,
    cpuSeconds: 4670,
    memory: 431 * 1024 ** 2,
    migrations: [
      moved('pc-11', 'pc-15', 52, 'pc-11 is being evacuated'),
      moved('pc-15', 'pc-01', 17, 'asked for by hand'),
    ],
  });
  lab.logs.set(
    task.id,
    Array.from(
      { length: 40 },
      (_, at) => `${(at + 1) * 250_000} digits, last ${(at * 7919) % 100_000}\n`,
    ).join(''),
  );
}

/** Three virtual PCs on this machine. */
function practice(now: number): SimulatedLab {
  const lab = new SimulatedLab(now - 2 * minute, { lab: 'Practice lab', night: 1, practice: true });
  lab.tell('Night 1 began.');
  for (const number of [1, 2, 3]) {
    const name = `pc-${number}`;
    lab.machines.push(machineOf(name, { cpu: 2, memory: 2 * gib, memoryFree: 1.7 * gib }));
    lab.pcs.push({
      name,
      state: 'on',
      cut: false,
      screen: [
        'Nightshift · Practice lab',
        `${name} · ready`,
        'Press any key to take this PC back.',
      ],
    });
    lab.tell(`${name} arrived.`, 'good');
  }
  lab.submit({
    name: 'sweep',
    owner: 'ada',
    command: ['./sweep', '{task}'],
    array: { first: 1, last: 9 },
  });
  for (let step = 0; step < 12; step += 1) lab.advance(5000);
  const last = lab.machines[2];
  if (last) {
    Object.assign(lab.pcs[2] ?? {}, { state: 'unplugged', screen: [] });
    lab.lose(last);
  }
  lab.advance(now - lab.now);
  return lab;
}

/** 1,000 PCs and 10,000 tasks. */
function large(now: number): SimulatedLab {
  const lab = new SimulatedLab(now - minute, { lab: 'North building', practice: false });
  for (let number = 0; number < 1000; number += 1) {
    const room = `N${Math.floor(number / 100) + 1}`;
    const seat = `${room}/${Math.floor((number % 100) / 20) + 1}/${(number % 20) + 1}`;
    const state: MachineView['state'] =
      number % 97 === 13 ? 'suspect' : number % 61 === 7 ? 'released' : 'ready';
    lab.machines.push(machineOf(`pc-${String(number + 1).padStart(4, '0')}`, { seat, state }));
  }
  lab.submit({
    name: 'film',
    owner: 'ada',
    command: ['blender', '-b', 'film.blend', '-f', '{task}'],
    array: { first: 1, last: 10_000 },
  });
  for (let number = 0; number < 400; number += 1) {
    const id = String(lab.jobs.length + 1);
    const tasks = [doneTask(id, 0, now - number * minute, 'pc-0001')];
    lab.jobs.push(
      detailOf(id, `build-${number}`, tasks, {
        owner: 'ben',
        submittedAt: now - (number + 3) * minute,
        command: 'make -j4',
      }),
    );
  }
  for (let step = 0; step < 4; step += 1) lab.advance(2500);
  lab.advance(now - lab.now);
  return lab;
}

function seated(number: number, row: number, place: number): MachineView {
  const slow = row === 2;
  return machineOf(`pc-${String(number).padStart(2, '0')}`, {
    seat: `Room 12/${row}/${place}`,
    speed: slow ? 870 : 1000,
    ...(slow
      ? {
          cpuModel: 'Intel(R) Core(TM) i3-6100',
          cpuFamily: 'x86-64-v3/c81x',
          cpu: 2,
          memory: 4 * gib,
          memoryFree: 3.5 * gib,
        }
      : {}),
  });
}

/** Ends what runs on these PCs so that something can move there. */
function makeRoom(lab: SimulatedLab, names: readonly string[]): void {
  for (const name of names) {
    const machine = lab.machine(name);
    const id = machine.tasks.pop();
    if (!id) continue;
    machine.slotsUsed = Math.max(0, machine.slotsUsed - 1);
    Object.assign(lab.task(id), {
      state: 'done',
      phase: 'done',
      machine: null,
      exitCode: 0,
      finishedAt: lab.now,
    });
  }
}

function addJobs(lab: SimulatedLab, names: readonly string[]): void {
  const at = (index: number): string => names[index % names.length] ?? 'pc-01';
  const { now } = lab;
  const film = Array.from({ length: 240 }, (_, index) =>
    index < 118
      ? doneTask('1', index + 1, now - (118 - index) * 30_000, at(index))
      : taskOf('1', index + 1),
  );
  lab.jobs.push(
    detailOf('1', 'film', film, {
      owner: 'ada',
      submittedAt: now - 140 * minute,
      command: 'blender -b film.blend -f {task}',
      memory: 2 * gib,
    }),
  );
  const sweep = Array.from({ length: 40 }, (_, index) =>
    index === 12
      ? taskOf('2', 13, {
          state: 'failed',
          phase: 'failed',
          attempt: 2,
          exitCode: 3,
          reason: 'the program ended with 3',
          cpuSeconds: 12.4,
          startedAt: now - 60 * minute,
          finishedAt: now - 59 * minute,
        })
      : doneTask('2', index + 1, now - (60 - index) * minute, at(index * 3)),
  );
  lab.jobs.push(
    detailOf('2', 'sweep', sweep, {
      owner: 'ben',
      submittedAt: now - 130 * minute,
      command: './lattice --beta {task}',
    }),
  );
  const build = [doneTask('3', 0, now - 20 * minute, at(4))];
  lab.jobs.push(
    detailOf('3', 'kernel', build, {
      owner: 'cleo',
      submittedAt: now - 50 * minute,
      command: 'make -j4 bzImage',
      cpus: 4,
    }),
  );
  const digits = [taskOf('4', 0)];
  lab.jobs.push(
    detailOf('4', 'digits', digits, {
      owner: 'ada',
      submittedAt: now - 85 * minute,
      command: 'python3 digits.py 40000000',
      memory: gib,
    }),
  );
  const thesis = Array.from({ length: 12 }, (_, index) => taskOf('5', index + 1));
  lab.jobs.push(
    detailOf('5', 'thesis-figures', thesis, {
      owner: 'dora',
      submittedAt: now - 12 * minute,
      command: 'gnuplot figure-{task}.gp',
      state: 'held',
    }),
  );
}
