import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { coalesce, frameHeader, framed } from './coalesce.ts';
import { runProgram, type ProgramResult } from '../run-program.ts';
import type { TaskFolder } from '../task-files/task-folder.ts';

/**
 * A program's state as bytes, the same on its way to another member and to the head:
 *   zstd( "NSS1"  { u32 length > 0, so many bytes of CRIU's page-server protocol }…  u32 0  tar )
 * Pages come first because CRIU hands them out first; a snapshot that was taken apart has them in the tar.
 */
const magic = Buffer.from('NSS1');

/** Level 1 keeps up with a gigabit link on one core. */
const level = 1;
const chunkSize = 256 * 1024;

/** With whiteouts (character devices 0:0) and overlayfs' own attributes, or the upper layer would lose deletions. */
const exact = ['--xattrs', '--xattrs-include=*', '--numeric-owner'];

/** Where the parts of a state lie: its own, and those of the program's files. */
export interface StateFolders {
  readonly base: string;
  readonly files: string;
}
const ownParts = ['carried.json', 'img', 'ns'];
const fileParts = ['task', 'u'];
/** Holes stay holes, or a sparse file would become real zeros in RAM. */
const sparse = '--sparse';
/** On their way into a directory of their own; of links only the hard ones name other members. */
const toFiles = `--transform=flags=rhS;s,^\\(${fileParts.join('\\|')}\\)\\(/\\|$\\),s/\\1\\2,`;

/** `pages` ends when CRIU has dumped the rest into the folder, or throws. */
export function packed(
  folder: StateFolders,
  pages: AsyncIterable<Uint8Array> | null,
): AsyncIterable<Uint8Array> {
  const compressing = createZstdCompress({
    chunkSize,
    params: {
      [constants.ZSTD_c_compressionLevel]: level,
      // A flipped bit, wherever on the way it was flipped, is noticed by whoever unpacks this.
      [constants.ZSTD_c_checksumFlag]: 1,
    },
  });
  const source = Readable.from(plain(folder, pages), { objectMode: false });
  // Its error is the reader's: pipeline hands it on to the last stream.
  pipeline(source, compressing).catch(() => undefined);
  return compressing as AsyncIterable<Uint8Array>;
}

async function* plain(
  folder: StateFolders,
  pages: AsyncIterable<Uint8Array> | null,
): AsyncGenerator<Uint8Array> {
  yield magic;
  if (pages) yield* framed(pages);
  yield frameHeader(0);
  yield* coalesce(tarOf(folder));
}

async function* tarOf({ base, files }: StateFolders): AsyncGenerator<Uint8Array> {
  const child = spawn(
    'tar',
    [...exact, sparse, '-cf', '-', '-C', base, ...ownParts, '-C', files, ...fileParts],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const ended = endOf(child);
  let readToEnd = false;
  try {
    for await (const chunk of child.stdout) yield chunk as Buffer;
    readToEnd = true;
  } finally {
    if (!readToEnd) child.kill('SIGKILL');
  }
  const { code, said } = await ended;
  if (code !== 0) throw new Error(`tar ended with ${code}: ${said}`);
}

/** How much is unpacked between two looks at what is left. */
const lookEvery = 16 * 1024 * 1024;

/** Unpacks as it arrives, while there is room; the result says what went wrong. */
export async function unpack(
  folder: TaskFolder,
  bytes: AsyncIterable<Uint8Array>,
  hasRoom: () => boolean = () => true,
): Promise<ProgramResult> {
  for (const path of [folder.images, folder.criu]) mkdirSync(path, { recursive: true });
  const unpacking = new Unpacking(folder);
  const decompressing = createZstdDecompress({ chunkSize });
  const fed = pipeline(coalesce(bytes), decompressing).then(
    () => undefined,
    (error: unknown) => wordsOf(error),
  );
  let trouble: string | undefined;
  try {
    let unlooked = 0;
    for await (const chunk of decompressing as AsyncIterable<Buffer>) {
      unlooked += chunk.length;
      if (unlooked >= lookEvery && !hasRoom()) throw new Error(noRoom);
      unlooked %= lookEvery;
      await unpacking.take(chunk);
    }
  } catch (error) {
    trouble = wordsOf(error);
    decompressing.destroy();
  }
  trouble = (await fed) ?? trouble;
  return trouble === undefined ? unpacking.finish() : unpacking.giveUp(trouble);
}

/** Splits the plain stream: pages to CRIU's page server, the rest to tar. */
class Unpacking {
  readonly #folder: TaskFolder;
  #part: 'magic' | 'length' | 'pages' | 'tar' = 'magic';
  #header = Buffer.alloc(0);
  #left = 0;
  #pages: Receiver | undefined;
  #tar: Receiver | undefined;

  constructor(folder: TaskFolder) {
    this.#folder = folder;
  }

  async take(chunk: Buffer): Promise<void> {
    let rest = chunk;
    while (rest.length > 0) {
      switch (this.#part) {
        case 'magic':
        case 'length': {
          const missing = 4 - this.#header.length;
          this.#header = Buffer.concat([this.#header, rest.subarray(0, missing)]);
          rest = rest.subarray(missing);
          if (this.#header.length === 4) this.#onHeader(this.#header);
          break;
        }
        case 'pages': {
          const piece = rest.subarray(0, this.#left);
          rest = rest.subarray(piece.length);
          this.#left -= piece.length;
          this.#pages ??= startPageServer(this.#folder);
          await writeAll(this.#pages.to, piece);
          if (this.#left === 0) this.#part = 'length';
          break;
        }
        case 'tar':
          this.#tar ??= startTar(this.#folder);
          await writeAll(this.#tar.to, rest);
          rest = rest.subarray(rest.length);
      }
    }
  }

  #onHeader(header: Buffer): void {
    this.#header = Buffer.alloc(0);
    if (this.#part === 'magic') {
      if (!header.equals(magic)) throw new Error('it is in a form that this PC does not know');
      this.#part = 'length';
      return;
    }
    this.#left = header.readUInt32LE(0);
    this.#part = this.#left === 0 ? 'tar' : 'pages';
  }

  async finish(): Promise<ProgramResult> {
    const { tar, pages } = { tar: this.#tar, pages: this.#pages };
    if (!tar) return this.giveUp('it ended too early');
    tar.to.end();
    const unpacked = await tar.ended;
    if (unpacked.code !== 0) return this.giveUp(`tar: ${unpacked.said}`);
    if (!pages) return unpacked;
    // It ends by itself: the stream held CRIU's own word that this is all.
    pages.to.end();
    const received = await pages.ended;
    return received.code === 0 ? unpacked : { code: 1, said: 'its memory did not arrive whole' };
  }

  async giveUp(said: string): Promise<ProgramResult> {
    for (const running of [this.#tar, this.#pages]) {
      running?.child.kill('SIGKILL');
      await running?.ended;
    }
    return { code: 255, said };
  }
}

type Ended = Promise<ProgramResult>;

interface Receiver {
  readonly child: ChildProcess;
  readonly to: Writable;
  readonly ended: Ended;
}

function startTar({ base }: TaskFolder): Receiver {
  const child = spawn('tar', ['-C', base, ...exact, toFiles, '-xpf', '-'], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  return { child, to: child.stdin, ended: endOf(child) };
}

/** Its third descriptor is one end of a pair of sockets, so nothing listens anywhere. */
function startPageServer({ images, criu }: TaskFolder): Receiver {
  const child = spawn(
    'criu',
    [
      ...['page-server', '--ps-socket', '3', '--images-dir', images],
      ...['--work-dir', criu, '--log-file', 'pages.log'],
    ],
    { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] },
  );
  const socket = child.stdio[3] as Writable & Readable;
  socket.on('error', () => undefined);
  socket.resume(); // its answers were given when the pages were taken
  return { child, to: socket, ended: endOf(child) };
}

function endOf(child: ChildProcess): Ended {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-500);
  });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 127, said: error.message }));
    child.once('close', (code) => resolve({ code: code ?? 137, said: said.trim() }));
  });
}

/** Returns when there is room for more; a reader that is gone is noticed at the end. */
function writeAll(to: Writable, bytes: Buffer): Promise<void> | void {
  if (to.destroyed || to.write(bytes)) return;
  return new Promise((resolve) => {
    const done = (): void => {
      to.off('drain', done).off('close', done);
      resolve();
    };
    to.on('drain', done).on('close', done);
  });
}

const noRoom = 'this PC has too little free memory for it';

const wordsOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** A copy of the files that a program goes on changing. */
export const copyFiles = (from: TaskFolder, to: string): Promise<ProgramResult> =>
  runProgram(['cp', '-a', from.task, from.own, from.upper, to]);
