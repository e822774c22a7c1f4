import { spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { logFirst, logLast } from '../../../shared/domain/log-bounds.ts';
import { supervisorScript } from './shipped-scripts.ts';

/** Numbers of mount(2), umount2(2) and fallocate(2). */
const systemCalls: Readonly<Record<string, readonly [number, number, number]>> = {
  x64: [165, 166, 285],
  arm64: [40, 39, 47],
};

export const mountFlags = { readOnly: 1, remount: 32, bind: 4096 } as const;

/** Where the output of a program goes. */
export interface LogOrder {
  /** Named pipe that the program writes to. */
  readonly pipe: string;
  readonly file: string;
  /** User id of the program. */
  readonly owner: number;
}

export interface ChildOrder {
  readonly id: string;
  readonly exitFile: string;
  readonly errorFile: string;
  /** `cgroup.procs` files it enters before it begins. */
  readonly groups: readonly string[];
  readonly argv: readonly string[];
}

/** The agent's end of the supervisor (see supervisor.pl). */
export class Supervisor {
  readonly #socket: Socket;
  readonly #waiting = new Map<string, (errno: number) => void>();
  readonly #children = new Map<string, (code: number) => void>();
  #listing:
    { readonly have: string[]; readonly done: (have: readonly string[]) => void } | undefined;
  #nextTag = 1;

  private constructor(socket: Socket, onLost: () => void) {
    this.#socket = socket;
    createInterface({ input: socket }).on('line', (line) => this.#onLine(line));
    socket.on('error', () => undefined);
    socket.once('close', onLost);
  }

  /** Finds the supervisor of this PC or starts it. `onLost`: it died, which nothing but a bug or a person brings about. */
  static async find(folder: string, onLost: () => void): Promise<Supervisor> {
    const path = join(folder, 'supervisor.sock');
    // Without waiting where there is none: a PC that has just booted shall start it at once.
    const running = existsSync(path) ? await tryConnect(path) : undefined;
    if (running) return new Supervisor(running, onLost);
    start(folder, path);
    for (let tries = 0; tries < 200; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      const socket = await tryConnect(path);
      if (socket) return new Supervisor(socket, onLost);
    }
    throw new Error(`the supervisor did not start; ${join(folder, 'supervisor.log')} may say why`);
  }

  /** Resolves with the exit code, 128 + signal when a signal ended it. */
  run(order: ChildOrder): Promise<number> {
    const { id, exitFile, errorFile, groups, argv } = order;
    return new Promise((resolve) => {
      this.#children.set(id, resolve);
      this.#say('run', id, exitFile, errorFile, groups.join(','), ...argv);
    });
  }

  /** Before its child runs; until that ends or `closeLog`. */
  openLog(id: string, { pipe, file, owner }: LogOrder): void {
    this.#say('log', id, pipe, file, String(owner), String(logFirst), String(logLast));
  }

  /** Resolves when all that the child has written so far lies in the file. */
  async drainLog(id: string): Promise<void> {
    await this.#ask('drain', id);
  }

  closeLog(id: string): void {
    this.#say('unlog', id);
  }

  /**
   * Puts the interrupted calls of a frozen group back. `ran`: how long each of its threads had not run, read before the
   * freeze (see interrupted-calls.pl).
   */
  async mendCalls(group: string, ran: string): Promise<void> {
    if (process.arch === 'x64') await this.#ask('mend', group, ran);
  }

  /** Takes over a child of a former agent. */
  watch(id: string): Promise<number> {
    return new Promise((resolve) => this.#children.set(id, resolve));
  }

  killChild(id: string): void {
    this.#say('kill', id);
  }

  /** Ids of the children that are alive. */
  children(): Promise<readonly string[]> {
    return new Promise((resolve) => {
      this.#listing = { have: [], done: resolve };
      this.#say('list');
    });
  }

  mount(
    source: string,
    target: string,
    type: string,
    flags: number,
    options: string,
  ): Promise<number> {
    return this.#ask('mount', source, target, type, String(flags), options);
  }

  /** Lazy: never fails because something is still open. */
  unmount(target: string): Promise<number> {
    return this.#ask('umount', target);
  }

  close(): void {
    this.#socket.destroy();
  }

  #ask(what: string, ...fields: readonly string[]): Promise<number> {
    const tag = String(this.#nextTag);
    this.#nextTag += 1;
    return new Promise((resolve) => {
      this.#waiting.set(tag, resolve);
      this.#say(what, tag, ...fields);
    });
  }

  #say(...fields: readonly string[]): void {
    this.#socket.write(`${fields.join('\t')}\n`);
  }

  #onLine(line: string): void {
    const [what, first = '', second = ''] = line.split('\t');
    if (what === 'done') {
      this.#waiting.get(first)?.(Number(second));
      this.#waiting.delete(first);
    } else if (what === 'exited') {
      const resolve = this.#children.get(first);
      this.#children.delete(first);
      resolve?.(Number(second));
    } else if (what === 'have') this.#listing?.have.push(first);
    else if (what === 'listed') {
      const listing = this.#listing;
      this.#listing = undefined;
      listing?.done(listing.have);
    }
  }
}

function start(folder: string, path: string): void {
  const log = openSync(join(folder, 'supervisor.log'), 'a');
  // Pages leave the image as they come back to life, or a task would lie in RAM twice.
  const settings = join(folder, 'restore.conf');
  writeFileSync(settings, 'auto-dedup\n');
  const [program, ...words] = supervisorCommand(path, settings);
  spawn(program, words, { detached: true, stdio: ['ignore', log, log], cwd: '/' }).unref();
  closeSync(log);
}

/** `path`: of its socket; `settings`: what CRIU is to read. */
export function supervisorCommand(path: string, settings: string): readonly [string, ...string[]] {
  const calls = systemCalls[process.arch];
  if (!calls) throw new Error(`members on ${process.arch} are not supported`);
  return ['perl', '-MIO::Handle', '-e', supervisorScript, path, ...calls.map(String), settings];
}

function tryConnect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', () => resolve(undefined));
  });
}
