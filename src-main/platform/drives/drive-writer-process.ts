import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { ok } from '../../../shared/base/result.ts';
import { bytes, minutes } from '../../../shared/base/units.ts';
import type { ErasableDrive } from '../../../shared/domain/drive.ts';
import { nodeProgram } from '../../../shared/node/node-program.ts';
import { projectRoot } from '../../../shared/node/project-root.ts';
import type { BlockDevice, DriveResult } from '../../ports/block-device.ts';
import { driveRefusal } from './drive-refusal.ts';
import {
  encodeFrame,
  readAnswers,
  type Frame,
  type WriterAnswer,
  type WriterRequest,
} from './drive-writer-frames.ts';

/** Nobody is asked again for the next stick within this time. */
const idleAtMost = minutes(5);
const mayNot =
  'Nobody allowed this head to write drives; try again and say yes, or run a head as root: sudo nightshift head.';

type Request = WriterRequest extends infer One
  ? One extends unknown
    ? Omit<One, 'id'>
    : never
  : never;

/** A process with the right to write drives, and nothing else that it does; src-main/drive-writer.ts is its other end. */
export class DriveWriter {
  readonly #command: readonly [string, ...string[]];
  #running: Running | undefined;

  constructor(command: readonly [string, ...string[]]) {
    this.#command = command;
  }

  async open({ path, identity, size }: ErasableDrive): Promise<DriveResult<BlockDevice>> {
    this.#running ??= this.#start();
    const running = this.#running;
    running.use();
    const opened = await running.ask({ op: 'open', path, identity });
    if (!opened.ok) {
      running.leave();
      return opened;
    }
    const { drive = -1 } = opened.value.header.opened ?? {};
    return ok(new DeviceOfWriter(running, drive, size));
  }

  /** Nobody needs it any more; what it has open is given up. */
  end(): void {
    this.#running?.end();
  }

  #start(): Running {
    const [program, ...words] = this.#command;
    const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'ignore'] });
    const running = new Running(child);
    running.ended.addEventListener('abort', () => {
      if (this.#running === running) this.#running = undefined;
    });
    return running;
  }
}

class Running {
  readonly #child: ChildProcess & { stdin: Writable; stdout: Readable };
  readonly #waiting = new Map<number, (answer: DriveResult<Frame<WriterAnswer>>) => void>();
  readonly #ended = new AbortController();
  #nextId = 0;
  #users = 0;
  #hasAnswered = false;
  #idle: NodeJS.Timeout | undefined;

  constructor(child: ChildProcess & { stdin: Writable; stdout: Readable }) {
    this.#child = child;
    const reader = readAnswers();
    child.stdout.on('data', (chunk: Uint8Array) => {
      const answers = reader.push(chunk);
      if (answers === undefined) child.kill();
      for (const answer of answers ?? []) this.#hear(answer);
    });
    child.stdin.on('error', () => undefined);
    child.once('error', () => this.#end());
    child.once('close', () => this.#end());
  }

  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  use(): void {
    clearTimeout(this.#idle);
    this.#users += 1;
  }

  leave(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    this.#idle = setTimeout(() => this.#child.stdin.end(), idleAtMost);
    this.#idle.unref();
    this.#child.unref();
  }

  async ask(request: Request, body?: Uint8Array): Promise<DriveResult<Frame<WriterAnswer>>> {
    if (this.ended.aborted) return this.#goneRefusal();
    this.#nextId += 1;
    const id = this.#nextId;
    const answer = new Promise<DriveResult<Frame<WriterAnswer>>>((resolve) => {
      this.#waiting.set(id, resolve);
    });
    const taken = this.#child.stdin.write(encodeFrame({ ...request, id }, body));
    if (!taken) await Promise.race([once(this.#child.stdin, 'drain').catch(() => null), answer]);
    return answer;
  }

  end(): void {
    this.#child.kill();
    this.#end();
  }

  #hear(frame: Frame<WriterAnswer>): void {
    this.#hasAnswered = true;
    const { id, refused } = frame.header;
    const resolve = this.#waiting.get(id);
    this.#waiting.delete(id);
    resolve?.(refused === undefined ? ok(frame) : driveRefusal(refused.fault, refused.sentence));
  }

  #end(): void {
    if (this.ended.aborted) return;
    clearTimeout(this.#idle);
    this.#ended.abort();
    for (const resolve of this.#waiting.values()) resolve(this.#goneRefusal());
    this.#waiting.clear();
  }

  /** One that never said anything was not let in: pkexec ends with 126 or 127 then. */
  #goneRefusal(): DriveResult<never> {
    return this.#hasAnswered
      ? driveRefusal('broken', 'The helper that writes drives has ended; try again.')
      : driveRefusal('read-only', mayNot);
  }
}

class DeviceOfWriter implements BlockDevice {
  readonly size: BlockDevice['size'];
  readonly #running: Running;
  readonly #drive: number;
  #isOpen = true;

  constructor(running: Running, drive: number, size: number) {
    this.#running = running;
    this.#drive = drive;
    this.size = bytes(size);
  }

  async write(at: number, content: Uint8Array): Promise<DriveResult<null>> {
    return nothing(await this.#running.ask({ op: 'write', drive: this.#drive, at }, content));
  }

  async read(at: number, length: number): Promise<DriveResult<Uint8Array>> {
    const answer = await this.#running.ask({ op: 'read', drive: this.#drive, at, length });
    return answer.ok ? ok(answer.value.body) : answer;
  }

  async settle(): Promise<DriveResult<null>> {
    return nothing(await this.#running.ask({ op: 'settle', drive: this.#drive }));
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#running.ask({ op: 'close', drive: this.#drive });
    this.#running.leave();
  }
}

const nothing = (answer: DriveResult<unknown>): DriveResult<null> =>
  answer.ok ? ok(null) : answer;

/**
 * How a helper with rights is started here: by polkit's pkexec(1), which asks the person at the screen. Undefined where there is
 * none, or nobody to ask. An AppImage is mounted for its user alone, so that root cannot start anything out of it.
 */
export function writerCommandHere(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): readonly [string, ...string[]] | undefined {
  if (process.platform !== 'linux' || environment['APPIMAGE'] !== undefined) return undefined;
  if (!environment['DISPLAY'] && !environment['WAYLAND_DISPLAY']) return undefined;
  const pkexec = (environment['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'pkexec'))
    .find((path) => existsSync(path));
  if (pkexec === undefined) return undefined;
  const packaged = join(projectRoot, 'dist', 'desktop', 'drive-writer.mjs');
  const launcher = join(projectRoot, 'assets', 'desktop', 'nightshift-drives');
  // A checkout has its sources; a package the launcher that its polkit action names.
  return existsSync(packaged)
    ? [pkexec, launcher]
    : [pkexec, nodeProgram, join(projectRoot, 'src-main', 'drive-writer.ts')];
}
