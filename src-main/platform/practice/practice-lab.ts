import { existsSync } from 'node:fs';
import { constants } from 'node:fs';
import { mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { gibibytes, hours, type Millis } from '../../../shared/base/units.ts';
import type { BootIdentity } from '../../../shared/wire/enrolment.ts';
import type { PracticeLab, PracticePc, PracticeWish } from '../../../shared/ports/practice-lab.ts';
import {
  makeGroups,
  processesOf,
  readHierarchies,
  removeGroups,
  type Hierarchies,
} from './control-groups.ts';
import {
  bridgeSubnet,
  cutCable,
  healCable,
  labNames,
  makeBridge,
  makePort,
  netnsOf,
  pcName,
  removeBridge,
  removePort,
  unplugCable,
  type LabNames,
} from './lab-network.ts';
import {
  forgetFolder,
  isAlive,
  pcFolder,
  prepareFolder,
  readRecord,
  readScreen,
  writeRecord,
  type PcRecord,
} from './pc-files.ts';
import { startPc } from './pc-process.ts';

/** What the container driver makes PCs of. */
export interface PracticeParts {
  readonly home: string;
  /** The built member system, its packs and the agent's bundle; builds what is missing. */
  systems(): Promise<
    Result<{
      readonly tree: string;
      readonly version: string;
      readonly agent: string;
      readonly packs: readonly { readonly name: string; readonly path: string }[];
    }>
  >;
  issueIdentity(wish: {
    readonly name: string;
    readonly validFor: Millis;
    readonly single: boolean;
  }): BootIdentity;
}

const defaultMemory = gibibytes(2);
/** A practice PC's token outlives the longest practice; each PC has its own. */
const tokenLife = hours(24 * 30);

/** PCs as namespaces of this machine, on a switch of their own. Needs root on Linux. */
export class ContainerPracticeLab implements PracticeLab {
  readonly #parts: PracticeParts;
  readonly #lab: LabNames;
  readonly #folder: string;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(parts: PracticeParts) {
    this.#parts = parts;
    this.#lab = labNames(parts.home);
    this.#folder = join(parts.home, 'practice');
  }

  up(wish: PracticeWish): Promise<Result<PracticePc[]>> {
    return this.#inTurn(async () => {
      if (wish.driver !== 'container')
        return refuse('refused', 'this head has only the container driver; leave --driver out.');
      const fault = unfit();
      if (fault) return refuse('refused', fault);
      const systems = await this.#parts.systems();
      if (!systems.ok) return systems;
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await writeFile(join(this.#folder, 'group'), this.#lab.group);
      const hierarchies = await readHierarchies();
      if (!hierarchies.unified)
        return refuse(
          'refused',
          'this machine has no cgroup2 file system mounted; mount one with: mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified',
        );
      const subnet = await makeBridge(this.#lab);
      for (let number = 1; number <= wish.pcs; number += 1) {
        const files = pcFolder(this.#parts.home, pcName(number));
        const record = await readRecord(files);
        if (record && (await isAlive(record))) continue;
        const started = await this.#start(number, wish, systems.value, subnet, hierarchies);
        if (!started.ok) return started;
      }
      return ok(await this.#all());
    });
  }

  async #start(
    number: number,
    wish: { readonly cpus: number; readonly memory: number | null },
    systems: Extract<Awaited<ReturnType<PracticeParts['systems']>>, { ok: true }>['value'],
    subnet: string,
    hierarchies: Hierarchies,
  ): Promise<Result<null>> {
    const name = pcName(number);
    const files = pcFolder(this.#parts.home, name);
    await this.#sweep(number, hierarchies);
    await prepareFolder(files);
    if (!existsSync(files.identity)) {
      const identity = this.#parts.issueIdentity({ name, validFor: tokenLife, single: true });
      await writeFile(files.identity, JSON.stringify(identity), { mode: 0o600 });
    }
    const memory = wish.memory ?? defaultMemory;
    await makePort(this.#lab, subnet, number);
    const groups = await makeGroups(hierarchies, this.#lab, name);
    const process = await startPc({
      name,
      files,
      ...systems,
      memory,
      cpus: wish.cpus,
      netns: netnsOf(this.#lab, number),
      groups,
      v1: hierarchies.v1.map(({ controller }) => controller),
    });
    await writeRecord(files, {
      number,
      process,
      unplugged: false,
      cut: false,
      cpus: wish.cpus,
      memory,
    });
    return ok(null);
  }

  list(): Promise<Result<PracticePc[]>> {
    return this.#inTurn(async () => ok(await this.#all()));
  }

  down(): Promise<Result<Record<string, never>>> {
    return this.#inTurn(async () => {
      const hierarchies = await readHierarchies();
      for (const record of await this.#records()) {
        await this.#powerOff(record, hierarchies);
        await this.#sweep(record.number, hierarchies);
        await forgetFolder(pcFolder(this.#parts.home, pcName(record.number)));
      }
      await removeBridge(this.#lab);
      await patiently(() => removeGroups(hierarchies, this.#lab));
      return ok({});
    });
  }

  readonly unplug = ({ pc }: { readonly pc: string }): Promise<Result<PracticePc>> =>
    this.#onePc(pc, async (record) => {
      if (!(await isAlive(record))) return refuse('refused', `${pc} is off already.`);
      const hierarchies = await readHierarchies();
      await this.#powerOff(record, hierarchies);
      await this.#sweep(record.number, hierarchies);
      return ok({ ...record, process: null, unplugged: true, cut: false });
    });

  readonly replug = ({ pc }: { readonly pc: string }): Promise<Result<PracticePc>> =>
    this.#onePc(pc, async (record) => {
      if (await isAlive(record)) return refuse('refused', `${pc} is on already.`);
      const systems = await this.#parts.systems();
      if (!systems.ok) return systems;
      const hierarchies = await readHierarchies();
      const started = await this.#start(
        record.number,
        record,
        systems.value,
        await makeBridge(this.#lab),
        hierarchies,
      );
      if (!started.ok) return started;
      return ok((await readRecord(pcFolder(this.#parts.home, pc))) ?? record);
    });

  readonly cut = ({ pc }: { readonly pc: string }): Promise<Result<PracticePc>> =>
    this.#onePc(pc, async (record) => {
      if (!(await isAlive(record)))
        return refuse('refused', `${pc} is off; there is no cable to cut.`);
      if (!record.cut) await cutCable(this.#lab, record.number);
      return ok({ ...record, cut: true });
    });

  readonly heal = ({ pc }: { readonly pc: string }): Promise<Result<PracticePc>> =>
    this.#onePc(pc, async (record) => {
      if (!record.cut) return refuse('refused', `the cable of ${pc} is not cut.`);
      await healCable(this.#lab, record.number);
      return ok({ ...record, cut: false });
    });

  readonly keypress = ({ pc }: { readonly pc: string }): Promise<Result<PracticePc>> =>
    this.#onePc(pc, async (record) => {
      if (!(await isAlive(record)))
        return refuse('refused', `${pc} is off; nobody can press a key there.`);
      // The PC keeps the other end open; without it, opening would wait for ever.
      const keyboard = await open(
        pcFolder(this.#parts.home, pc).keyboard,
        constants.O_WRONLY | constants.O_NONBLOCK,
      ).catch(() => undefined);
      if (!keyboard) return refuse('failed', `${pc} is still starting; try again in a moment.`);
      try {
        await keyboard.write('k');
      } finally {
        await keyboard.close();
      }
      return ok(record);
    });

  // ---- inside

  /** One command at a time: two `up` at once would make two of everything. */
  #inTurn<Value>(act: () => Promise<Result<Value>>): Promise<Result<Value>> {
    const turn = this.#queue
      .then(act)
      .catch((error: unknown) =>
        refuse(
          'failed',
          `the practice lab: ${error instanceof Error ? error.message : String(error)}`,
        ),
      );
    this.#queue = turn;
    return turn;
  }

  #onePc(
    pc: string,
    act: (record: PcRecord) => Promise<Result<PcRecord>>,
  ): Promise<Result<PracticePc>> {
    return this.#inTurn(async () => {
      const record = (await this.#records()).find(({ number }) => pcName(number) === pc);
      if (!record) return refuse('not-found', await this.#unknown(pc));
      const changed = await act(record);
      if (!changed.ok) return changed;
      await writeRecord(pcFolder(this.#parts.home, pc), changed.value);
      return ok(await this.#view(changed.value));
    });
  }

  async #unknown(pc: string): Promise<string> {
    const names = (await this.#records()).map(({ number }) => pcName(number));
    if (names.length === 0)
      return `there is no practice PC "${pc}"; bring some up with nightshift practice up --pcs 3.`;
    return `there is no practice PC "${pc}"; there ${names.length === 1 ? `is only ${names[0] ?? ''}` : `are ${names[0] ?? ''} to ${names.at(-1) ?? ''}`}.`;
  }

  async #records(): Promise<PcRecord[]> {
    const found: PcRecord[] = [];
    for (const entry of await readdir(this.#folder).catch(() => [])) {
      if (!/^pc-\d+$/.test(entry)) continue;
      const record = await readRecord(pcFolder(this.#parts.home, entry));
      if (record) found.push(record);
    }
    return found.sort((a, b) => a.number - b.number);
  }

  async #all(): Promise<PracticePc[]> {
    return Promise.all((await this.#records()).map((record) => this.#view(record)));
  }

  async #view(record: PcRecord): Promise<PracticePc> {
    const name = pcName(record.number);
    const on = await isAlive(record);
    return {
      name,
      state: on ? 'on' : record.unplugged ? 'unplugged' : 'off',
      cut: record.cut && on,
      screen: on ? await readScreen(pcFolder(this.#parts.home, name)) : [],
    };
  }

  /** Power gone, nothing said: the cable first, then everything that runs on it. */
  async #powerOff(record: PcRecord, hierarchies: Hierarchies): Promise<void> {
    await unplugCable(this.#lab, record.number);
    if (record.process && (await isAlive(record))) {
      // The PC's PID 1 is the child of `unshare`; when it dies the kernel ends everything in its namespace.
      const children = await readFile(
        `/proc/${record.process.pid}/task/${record.process.pid}/children`,
        'utf8',
      ).catch(() => '');
      for (const pid of children.split(' ').filter((text) => text !== '')) killQuietly(Number(pid));
      killQuietly(record.process.pid);
    }
    await patiently(async () => {
      const left = await processesOf(hierarchies, this.#lab, pcName(record.number));
      for (const pid of left) killQuietly(pid);
      return left.length === 0;
    });
  }

  /** What a PC that is off leaves behind. */
  async #sweep(number: number, hierarchies: Hierarchies): Promise<void> {
    await removePort(this.#lab, number);
    await patiently(() => removeGroups(hierarchies, this.#lab, pcName(number)));
  }

  /** For tests: whether the lab's switch stands. */
  async isStanding(): Promise<boolean> {
    return (await bridgeSubnet(this.#lab)) !== undefined;
  }
}

function unfit(): string | undefined {
  if (process.platform !== 'linux') return 'a practice lab of containers needs Linux.';
  if (process.getuid?.() !== 0)
    return 'a practice lab of containers needs root, because it makes namespaces and a network of its own; run the head as root (sudo npm start).';
  return undefined;
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone by itself
  }
}

/** Tries again until it is done, for some seconds: processes and groups take a moment to go. */
async function patiently(act: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await act()) return;
    await wait(50);
  }
}
