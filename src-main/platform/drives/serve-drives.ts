import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { refuse, type Result } from '../../../shared/base/result.ts';
import type { Drive, DriveIdentity, ErasableDrive } from '../../../shared/domain/drive.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import type { BlockDevice, DriveFault, DriveResult, Drives } from '../../ports/block-device.ts';
import { driveRefusal } from './drive-refusal.ts';
import {
  encodeFrame,
  readRequests,
  type Frame,
  type WriterRequest,
} from './drive-writer-frames.ts';

/** Judges by itself whether a drive may be erased, whatever the head at the other end has said before. */
export type JudgeDrive = (
  drive: Drive,
  identity: DriveIdentity,
  all: readonly Drive[],
) => Result<ErasableDrive>;

/** Opens, writes and reads drives for whoever is at the other end, until they are gone. */
export async function serveDrives(
  input: Readable,
  output: Writable,
  drives: Drives,
  judge: JudgeDrive,
): Promise<void> {
  const open = new OpenDrives(drives, judge);
  const requests = readRequests();
  const atWork = new Set<Promise<void>>();
  for await (const chunk of input as AsyncIterable<Uint8Array>) {
    const frames = requests.push(chunk);
    // What is not understood may be half of a write: nothing more is done.
    if (frames === undefined) break;
    for (const frame of frames) {
      const work = open
        .answer(frame)
        .then((answer) => (output.write(answer) ? undefined : drained(output)))
        .finally(() => atWork.delete(work));
      atWork.add(work);
    }
  }
  await Promise.allSettled(atWork);
  await open.closeAll();
}

/** Whoever asked may be gone meanwhile. */
const drained = (output: Writable): Promise<void> =>
  once(output, 'drain').then(
    () => undefined,
    () => undefined,
  );

class OpenDrives {
  readonly #drives: Drives;
  readonly #judge: JudgeDrive;
  readonly #open = new Map<number, BlockDevice>();
  #opened = 0;

  constructor(drives: Drives, judge: JudgeDrive) {
    this.#drives = drives;
    this.#judge = judge;
  }

  async answer({ header, body }: Frame<WriterRequest>): Promise<Uint8Array> {
    const { id } = header;
    if (header.op === 'open') {
      const opened = await this.#openDrive(header.path, header.identity as DriveIdentity);
      if (!opened.ok) return refusal(id, opened.error);
      this.#opened += 1;
      this.#open.set(this.#opened, opened.value);
      return encodeFrame({ id, opened: { drive: this.#opened, size: opened.value.size } });
    }
    const device = this.#open.get(header.drive);
    if (device === undefined) {
      return refusal(id, driveRefusal('vanished', 'This drive is not open any more.').error);
    }
    switch (header.op) {
      case 'write': {
        const done = await device.write(header.at, body);
        return done.ok ? encodeFrame({ id }) : refusal(id, done.error);
      }
      case 'read': {
        const read = await device.read(header.at, header.length);
        return read.ok ? encodeFrame({ id }, read.value) : refusal(id, read.error);
      }
      case 'settle': {
        const done = await device.settle();
        return done.ok ? encodeFrame({ id }) : refusal(id, done.error);
      }
      case 'close':
        this.#open.delete(header.drive);
        await device.close();
        return encodeFrame({ id });
    }
  }

  async closeAll(): Promise<void> {
    await Promise.allSettled([...this.#open.values()].map((device) => device.close()));
  }

  async #openDrive(path: string, identity: DriveIdentity): Promise<DriveResult<BlockDevice>> {
    const listed = await this.#drives.list();
    if (!listed.ok) return driveRefusal('broken', refusalWords(listed.error));
    const drive = listed.value.find((one) => one.path === path);
    const judged =
      drive === undefined
        ? refuse('refused', `${path} is not there any more; was it unplugged?`)
        : this.#judge(drive, identity, listed.value);
    if (!judged.ok) {
      return driveRefusal(drive === undefined ? 'vanished' : 'busy', refusalWords(judged.error));
    }
    return this.#drives.open(judged.value);
  }
}

const refusal = (
  id: number,
  error: { readonly fault: DriveFault } & Parameters<typeof refusalWords>[0],
): Uint8Array =>
  encodeFrame({ id, refused: { fault: error.fault, sentence: refusalWords(error) } });
