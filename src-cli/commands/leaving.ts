import { formatDuration } from '../../shared/base/units.ts';
import type { LabView, MachineView } from '../../shared/api/views.ts';
import { machineWords } from '../../shared/words/machine-words.ts';
import { answer, listed } from '../core/answer.ts';
import { count } from '../core/count.ts';
import type { World } from '../core/ports.ts';
import { Refused } from '../core/refused.ts';
import { untilView, withHead } from '../core/with-head.ts';

export type ReleaseMoment = 'checkpoint' | 'task' | 'now';

/** Blocks until nothing runs on the machines any more. */
export async function evacuateMachines(
  world: World,
  json: boolean,
  names: readonly string[],
  wait: boolean,
): Promise<number> {
  const begun = await withHead(world, ({ api }) => api.machines.evacuate({ machines: [...names] }));
  if (!wait) {
    answer(world, json, begun, () => [
      `${listed(begun.machines)} ${begun.machines.length === 1 ? 'is' : 'are'} being emptied.`,
      cordonText(begun.machines),
    ]);
    return 0;
  }
  const left = await watchLeaving(
    world,
    begun.machines,
    (machine) =>
      machine.state === 'released' || (machine.state !== 'draining' && machine.state !== 'suspect'),
  );
  answer(world, json, { machines: left.map(jsonOf) }, () =>
    [
      `${listed(begun.machines)} ${left.length === 1 ? 'is' : 'are'} empty; nothing was lost.`,
      cordonText(left.filter(({ state }) => state !== 'released').map(({ name }) => name)),
    ].filter((line) => line !== ''),
  );
  return 0;
}

function cordonText(names: readonly string[]): string {
  if (names.length === 0) return '';
  const [they, take] = names.length === 1 ? ['It is', 'takes'] : ['They are', 'take'];
  return `${they} cordoned now and ${take} no new tasks until you say nightshift uncordon ${names.join(' ')}.`;
}

/** Blocks until the machines have gone back to their day, and says when each left and what it cost. */
export async function releaseMachines(
  world: World,
  json: boolean,
  names: readonly string[] | 'all',
  when: ReleaseMoment,
  wait: boolean,
): Promise<number> {
  const { begun, lostBefore } = await withHead(world, async ({ api }) => ({
    lostBefore: (await api.lab.report()).minutesLost,
    begun: await api.machines.release({ machines: names === 'all' ? 'all' : [...names], when }),
  }));
  if (!wait) {
    answer(world, json, begun, () => [
      `${listed(begun.machines)} will leave ${whenText[when]}; ${lossText(begun.minutesLost)}.`,
    ]);
    return 0;
  }
  const left = await watchLeaving(world, begun.machines, (machine) => machine.state === 'released');
  const after = await withHead(world, ({ api }) => api.lab.report());
  const minutesLost = Math.max(begun.minutesLost, after.minutesLost - lostBefore);
  const longest = Math.max(0, ...left.map(({ after: span }) => span));
  answer(world, json, { machines: left.map(jsonOf), minutesLost }, () => [
    `${count(left.length, 'PC')} left within ${formatDuration(longest)}; ${lossText(minutesLost)}.`,
  ]);
  return 0;
}

const whenText: Readonly<Record<ReleaseMoment, string>> = {
  checkpoint: 'as soon as its tasks are saved',
  task: 'when its tasks have ended',
  now: 'at once',
};

function lossText(minutes: number): string {
  return minutes === 0
    ? 'no work is lost'
    : `${Math.round(minutes * 10) / 10} minutes of work are lost`;
}

interface Left {
  readonly name: string;
  readonly state: string;
  readonly at: number;
  /** Since the command was given, milliseconds. */
  readonly after: number;
}

const jsonOf = ({ name, state, at, after }: Left): object => ({
  name,
  state,
  leftAt: at,
  seconds: after / 1000,
});

/** Looks until every machine is done, with a line for each; a machine that is lost on the way is a failure. */
async function watchLeaving(
  world: World,
  names: readonly string[],
  isDone: (machine: MachineView) => boolean,
): Promise<readonly Left[]> {
  const { terminal } = world;
  const began = world.now();
  const left = new Map<string, Left>();
  const lost: string[] = [];
  const notes = new Notes(world);
  await untilView(world, (view) => {
    for (const name of names) {
      if (left.has(name) || lost.includes(name)) continue;
      const machine = machineCalled(view, name);
      if (machine) notes.tell(name, machine);
      if (machine?.state === 'lost') {
        lost.push(name);
        terminal.say(
          `${name}  lost: it went without a word; its tasks go on from their checkpoints.`,
        );
      } else if (machine === undefined || isDone(machine)) {
        const at = world.now();
        left.set(name, { name, state: machine?.state ?? 'released', at, after: at - began });
        terminal.say(`${name}  done after ${formatDuration(at - began)}`);
      }
    }
    const open = names.length - left.size - lost.length;
    terminal.progress(open === 0 ? null : progressText(view, names, open));
    return Promise.resolve(open === 0 ? true : undefined);
  });
  if (lost.length > 0) {
    throw new Refused(
      'failed',
      `${listed(lost)} went without a word before everything was saved; nightshift jobs shows where the tasks are.`,
    );
  }
  return [...left.values()];
}

/** Why it takes so long, each reason once, also where no progress line is seen. */
class Notes {
  readonly #say: (line: string) => void;
  readonly #told = new Set<string>();

  constructor({ terminal }: World) {
    this.#say = terminal.say;
  }

  tell(name: string, machine: MachineView): void {
    const words = machineWords(machine);
    if (words === null) return;
    const { note, leaving } = machine;
    // The number of tasks left goes down; that is no new reason.
    const key = `${name} ${JSON.stringify(note ?? { ...leaving, tasksLeft: 0 })}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#say(`${name}  ${words}`);
    if (leaving?.fault?.of === 'save' && !this.#told.has(name)) {
      this.#told.add(name);
      this.#say(
        `${name}  nightshift release --when task waits for it to end, --when now leaves at once.`,
      );
    }
  }
}

function machineCalled(view: LabView, name: string): MachineView | undefined {
  return view.machines.find((machine) => machine.name === name || machine.id === name);
}

function progressText(view: LabView, names: readonly string[], open: number): string {
  const tasks = names.reduce(
    (sum, name) => sum + (machineCalled(view, name)?.tasks.length ?? 0),
    0,
  );
  return `${count(open, 'PC')} still at it, ${count(tasks, 'task')} to go`;
}
