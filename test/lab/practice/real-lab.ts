import { machineWords } from '../../../shared/words/machine-words.ts';
import { phaseWords, taskWords } from '../../../shared/words/task-words.ts';
import { diaryWords } from '../../../shared/words/diary-words.ts';
import { chownSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Submit } from '../../../shared/api/contract.ts';
import type { JobDetail, MachineView, PracticePc, TaskView } from '../../../shared/api/views.ts';
import type { Bytes } from '../../../shared/base/units.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { connectToHead, type HeadConnection } from '../../../src-cli/platform/head-connection.ts';
import { HeadProcess, type Packaged } from '../head/head-process.ts';
import { waitUntil } from '../wait-until.ts';

/** What each PC has; `memory` null: the driver's own choice. */
export interface PcWish {
  readonly driver?: 'container' | 'vm';
  readonly cpus?: number;
  readonly memory?: Bytes | null;
}

/** A real head as a process of its own and real practice PCs on its switch. Leaves nothing behind, even when a test fails. */
export class RealLab implements AsyncDisposable {
  readonly home = mkdtempSync(join(tmpdir(), 'nightshift-lab-'));
  #head: HeadProcess | undefined;
  #connection: HeadConnection | undefined;

  readonly #user: number | undefined;
  readonly #packaged: Packaged | undefined;

  /** `user`: whoever starts the head, instead of us. */
  private constructor(user?: number, packaged?: Packaged) {
    this.#user = user;
    this.#packaged = packaged;
    if (user !== undefined) chownSync(this.home, user, user);
  }

  static async open(
    pcs: number,
    wish: PcWish = {},
    user?: number,
    packaged?: Packaged,
  ): Promise<RealLab> {
    const lab = new RealLab(user, packaged);
    try {
      await lab.startHead();
      if (pcs > 0) await lab.up(pcs, wish);
      return lab;
    } catch (error) {
      await lab[Symbol.asyncDispose]();
      throw error;
    }
  }

  get head(): HeadProcess {
    if (!this.#head) throw new Error('no head runs');
    return this.#head;
  }

  get api(): HeadConnection['api'] {
    if (!this.#connection) throw new Error('not connected');
    return this.#connection.api;
  }

  get blobs(): HeadConnection['blobs'] {
    if (!this.#connection) throw new Error('not connected');
    return this.#connection.blobs;
  }

  async startHead(): Promise<void> {
    const args = ['--port', '0', '--practice'];
    this.#head = new HeadProcess(this.home, args, this.#user, this.#packaged);
    await this.#head.ready();
    const connected = await connectToHead(this.home);
    if (!connected.ok) throw new Error(refusalWords(connected.error));
    this.#connection = connected.value;
  }

  /** kill −9. */
  async killHead(): Promise<void> {
    this.#connection?.close();
    this.#connection = undefined;
    await this.#head?.stop('SIGKILL');
    this.#head = undefined;
  }

  /** Brings PCs up and waits until they are ready. */
  async up(
    pcs: number,
    { driver = 'container', cpus = 2, memory = null }: PcWish = {},
  ): Promise<readonly PracticePc[]> {
    const brought = await this.api.practice.up({ pcs, cpus, driver, memory });
    await this.until(
      `${pcs} PCs are ready`,
      async () => {
        const ready = (await this.machines()).filter((machine) => machine.state === 'ready');
        return brought
          .filter((pc) => pc.state === 'on')
          .every((pc) => ready.some((machine) => machine.name === pc.name));
      },
      driver === 'vm' ? 300_000 : undefined,
    );
    return brought;
  }

  machines(): Promise<MachineView[]> {
    return this.api.machines.list();
  }

  async machine(name: string): Promise<MachineView> {
    const found = (await this.machines()).find((machine) => machine.name === name);
    if (!found) throw new Error(`no machine ${name}`);
    return found;
  }

  async submit(command: readonly string[], more: Omit<Submit, 'command'> = {}): Promise<string> {
    return (await this.api.jobs.submit({ ...more, command: [...command] })).id;
  }

  job(id: string): Promise<JobDetail> {
    return this.api.jobs.get({ job: id });
  }

  async task(id: string): Promise<TaskView> {
    const [task] = (await this.job(id)).tasks;
    if (!task) throw new Error(`job ${id} has no task`);
    return task;
  }

  async log(task: string): Promise<string> {
    let text = '';
    for await (const piece of await this.api.jobs.logs({ task, follow: false })) text += piece.text;
    return text;
  }

  /** Until its only task runs and has said something, so that there is a program to freeze. */
  async speaks(id: string, what: string): Promise<TaskView> {
    return this.until(`job ${id} says "${what}"`, async () => {
      const task = await this.task(id);
      return task.phase === 'running' && (await this.log(id)).includes(what) && task;
    });
  }

  isOver(id: string): Promise<JobDetail> {
    return this.until(
      `job ${id} is over`,
      async () => {
        const job = await this.job(id);
        return ['done', 'failed', 'cancelled'].includes(job.state) && job;
      },
      240_000,
    );
  }

  until<Value>(
    what: string,
    look: () => Promise<Value | undefined | false>,
    within = 90_000,
  ): Promise<Value> {
    return waitUntil(what, look, { within, picture: () => this.picture() });
  }

  /** What a PC's agent wrote; of a virtual PC also its kernel. */
  logOf(pc: string): string {
    for (const folder of [pc, join('vm', pc)]) {
      try {
        return readFileSync(join(this.home, 'practice', folder, 'agent.log'), 'utf8');
      } catch {
        // the other kind of PC
      }
    }
    return '';
  }

  /** Stored files of the head, oldest first. */
  blobFiles(): readonly { readonly path: string; readonly size: number }[] {
    const folder = join(this.home, 'blobs');
    return globSync('??/*', { cwd: folder })
      .map((name) => join(folder, name))
      .map((path) => ({ path, stat: statSync(path) }))
      .sort((a, b) => a.stat.birthtimeMs - b.stat.birthtimeMs)
      .map(({ path, stat: { size } }) => ({ path, size }));
  }

  /** What the lab looks like, for a test that has run out of patience. */
  async picture(): Promise<string> {
    const view = await this.api.lab.view();
    const jobs = await Promise.all(view.jobs.map((job) => this.job(job.id)));
    const logs = view.machines.map(
      ({ name }) => `--- ${name}\n${this.logOf(name).split('\n').slice(-15).join('\n')}`,
    );
    return [
      ...view.machines.map(
        (machine) =>
          `${machine.name} ${machine.state} ${machine.tasks.join(' ')} ${machineWords(machine) ?? ''}`,
      ),
      ...jobs.flatMap((job) =>
        job.tasks
          .slice(0, 20)
          .map(
            (task) =>
              `${task.id} ${task.state} ${phaseWords(task)} ${task.machine ?? ''} ${taskWords(task) ?? ''}`,
          ),
      ),
      ...view.diary.slice(-20).map(diaryWords),
      ...view.unenrolled.map((pc) => `not enrolled: ${pc.name ?? pc.machineKey}: ${pc.reason}`),
      ...logs,
    ].join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#connection || !this.#connection.alive()) {
      await this.killHead();
      await this.startHead().catch(() => undefined);
    }
    await this.#connection?.api.practice.down().catch(() => undefined);
    this.#connection?.close();
    await this.#head?.stop();
    rmSync(this.home, { recursive: true, force: true });
  }
}
