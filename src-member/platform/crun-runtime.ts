import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ok, type Result } from '../../shared/base/result.ts';
import { formatSize, mebibytes } from '../../shared/base/units.ts';
import { attemptName, type AttemptKey } from '../../shared/domain/attempt-key.ts';
import type {
  AdoptedAttempt,
  Carried,
  ContainerRuntime,
  ProgramEnd,
  Snapshot,
  StartFault,
  Unpacked,
  Usage,
} from '../../shared/ports/container-runtime.ts';
import type { InputFile } from '../../shared/domain/job.ts';
import type { TaskSpec } from '../../shared/wire/task-spec.ts';
import type { Cgroups } from './cgroups.ts';
import { containerConfig, taskUser } from './container-config.ts';
import { criuFlags, streamSnapshot, takeSnapshotApart } from './criu-snapshot.ts';
import { obstacleIn } from './criu-obstacles.ts';
import type { Keeper } from './keeper.ts';
import { PidFiles } from './pid-files.ts';
import { runProgram } from './run-program.ts';
import { unpack } from './snapshot-stream.ts';
import { TurnsTaken } from './turns-taken.ts';
import {
  makeTaskFolder,
  removeTaskFolder,
  taskFolder,
  taskFolderAt,
  type TaskFolder,
} from './task-folder.ts';
import { readCarried, readTaskRecord, writeTaskRecord } from './task-record.ts';

export interface RuntimeOptions {
  /** On a tmpfs. */
  readonly folder: string;
  readonly packs: string;
  /** Begins every container's and group's name; the same for all agents of one boot. */
  readonly prefix: string;
  readonly crun: string;
  readonly keeper: Keeper;
  readonly groups: Cgroups;
  /** Sees to it that the pack is there, which may mean to fetch it. */
  ensurePack(name: string): Promise<Result<null, StartFault>>;
  /** Puts the inputs into the task's directory. */
  placeInputs(inputs: readonly InputFile[], folder: string): Promise<Result<null, StartFault>>;
  /** Containers that may be set up at the same time. */
  readonly startsAtOnce: number;
}

/** absent → setting up → running → ended; `killed` at any moment. */
interface Container {
  readonly of: AttemptKey;
  readonly id: string;
  /**
   * Name of its control groups. CRIU puts processes back into groups of the name they had, so a restored program keeps
   * that of its first start.
   */
  group: string;
  readonly folder: TaskFolder;
  readonly spec: TaskSpec;
  state: 'made' | 'setting-up' | 'running' | 'ended';
  killed: boolean;
  /** Processor seconds of earlier attempts. */
  cpuBefore: number;
  /** As last read; the group may be gone. */
  cpuSeen: number;
  overMemory: boolean;
  exited: Promise<number> | null;
  mounted: boolean;
}

const crunRoot = '/run/crun';

export class CrunRuntime implements ContainerRuntime {
  readonly #options: RuntimeOptions;
  readonly #tasks: string;
  readonly #pids: PidFiles;
  readonly #starts: TurnsTaken;
  readonly #containers = new Map<string, Container>();
  #onEnded: (of: AttemptKey, end: ProgramEnd) => void = () => undefined;

  constructor(options: RuntimeOptions) {
    this.#options = options;
    this.#tasks = join(options.folder, 'tasks');
    mkdirSync(this.#tasks, { recursive: true, mode: 0o711 });
    this.#pids = new PidFiles(join(options.folder, 'pids'));
    this.#starts = new TurnsTaken(options.startsAtOnce);
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

  async start(of: AttemptKey, spec: TaskSpec): Promise<Result<null, StartFault>> {
    return this.#starts.take(async () => {
      const container = this.#make(of, spec);
      if (!container.ok) return container;
      const pack = await this.#options.ensurePack(spec.pack);
      if (!pack.ok) return pack;
      const placed = await this.#options.placeInputs(spec.inputs, container.value.folder.task);
      if (!placed.ok) return placed;
      return this.#launch(container.value, null);
    });
  }

  async unpack(
    of: AttemptKey,
    spec: TaskSpec,
    bytes: AsyncIterable<Uint8Array>,
  ): Promise<Result<Unpacked, StartFault>> {
    const made = this.#make(of, spec);
    if (!made.ok) return made;
    const pack = await this.#options.ensurePack(spec.pack);
    if (!pack.ok) return pack;
    const { folder } = made.value;
    const done = await unpack(folder, bytes);
    const carried = done.code === 0 ? readCarried(folder.carried) : undefined;
    if (carried === undefined) {
      made.value.state = 'ended';
      const why = done.code === 0 ? 'it is not one of a task' : done.said.trim();
      return machine(`its state did not arrive whole: ${why}`);
    }
    made.value.cpuBefore = carried.cpuSeconds;
    made.value.group = carried.group;
    return ok({ carried });
  }

  async restore(of: AttemptKey): Promise<Result<null, StartFault>> {
    const container = this.#containers.get(attemptName(of));
    if (container?.state !== 'made') return machine('nothing was unpacked');
    mkdirSync(container.folder.criu, { recursive: true });
    return this.#launch(container, container.folder.images);
  }

  #make(of: AttemptKey, spec: TaskSpec): Result<Container, StartFault> {
    const { prefix } = this.#options;
    const folder = this.folderOf(of);
    try {
      makeTaskFolder(folder, taskUser);
    } catch (error) {
      return machine(`no directory could be made for the task: ${said(error)}`);
    }
    const id = `${prefix}.${attemptName(of)}`;
    const container: Container = {
      of,
      id,
      group: id,
      folder,
      spec,
      state: 'made',
      killed: false,
      cpuBefore: 0,
      cpuSeen: 0,
      overMemory: false,
      exited: null,
      mounted: false,
    };
    this.#containers.set(attemptName(of), container);
    return ok(container);
  }

  /** From zero, or from images. Resolves when the program is there. */
  async #launch(container: Container, images: string | null): Promise<Result<null, StartFault>> {
    const { id, group, folder, spec } = container;
    const { groups, keeper, packs, crun } = this.#options;
    const resumed = images !== null;
    if (container.killed) return wasKilled;
    if (groups.isPopulated(group))
      return machine('an earlier attempt of this task is still on this PC');
    let entered: readonly string[];
    try {
      entered = groups.prepare(group, spec, resumed);
      const limits = { resources: groups.resources(spec), group: `/${group}` };
      writeFileSync(
        join(folder.bundle, 'config.json'),
        JSON.stringify(containerConfig(spec, folder, limits)),
      );
    } catch (error) {
      return machine(`the container could not be set up: ${said(error)}`);
    }
    const overlay = `lowerdir=${join(packs, spec.pack)},upperdir=${folder.upper},workdir=${folder.overlayWork}`;
    const errno = await keeper.mount('overlay', folder.root, 'overlay', 0, overlay);
    if (errno !== 0) return machine(`the software pack could not be mounted (errno ${errno})`);
    container.mounted = true;
    if (container.killed) return wasKilled;
    writeTaskRecord(folder.record, {
      ...container.of,
      spec,
      resumed,
      cpuBefore: container.cpuBefore,
      group,
    });
    container.state = 'setting-up';
    const common = [`--bundle=${folder.bundle}`, `--pid-file=${this.#pids.path(id)}`];
    const argv = resumed
      ? ['restore', ...common, ...criuFlags, `--image-path=${images}`, `--work-path=${folder.criu}`]
      : ['run', ...common];
    const exited = keeper.run({
      id,
      exitFile: folder.exitFile,
      errorFile: folder.errorFile,
      groups: entered,
      argv: [crun, '--cgroup-manager=cgroupfs', ...argv, id],
    });
    container.exited = exited;
    return this.#whenThere(container, exited, resumed);
  }

  #whenThere(
    container: Container,
    exited: Promise<number>,
    resumed: boolean,
  ): Promise<Result<null, StartFault>> {
    return new Promise((resolve) => {
      const there = (): void => {
        if (container.state !== 'setting-up') return;
        container.state = 'running';
        resolve(container.killed ? wasKilled : ok(null));
      };
      const watching = this.#pids.await(container.id, there);
      void exited.then((code) => {
        watching.dispose();
        if (this.#pids.pid(container.id) !== undefined) there();
        if (container.state === 'running') this.#ended(container, code);
        else {
          container.state = 'ended';
          resolve(container.killed ? wasKilled : machine(this.#whyNot(container, resumed)));
        }
      });
    });
  }

  #whyNot({ folder }: Container, resumed: boolean): string {
    const complaint = readText(folder.errorFile);
    if (resumed)
      return `it could not be restored: ${obstacleIn(readText(join(folder.criu, 'restore.log')), complaint)}`;
    return `the container did not start: ${complaint.trim().split('\n').at(-1)?.slice(0, 300) ?? ''}`;
  }

  #ended(container: Container, exitCode: number): void {
    this.#look(container);
    container.state = 'ended';
    if (container.killed) return;
    const end: ProgramEnd = { exitCode, because: this.#because(container, exitCode) };
    this.#onEnded(container.of, end);
  }

  #because(container: Container, exitCode: number): ProgramEnd['because'] {
    const { spec, folder, group } = container;
    if (exitCode === 127) {
      const [command = ''] = spec.command;
      const fault = readText(folder.fault).trim();
      if (fault === 'missing') {
        const where = command.includes('/')
          ? `in the task's directory or the software pack ${spec.pack}`
          : `in the software pack ${spec.pack}`;
        return { cause: 'unstartable', reason: `there is no command "${command}" ${where}` };
      }
      if (fault === 'denied')
        return {
          cause: 'unstartable',
          reason: `"${command}" is not an executable file; submit it with its executable bit set or call its interpreter`,
        };
    }
    const outOfMemory = container.overMemory || this.#options.groups.wasOutOfMemory(group);
    if (exitCode === 0 || !outOfMemory || spec.memory === null) return null;
    return { cause: 'limit', reason: `over its memory limit of ${formatSize(spec.memory)}` };
  }

  async freeze(of: AttemptKey): Promise<void> {
    const container = this.#containers.get(attemptName(of));
    if (container?.state !== 'running') return;
    const { groups } = this.#options;
    const { group } = container;
    for (let tries = 0; ; tries += 1) {
      groups.setFrozen(group, true);
      while (!groups.isFrozen(group) && isRunning(container)) await moment(1);
      if (tries === freezeTries || !isRunning(container) || !groups.isAmidVfork(group)) return;
      groups.setFrozen(group, false);
      await moment(1);
    }
  }

  async thaw(of: AttemptKey): Promise<void> {
    const container = this.#containers.get(attemptName(of));
    if (container) this.#options.groups.setFrozen(container.group, false);
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
    const { keeper, groups } = this.#options;
    this.#look(container);
    container.killed = true;
    // While crun still sets up, its processes are not all in the group yet.
    if (container.state === 'setting-up') keeper.killChild(container.id);
    let exited = container.exited === null;
    void container.exited?.then(() => (exited = true));
    for (let tries = 0; ; tries += 1) {
      groups.killAll(container.group);
      await moment(2);
      if (exited && !groups.isPopulated(container.group)) break;
      if (tries === 500) keeper.killChild(container.id);
    }
    container.state = 'ended';
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
    // crun deletes what it ran to the end, not what it restored or what was killed while it set up.
    if (existsSync(join(crunRoot, id)))
      await runProgram([this.#options.crun, '--cgroup-manager=cgroupfs', 'delete', '-f', id]);
    if (mounted) await this.#options.keeper.unmount(folder.root);
    await this.#options.groups.remove(group);
    await removeTaskFolder(folder);
  }

  usage(of: AttemptKey): Usage {
    const container = this.#containers.get(attemptName(of));
    if (!container) return { cpuSeconds: 0, memory: 0 };
    this.#look(container);
    const memory = isRunning(container) ? this.#options.groups.memoryUsed(container.group) : 0;
    return { cpuSeconds: container.cpuBefore + container.cpuSeen, memory };
  }

  #look(container: Container): void {
    container.cpuSeen = Math.max(
      container.cpuSeen,
      this.#options.groups.cpuSeconds(container.group),
    );
  }

  /** Second line behind the kernel's own limit, and the only one where it has none. Called every second or so. */
  watchMemory(): void {
    for (const container of this.#containers.values()) {
      if (container.state !== 'running' || container.killed) continue;
      this.#look(container);
      const { memory } = container.spec;
      if (memory === null || this.#options.groups.memoryUsed(container.group) <= memory) continue;
      container.overMemory = true;
      this.#options.groups.killAll(container.group);
    }
  }

  async snapshot(
    of: AttemptKey,
    carried: Carried,
    apart: boolean,
  ): Promise<Result<Snapshot, { readonly reason: string }>> {
    const container = this.#containers.get(attemptName(of));
    if (container?.state !== 'running')
      return { ok: false, error: { reason: 'the program does not run' } };
    const { crun } = this.#options;
    const { id, group, folder } = container;
    const wish = { crun, id, folder, carried: { ...carried, group } };
    const { memory } = this.usage(of);
    const hasRoom = this.#options.groups.freeMemory() > memory + spareMemory;
    return apart && hasRoom ? takeSnapshotApart(wish) : ok(await streamSnapshot(wish));
  }

  async adopt(): Promise<readonly AdoptedAttempt[]> {
    const { groups, keeper, prefix } = this.#options;
    const alive = new Set(await keeper.children());
    const adopted: AdoptedAttempt[] = [];
    for (const name of readdirSync(this.#tasks)) {
      const record = readTaskRecord(join(this.#tasks, name, 'record.json'));
      const id = `${prefix}.${name}`;
      const folder = record && this.folderOf(record);
      const there = record && folder && this.#pids.pid(id) !== undefined;
      const ends = alive.has(id) || (folder && existsSync(folder.exitFile));
      if (!there || !ends) {
        await this.#discardLeft(id, record?.group ?? id, join(this.#tasks, name));
        continue;
      }
      groups.setFrozen(record.group, true);
      const container: Container = {
        of: { task: record.task, epoch: record.epoch },
        id,
        group: record.group,
        folder,
        spec: record.spec,
        state: 'running',
        killed: false,
        cpuBefore: record.cpuBefore,
        cpuSeen: 0,
        overMemory: false,
        exited: alive.has(id)
          ? keeper.watch(id)
          : Promise.resolve(Number(readText(folder.exitFile))),
        mounted: true,
      };
      this.#containers.set(name, container);
      void container.exited?.then(async (code) => {
        await moment(0); // whoever adopts holds it first
        this.#ended(container, code);
      });
      adopted.push(record);
    }
    return adopted;
  }

  async #discardLeft(id: string, group: string, base: string): Promise<void> {
    const { groups, keeper } = this.#options;
    keeper.killChild(id);
    for (let tries = 0; tries < 1000; tries += 1) {
      groups.killAll(group);
      if (!groups.isPopulated(group)) break;
      await moment(5);
    }
    const folder = taskFolderAt(base);
    await this.#cleanUp({ id, group, folder, mounted: existsSync(folder.root) });
  }
}

/** A program that does nothing but start others is caught between two of them soon. */
const freezeTries = 30;

/** What a PC needs beside a copy of a task. */
const spareMemory = mebibytes(64);

const machine = (reason: string): { readonly ok: false; readonly error: StartFault } => ({
  ok: false,
  error: { cause: 'machine', reason },
});
const wasKilled = machine('it was ended before it ran');

const isRunning = (container: Container): boolean => container.state === 'running';

const moment = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
