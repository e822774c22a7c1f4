import { implement, ORPCError } from '@orpc/server';
import { contract } from '../../../shared/api/contract.ts';
import type { MediaEvent } from '../../../shared/api/media-views.ts';
import type { PracticePc, Report } from '../../../shared/api/views.ts';
import { Refused, type SimulatedLab } from './simulated-lab.ts';
import { machineOf, reportOf } from './simulated-views.ts';

/** The contract in front of a simulated lab, in this very page: what the UI asks for, not all that a head answers. */
export function simulatedRouter(lab: SimulatedLab) {
  const serve = implement(contract).$config({ initialOutputValidationIndex: Number.NaN });
  const pc = (name: string, change: (pc: PracticePc) => void): PracticePc => {
    const found = lab.pcs.find((one) => one.name === name);
    if (!found) return granting(() => refused(`there is no practice PC "${name}".`));
    change(found);
    lab.changed();
    return found;
  };
  return {
    lab: {
      view: serve.lab.view.handler(() => lab.view()),
      watch: serve.lab.watch.handler(({ signal }) => watching(lab, signal)),
      report: serve.lab.report.handler(({ input }) =>
        granting(() => reportFrom(lab, input?.night ?? lab.head.night)),
      ),
      shutdown: serve.lab.shutdown.handler(() => ({})),
    },
    machines: {
      list: serve.machines.list.handler(() => lab.view().machines),
      cordon: serve.machines.cordon.handler(({ input }) => setCordoned(lab, input.machines, true)),
      uncordon: serve.machines.uncordon.handler(({ input }) =>
        setCordoned(lab, input.machines, false),
      ),
      evacuate: serve.machines.evacuate.handler(({ input }) =>
        granting(() => {
          const machines = lab.named(input.machines);
          for (const machine of machines) lab.leave(machine, 'evacuate');
          return { machines: machines.map(({ name }) => name) };
        }),
      ),
      release: serve.machines.release.handler(({ input }) =>
        granting(() => {
          const machines = lab.named(input.machines);
          const cost = machines.reduce((sum, machine) => sum + lab.lossOf(machine), 0);
          if (!input.preview) for (const machine of machines) lab.leave(machine, input.when);
          return {
            machines: machines.map(({ name }) => name),
            minutesLost: input.when === 'now' ? cost : 0,
          };
        }),
      ),
    },
    jobs: {
      submit: serve.jobs.submit.handler(({ input }) => granting(() => lab.submit(input))),
      list: serve.jobs.list.handler(() => lab.view().jobs),
      get: serve.jobs.get.handler(({ input }) =>
        granting(() => structuredClone(lab.job(input.job))),
      ),
      changes: serve.jobs.changes.handler(({ input }) =>
        granting(() => ({
          ...{ revision: '0', whole: true, job: structuredClone(lab.job(input.job)) },
        })),
      ),
      cancel: serve.jobs.cancel.handler(({ input }) =>
        granting(() => ({ id: lab.cancel(input.job).id })),
      ),
      hold: serve.jobs.hold.handler(({ input }) =>
        granting(() => ({ id: lab.hold(input.job).id })),
      ),
      resume: serve.jobs.resume.handler(({ input }) =>
        granting(() => ({ id: lab.resume(input.job).id })),
      ),
      logs: serve.jobs.logs.handler(({ input, signal }) =>
        following(lab, input.task, input.follow, signal),
      ),
      outputs: serve.jobs.outputs.handler(({ input }) =>
        granting(() =>
          lab.job(input.job).tasks.map(({ id, index, outputs }) => ({
            task: id,
            index,
            files: outputs,
            log: null,
            logName: 'task.log',
          })),
        ),
      ),
    },
    tasks: {
      targets: serve.tasks.targets.handler(({ input }) =>
        granting(() => {
          const { machine: here } = lab.task(input.task);
          return lab.machines
            .filter(({ name, state }) => name !== here && isPresent(state))
            .map((to) => ({
              ...{ machine: to.name, cpu: to.cpu, free: to.cpu - to.slotsUsed },
              refusal: lab.refusalOf(to),
            }));
        }),
      ),
      migrate: serve.tasks.migrate.handler(({ input }) =>
        granting(() => {
          const { task, from, to } = lab.migrate(input.task, input.machine);
          return { task: task.id, from: from.name, to: to.name };
        }),
      ),
    },
    media: {
      list: serve.media.list.handler(() => []),
      write: serve.media.write.handler(noMedia),
      restore: serve.media.restore.handler(noMedia),
      image: serve.media.image.handler(noMedia),
    },
    practice: {
      up: serve.practice.up.handler(({ input }) => {
        for (let number = lab.pcs.length + 1; number <= input.pcs; number += 1) {
          const name = `pc-${number}`;
          lab.pcs.push({ name, state: 'on', cut: false, screen: [`${name} · ready`] });
          lab.machines.push(machineOf(name, { cpu: input.cpus, memory: 2 * 1024 ** 3 }));
          lab.tell(`${name} arrived.`, 'good');
        }
        lab.settle();
        return lab.pcs;
      }),
      list: serve.practice.list.handler(() => structuredClone(lab.pcs)),
      down: serve.practice.down.handler(() => {
        lab.pcs.length = 0;
        return {};
      }),
      unplug: serve.practice.unplug.handler(({ input }) =>
        pc(input.pc, (one) => {
          Object.assign(one, { state: 'unplugged', screen: [] });
          lab.lose(lab.machine(one.name));
        }),
      ),
      replug: serve.practice.replug.handler(({ input }) =>
        pc(input.pc, (one) => {
          Object.assign(one, { state: 'on', screen: [`${one.name} · ready`] });
          lab.machine(one.name).state = 'ready';
          lab.tell(`${one.name} arrived.`, 'good');
          lab.settle();
        }),
      ),
      cut: serve.practice.cut.handler(({ input }) =>
        pc(input.pc, (one) => {
          one.cut = true;
          lab.machine(one.name).state = 'suspect';
          lab.tell(`${one.name} has gone quiet.`, 'bad');
        }),
      ),
      heal: serve.practice.heal.handler(({ input }) =>
        pc(input.pc, (one) => {
          one.cut = false;
          lab.machine(one.name).state = 'ready';
          lab.tell(`${one.name} is heard again.`, 'good');
        }),
      ),
      keypress: serve.practice.keypress.handler(({ input }) =>
        pc(input.pc, (one) => lab.leave(lab.machine(one.name), 'checkpoint')),
      ),
    },
  };
}

function granting<Value>(act: () => Value): Value {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const data = { code: error.code, sentence: error.message };
    throw new ORPCError('REFUSED', { defined: true, status: 422, message: error.message, data });
  }
}

const refused = (sentence: string): never => {
  throw new Refused('refused', sentence);
};

const isPresent = (state: string): boolean =>
  state === 'ready' || state === 'draining' || state === 'suspect';

function setCordoned(lab: SimulatedLab, names: readonly string[] | 'all', cordoned: boolean) {
  return granting(() => {
    const machines = lab.named(names);
    for (const machine of machines) {
      if (machine.flag === 'came-back' && !cordoned)
        Object.assign(machine, { flag: null, note: null });
      machine.cordoned = cordoned;
      lab.tell(
        cordoned
          ? `${machine.name} is cordoned: asked for by hand.`
          : `${machine.name} takes tasks again.`,
      );
    }
    lab.settle();
    return { machines: machines.map(({ name }) => name) };
  });
}

async function* watching(lab: SimulatedLab, signal: AbortSignal | undefined) {
  while (!signal?.aborted) {
    const next = change(lab, signal);
    yield lab.view();
    await next;
  }
}

async function* following(
  lab: SimulatedLab,
  name: string,
  follow: boolean,
  signal: AbortSignal | undefined,
) {
  const task = granting(() => lab.task(name));
  let sent = 0;
  while (!signal?.aborted) {
    const next = change(lab, signal);
    const text = lab.logs.get(task.id) ?? '';
    if (text.length > sent) yield { text: text.slice(sent) };
    sent = text.length;
    if (!follow || task.finishedAt !== null) return;
    await next;
  }
}

function change(lab: SimulatedLab, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      stop();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const stop = lab.onChange(end);
    signal?.addEventListener('abort', end);
    if (signal?.aborted) end();
  });
}

function reportFrom(lab: SimulatedLab, night: number): Report {
  if (night < lab.head.night)
    return reportOf({ lab: lab.head.lab, night, tasksDone: 40 + night, checkpoints: 7 });
  if (night > lab.head.night)
    throw new Refused(
      'not-found',
      `there is no night ${night}; the newest is night ${lab.head.night}.`,
    );
  const tasks = lab.jobs.flatMap((job) => job.tasks);
  const finished = (state: string) => tasks.filter((task) => task.state === state).length;
  return reportOf({
    lab: lab.head.lab,
    night: lab.head.night,
    from: lab.head.startedAt,
    until: lab.now,
    tasksDone: finished('done'),
    tasksFailed: finished('failed'),
    tasksSuspended: finished('suspended'),
    moves: tasks.flatMap((task) => task.migrations.map((move) => ({ ...move, task: task.id }))),
    checkpoints: tasks.filter(({ savedAt }) => savedAt !== null).length * 3,
    minutesLost: Math.round(lab.losses.reduce((sum, { minutes }) => sum + minutes, 0) * 100) / 100,
    losses: [...lab.losses],
    coreHours: Math.round(tasks.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0) / 36) / 100,
    returned: {
      given: lab.machines.filter(({ state, flag }) => state === 'released' || flag !== null).length,
      confirmed: lab.machines.filter(({ leftAt, flag }) => leftAt !== null && flag === null).length,
    },
    machines: lab.machines.map(({ name, state, flag, leftAt, note }) => ({
      name,
      state,
      returnedAt: state === 'released' ? lab.now - 60_000 : null,
      leftAt,
      flag,
      note: state === 'lost' ? 'it vanished and did not come back' : flag && note,
    })),
    failures: tasks
      .filter(({ state }) => state === 'failed')
      .map(({ id, reason }) => ({ task: id, reason: reason ?? 'unknown' })),
  });
}

const noMedia = (): AsyncGenerator<MediaEvent> =>
  granting(() => refused('the simulated head makes no boot media.'));
