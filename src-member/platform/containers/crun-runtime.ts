import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ok, type Result } from '../../../shared/base/result.ts';
import { formatSize } from '../../../shared/base/units.ts';
import { attemptName, type AttemptKey } from '../../../shared/domain/attempt-key.ts';
import type { InputFile, InputNode } from '../../../shared/domain/job.ts';
import type {
  AdoptedAttempt,
  Carried,
  ContainerRuntime,
  ProgramEnd,
  Snapshot,
  StartFault,
  Unpacked,
  Usage,
} from '../../ports/container-runtime.ts';
import type { TaskSpec } from '../../../shared/wire/task-spec.ts';
import { isRunning, machineFault, newContainer, wasKilled, type Container } from './container.ts';
import { taskUser } from './container-config.ts';
import { ContainerFreezer, moment } from './container-freezer.ts';
import { ContainerLauncher, type LauncherOptions } from './container-launcher.ts';
import { Cgroups } from './cgroups.ts';
import { MemoryBounds } from './memory-bounds.ts';
import { PidFiles } from './pid-files.ts';
import { becauseOf, readText } from './program-faults.ts';
import { whyNotRestored } from '../snapshots/restore-check.ts';
import { mendTimers } from '../snapshots/restored-timers.ts';
import { runProgram } from '../run-program.ts';
import { unpack } from '../snapshots/snapshot-stream.ts';
import {
  makeFilesFolders,
  makeTaskFolder,
  removeTaskFolder,
  taskFolder,
  taskFolderAt,
  type TaskFolder,
} from '../task-files/task-folder.ts';
import { readCarried, readTaskRecord, type TaskRecord } from '../task-files/task-record.ts';
import PQueue from 'p-queue';

export interface RuntimeOptions extends LauncherOptions {
  /** On a tmpfs. */
  readonly folder: string;
  /** Begins every container's and group's name; the same for all agents of one boot. */
  readonly prefix: string;
  /** Sees to it that the pack is there, which may mean to fetch it. */
  ensurePack(name: string): Promise<Result<null, StartFault>>;
  /** Puts the inputs into the task's directory. */
  placeInputs(
    inputs: readonly InputFile[],
    folder: string,
    nodes?: readonly InputNode[],
  ): Promise<Result<null, StartFault>>;
  /** Containers that may be set up at the same time. */
  readonly startsAtOnce: number;
  /** Of this PC, in bytes. */
  readonly memory: number;
}

const crunRoot = '/run/crun';

export class CrunRuntime implements ContainerRuntime {
  readonly #options: RuntimeOptions;
  readonly #tasks: string;
  readonly #pids: PidFiles;
  readonly #starts: PQueue;
  readonly #launcher: ContainerLauncher;
  readonly #bounds: MemoryBounds;
  readonly #freezer: ContainerFreezer;
  readonly #containers = new Map<string, Container>();
  #onEnded: (of: AttemptKey, end: ProgramEnd) => void = () => undefined;

  constructor(options: RuntimeOptions) {
    this.#options = options;
    this.#tasks = join(options.folder, 'tasks');
    mkdirSync(this.#tasks, { recursive: true, mode: 0o711 });
    this.#pids = new PidFiles(join(options.folder, 'pids'));
    this.#starts = new PQueue({ concurrency: options.startsAtOnce });
    this.#bounds = new MemoryBounds(options, () => this.#containers.values());
    this.#freezer = new ContainerFreezer({ ...options, pids: this.#pids });
    const ports = { ...options, bounds: this.#bounds };
    this.#launcher = new ContainerLauncher(ports, this.#pids, (container, exitCode) =>
      this.#ended(container, exitCode),
    );
  }

  listen(onEnded: (of: AttemptKey, end: ProgramEnd) => void): void {
    this.#onEnded = onEnded;
  }

  folderOf(of: AttemptKey): TaskFolder {
    return taskFolder(this.#tasks, of);
  }

  close(): void {
    this.#pids.close();
  }

  /** Memory that tasks may have together, in bytes. */
  get spareMemory(): number {
    return this.#bounds.spare();
  }

  async start(of: AttemptKey, spec: TaskSpec): Promise<Result<null, StartFault>> {
    return this.#starts.add(async () => {
      const made = await this.#make(of, spec);
      if (!made.ok) return made;
      const container = made.value;
      const tooLarge = this.#inputsFault(container);
      if (tooLarge) return tooLarge;
      const pack = await this.#options.ensurePack(spec.pack);
      if (!pack.ok) return pack;
      const placed = await this.#options.placeInputs(
        spec.inputs,
        container.folder.task,
        spec.inputNodes,
      );
      if (container.killed) return this.#sweep(container);
      return placed.ok ? this.#launcher.launch(container, 'zero') : placed;
    });
  }

  #inputsFault({ spec, filesLimit, limit }: Container): Result<never, StartFault> | undefined {
    const size = spec.inputs.reduce((sum, input) => sum + input.size, 0);
    if (size <= filesLimit) return undefined;
    const inputs = `its inputs take ${formatSize(size)} of memory`;
    if (spec.memory === null)
      return machineFault(`${inputs} and this PC can spare ${formatSize(limit)}`);
    const reason = `${inputs} and it may have ${formatSize(spec.memory)}; submit it with more --memory`;
    return { ok: false, error: { cause: 'unstartable', reason } };
  }

  async unpack(
    of: AttemptKey,
    spec: TaskSpec,
    bytes: AsyncIterable<Uint8Array>,
    needs = 0,
  ): Promise<Result<Unpacked, StartFault>> {
    const noRoom = `this PC has too little free memory for it, which is ${formatSize(needs)}`;
    if (!this.#bounds.hasRoomFor(needs)) return machineFault(noRoom);
    const made = await this.#make(of, spec, needs);
    if (!made.ok) return made;
    const container = made.value;
    const { folder } = container;
    const pack = await this.#options.ensurePack(spec.pack);
    if (!pack.ok) return pack;
    const done = await unpack(folder, bytes, () => !this.#bounds.isShort());
    if (container.killed) return this.#sweep(container);
    const carried = done.code === 0 ? readCarried(folder.carried) : undefined;
    if (carried === undefined) {
      container.state = 'ended';
      const why = done.code === 0 ? 'it is not one of a task' : done.said.trim();
      return machineFault(`its state did not arrive whole: ${why}`);
    }
    container.cpuBefore = carried.cpuSeconds;
    container.group = carried.group;
    return ok({ carried });
  }

  /** Files that came after the attempt had been removed. */
  async #sweep({ folder }: Container): Promise<typeof wasKilled> {
    await this.#options.supervisor.unmount(folder.files);
    await removeTaskFolder(folder);
    return wasKilled;
  }

  async restore(of: AttemptKey): Promise<Result<null, StartFault>> {
    const container = this.#containers.get(attemptName(of));
    if (container?.state !== 'made') return machineFault('nothing was unpacked');
    const { images, carried } = container.folder;
    try {
      const wrong = whyNotRestored(images, { user: taskUser });
      if (wrong !== null)
        return machineFault(`its state asks for more than a task may have: ${wrong}`);
      const now = Date.now();
      mendTimers(images, now - (readCarried(carried)?.wall ?? now));
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      return machineFault(`its state could not be read: ${words}`);
    }
    return this.#launcher.launch(container, 'images');
  }

  /** `needs`: bytes it has already. */
  async #make(of: AttemptKey, spec: TaskSpec, needs = 0): Promise<Result<Container, StartFault>> {
    const folder = this.folderOf(of);
    const id = `${this.#options.prefix}.${attemptName(of)}`;
    const container = newContainer(of, id, folder, spec);
    try {
      makeTaskFolder(folder, taskUser, spec.cpus);
      this.#containers.set(attemptName(of), container);
      const errno = await this.#bounds.open(container, needs);
      if (errno !== 0) return machineFault(`no place could be made for its files (errno ${errno})`);
      if (container.killed) return await this.#sweep(container);
      makeFilesFolders(folder, taskUser);
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      return machineFault(`no directory could be made for the task: ${words}`);
    }
    return ok(container);
  }

  #ended(container: Container, exitCode: number): void {
    this.#look(container);
    container.state = 'ended';
    if (container.killed) return;
    const outOfMemory =
      container.overMemory || this.#options.groups.wasOutOfMemory(container.group);
    const end: ProgramEnd = { exitCode, because: becauseOf(container, exitCode, outOfMemory) };
    this.#onEnded(container.of, end);
  }

  async freeze(of: AttemptKey): Promise<void> {
    const container = this.#containers.get(attemptName(of));
    if (container) await this.#freezer.freeze(container);
  }

  async thaw(of: AttemptKey): Promise<void> {
    const container = this.#containers.get(attemptName(of));
    if (container) await this.#freezer.thaw(container);
  }

  terminate(of: AttemptKey): void {
    const container = this.#containers.get(attemptName(of));
    if (container?.state !== 'running') return;
    const first = this.#pids.pid(container.id);
    for (const pid of this.#options.groups.processes(container.group))
      if (pid !== first) signal(pid, 'SIGTERM');
  }

  async kill(of: AttemptKey): Promise<void> {
    const container = this.#containers.get(attemptName(of));
    if (!container) return;
    const { supervisor, groups } = this.#options;
    this.#look(container);
    container.killed = true;
    // While crun still sets up, its processes are not all in the group yet.
    if (container.state === 'setting-up') supervisor.killChild(container.id);
    let exited = container.exited === null;
    void container.exited?.then(() => (exited = true));
    for (let tries = 0; ; tries += 1) {
      groups.killAll(container.group);
      await moment(2);
      if (exited && !groups.isPopulated(container.group)) break;
      if (tries === 500) supervisor.killChild(container.id);
    }
    container.state = 'ended';
    await container.launching;
  }

  async remove(of: AttemptKey): Promise<void> {
    const name = attemptName(of);
    const container = this.#containers.get(name);
    if (!container) {
      await removeTaskFolder(this.folderOf(of));
      return;
    }
    if (container.state !== 'ended') await this.kill(of);
    this.#containers.delete(name);
    await this.#cleanUp(container);
  }

  async #cleanUp(left: Pick<Container, 'id' | 'group' | 'folder' | 'mounted'>): Promise<void> {
    const { id, group, folder, mounted } = left;
    this.#pids.forget(id);
    this.#options.supervisor.closeLog(id);
    // crun deletes what it ran to the end, not what it restored or what was killed while it set up.
    if (existsSync(join(crunRoot, id)))
      await runProgram([this.#options.crun, '--cgroup-manager=cgroupfs', 'delete', '-f', id]);
    if (mounted) await this.#options.supervisor.unmount(folder.root);
    // Whatever the program wrote goes with it, at once.
    await this.#options.supervisor.unmount(folder.files);
    await this.#options.groups.remove(group);
    await removeTaskFolder(folder);
  }

  usage(of: AttemptKey): Usage {
    const container = this.#containers.get(attemptName(of));
    if (!container) return { cpuSeconds: 0, memory: 0 };
    this.#look(container);
    const memory = isRunning(container) ? this.#bounds.used(container) : 0;
    return { cpuSeconds: container.cpuBefore + container.cpuSeen, memory };
  }

  #look(container: Container): void {
    container.cpuSeen = Math.max(
      container.cpuSeen,
      this.#options.groups.cpuSeconds(container.group),
    );
  }

  /**
   * What each may have follows what the others leave. A task that lost one process to its limit is ended as a whole: what
   * it would come to without is not what it was to do. Called twice a second.
   */
  watchMemory(): void {
    const { groups } = this.#options;
    for (const container of this.#containers.values()) {
      if (container.state !== 'running' || container.killed) continue;
      this.#look(container);
      const isOver = groups.limitsMemory
        ? groups.wasOutOfMemory(container.group)
        : this.#bounds.used(container) > container.limit;
      if (!isOver) continue;
      container.overMemory = true;
      groups.killAll(container.group);
    }
    this.#bounds.adjust();
  }

  obstacle(of: AttemptKey): string | null {
    const container = this.#containers.get(attemptName(of));
    return container?.state === 'running' ? this.#freezer.obstacle(container) : null;
  }

  async snapshot(
    of: AttemptKey,
    carried: Carried,
    apart: boolean,
  ): Promise<Result<Snapshot, { readonly reason: string }>> {
    const container = this.#containers.get(attemptName(of));
    if (container?.state !== 'running')
      return { ok: false, error: { reason: 'the program does not run' } };
    // What others may grow by is more than halved by no copy.
    const hasRoom = this.usage(of).memory <= this.#bounds.unassigned() / 2;
    return this.#freezer.snapshot(container, carried, apart && hasRoom);
  }

  async adopt(): Promise<readonly AdoptedAttempt[]> {
    const { groups, supervisor, prefix } = this.#options;
    const alive = new Set(await supervisor.children());
    const adopted: TaskRecord[] = [];
    for (const name of readdirSync(this.#tasks)) {
      const folder = taskFolderAt(join(this.#tasks, name));
      const record = readTaskRecord(folder.record);
      const id = `${prefix}.${name}`;
      // Without its exit code, now or later, nothing can be said of it.
      const isKept = alive.has(id) || existsSync(folder.exitFile);
      if (record && isKept && this.#pids.pid(id) !== undefined) {
        const container = this.#takeOver(record, id, folder, alive.has(id));
        if (alive.has(id)) await this.freeze(container.of);
        adopted.push(record);
      } else await this.#discardLeft(id, record?.group ?? Cgroups.groupOf(id), folder);
    }
    const held = new Set(adopted.map(({ group }) => group));
    for (const group of await groups.left(`${prefix}.`))
      if (!held.has(group)) await groups.remove(group);
    return adopted;
  }

  #takeOver(record: TaskRecord, id: string, folder: TaskFolder, alive: boolean): Container {
    const container = newContainer(record, id, folder, record.spec);
    container.group = record.group;
    container.cpuBefore = record.cpuBefore;
    container.state = 'running';
    container.mounted = true;
    const { limit, filesLimit, placed } = record;
    Object.assign(container, { limit, filesLimit, placed });
    const exited = alive
      ? this.#options.supervisor.watch(id)
      : Promise.resolve(Number(readText(folder.exitFile)));
    container.exited = exited;
    this.#containers.set(attemptName(record), container);
    void exited.then(async (code) => {
      await moment(0); // whoever adopts holds it first
      this.#ended(container, code);
    });
    return container;
  }

  async #discardLeft(id: string, group: string, folder: TaskFolder): Promise<void> {
    const { groups, supervisor } = this.#options;
    supervisor.killChild(id);
    for (let tries = 0; tries < 1000; tries += 1) {
      groups.killAll(group);
      if (!groups.isPopulated(group)) break;
      await moment(5);
    }
    await this.#cleanUp({ id, group, folder, mounted: existsSync(folder.root) });
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}
