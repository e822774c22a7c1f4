import { machineWords } from '../../shared/words/machine-words.ts';
import { parseSize } from '../../shared/base/units.ts';
import type { LabView, PracticePc } from '../../shared/api/views.ts';
import { answer, listed } from '../core/answer.ts';
import { count } from '../core/count.ts';
import { parseWhole } from '../core/environment-wish.ts';
import { paintState, type Paint } from '../core/paint.ts';
import type { Head, World } from '../core/ports.ts';
import { must, Refused } from '../core/refused.ts';
import { insistOnRoot } from '../core/insist-on-root.ts';
import { formatTable } from '../core/table.ts';
import { until, withHead } from '../core/with-head.ts';
import { startHead } from './start-head.ts';
import { abandonPractice, stopHead } from './stop-head.ts';

export interface PracticeUpOptions {
  readonly pcs: string;
  readonly cpus: string;
  readonly memory?: string;
  readonly driver: string;
  readonly wait: boolean;
}

/** Brings PCs up, with a head in the background if none runs, and blocks until they have enrolled. */
export async function practiceUp(
  world: World,
  json: boolean,
  options: PracticeUpOptions,
): Promise<number> {
  const { terminal } = world;
  const pcs = must(parseWhole(options.pcs, '--pcs', 1, 64));
  const cpus = must(parseWhole(options.cpus, '--cpus', 1, 64));
  const memory = options.memory === undefined ? null : must(parseSize(options.memory), '--memory');
  const driver = driverCalled(options.driver);
  const bringsHead = (await world.heads.running()) === null;
  if (bringsHead) {
    if (driver === 'container') insistOnRoot(world, 'bin/nightshift.mjs', 'practice', 'up');
    await startHead(world);
  }

  if (!bringsHead) await untilNoneLeaves(world);
  const arrivals = new Arrivals(world);
  let starting = true;
  // PCs arrive one by one while the head still starts the others.
  const telling = until(world, lookEvery, async (head) => {
    arrivals.look(await head.api.lab.view());
    return starting ? undefined : true;
  }).catch(() => undefined);
  let brought: readonly PracticePc[];
  try {
    terminal.progress(`Starting ${count(pcs, 'PC')} …`);
    brought = await withHead(world, ({ api }) => api.practice.up({ pcs, cpus, memory, driver }));
  } catch (error) {
    starting = false;
    await telling;
    // Without its PCs nobody would know of the head that was started for them.
    if (bringsHead) await abandonPractice(world);
    throw error;
  } finally {
    starting = false;
    await telling;
  }
  if (options.wait) {
    await until(world, lookEvery, async (head) => {
      const view = await head.api.lab.view();
      arrivals.look(view);
      return allHere(view, brought);
    });
  }
  terminal.progress(null);
  answer(world, json, brought, () => {
    const on = brought.filter(({ state }) => state === 'on').length;
    return [
      `${count(on, 'practice PC')} ${on === 1 ? 'is' : 'are'} on; see them with nightshift machines.`,
    ];
  });
  return 0;
}

/** How long PCs that are on their way out are waited for, milliseconds. */
const leavingPatience = 2 * 60_000;

/** A PC that is about to go counts as on, but will be off when it is wanted: it goes first and is brought up anew. */
async function untilNoneLeaves(world: World): Promise<void> {
  const began = world.now();
  let told = false;
  await until(world, lookEvery, async ({ api }) => {
    const [pcs, { machines }] = await Promise.all([api.practice.list(), api.lab.view()]);
    const on = new Set(pcs.filter(({ state }) => state === 'on').map(({ name }) => name));
    const leaving = machines.filter(
      ({ name, state }) => on.has(name) && (state === 'draining' || state === 'released'),
    );
    if (leaving.length === 0) return true;
    const names = listed(leaving.map(({ name }) => name));
    const are = leaving.length === 1 ? 'is' : 'are';
    const [note = null] = leaving.map(machineWords).filter((words) => words !== null);
    if (world.now() - began > leavingPatience) {
      throw new Refused(
        'failed',
        `${names} ${are} leaving and not gone yet${note === null ? '' : ` (${note})`}; wait, or end the lab with nightshift practice down.`,
      );
    }
    if (!told) world.terminal.say(`${names} ${are} leaving; waiting until they are gone.`);
    told = true;
    return undefined;
  });
}

function driverCalled(text: string): 'container' | 'vm' {
  if (text === 'container' || text === 'vm') return text;
  throw new Refused('misuse', `--driver "${text}": there are container and vm.`);
}

/** How often it looks, milliseconds. */
const lookEvery = 200;

const present: readonly string[] = ['ready', 'draining', 'suspect'];

/** Every PC that is on has a member of its name, or as many members are ready. */
function allHere(view: LabView, pcs: readonly PracticePc[]): true | undefined {
  const on = pcs.filter(({ state, cut }) => state === 'on' && !cut);
  const here = view.machines.filter(({ state, linked }) => linked && present.includes(state));
  const named = on.every(({ name }) => here.some((machine) => machine.name === name));
  return named || here.length >= on.length ? true : undefined;
}

/** A line for each PC as it arrives, or is seen and not let in. */
class Arrivals {
  readonly #say: (line: string) => void;
  readonly #told = new Set<string>();
  #isFirst = true;

  constructor({ terminal }: World) {
    this.#say = terminal.say;
  }

  /** What the first view shows was so before. */
  look({ machines, unenrolled }: LabView): void {
    for (const { name, state } of machines) {
      if (present.includes(state)) this.#tell(name, `${name} has arrived.`);
    }
    for (const { address, name, reason } of unenrolled) {
      // It asks again every second or so, and only "heard 3 s ago" differs.
      const same = reason.replace(/\d+/g, '');
      this.#tell(`${address} ${same}`, `${name ?? address} was seen and not let in: ${reason}`);
    }
    this.#isFirst = false;
  }

  #tell(key: string, line: string): void {
    if (this.#told.has(key)) return;
    this.#told.add(key);
    if (!this.#isFirst) this.#say(line);
  }
}

export async function practiceDown(world: World, json: boolean): Promise<number> {
  if ((await world.heads.running()) === null) {
    answer(world, json, { pcs: 0, headStopped: false }, () => [
      `No head runs for ${world.heads.home}, so nothing is up; PCs that outlived a head that was killed end with nightshift practice up, then down.`,
    ]);
    return 0;
  }
  const ours = await world.heads.startedBehind();
  let pcs: number;
  try {
    pcs = await withHead(world, async ({ api }) => {
      const before = await api.practice.list();
      world.terminal.progress('Ending the practice PCs …');
      await api.practice.down();
      return before.length;
    });
  } finally {
    world.terminal.progress(null);
    // Also when its PCs refuse to end: they end with it.
    if (ours) await stopHead(world);
  }
  answer(world, json, { pcs, headStopped: ours }, () => [
    `The practice lab is down${ours ? ', and its head has stopped' : ''}; jobs and checkpoints are kept in ${world.heads.home}.`,
  ]);
  return 0;
}

export async function practiceList(world: World, json: boolean): Promise<number> {
  const pcs = await withHead(world, ({ api }) => api.practice.list());
  answer(world, json, pcs, () =>
    pcs.length === 0
      ? ['There are no practice PCs; start some with nightshift practice up.']
      : pcsTable(pcs, world.terminal.paint),
  );
  return 0;
}

function pcsTable(pcs: readonly PracticePc[], paint: Paint): readonly string[] {
  return formatTable<PracticePc>(
    [
      { title: 'PC', text: ({ name }) => name },
      {
        title: 'POWER',
        text: ({ state }) => state,
        paint: (text, { state }) => paintState(paint, state)(text),
      },
      {
        title: 'NETWORK',
        text: ({ cut }) => (cut ? 'cut' : 'ok'),
        paint: (text, { cut }) => (cut ? paint.bad(text) : text),
      },
      {
        title: 'SCREEN',
        text: ({ screen }) => statusOn(screen),
        most: 70,
        sentence: true,
      },
    ],
    pcs,
    paint,
  );
}

/** The sentence about the state: what stands behind the first empty line of the member's screen. */
function statusOn(screen: readonly string[]): string {
  const lines = screen.map((line) => line.trim());
  const title = lines.lastIndexOf('NIGHTSHIFT');
  const gap = title < 0 ? -1 : lines.indexOf('', title);
  const rest = gap < 0 ? [] : lines.slice(gap + 1);
  const end = rest.findIndex((line) => line === '' || line.startsWith('─'));
  const status = rest.slice(0, end < 0 ? undefined : end).join(' ');
  return status === '' ? (lines.findLast((line) => line !== '') ?? '') : status;
}

export type Mishap = 'unplug' | 'replug' | 'cut' | 'heal' | 'keypress';

const saidOf: Readonly<Record<Mishap, (name: string) => string>> = {
  unplug: (name) => `${name} has no power any more; nobody was told.`,
  replug: (name) => `${name} has power again and starts.`,
  cut: (name) => `${name} is cut off from the network.`,
  // Also said when it was never cut off.
  heal: (name) => `${name} is on the network.`,
  keypress: (name) => `Someone pressed a key at ${name}.`,
};

export async function practiceMishap(
  world: World,
  json: boolean,
  what: Mishap,
  pc: string,
): Promise<number> {
  const view = await withHead(world, ({ api }: Head) => api.practice[what]({ pc }));
  answer(world, json, view, () => [saidOf[what](view.name)]);
  return 0;
}
