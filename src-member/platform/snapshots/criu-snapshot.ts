import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ok, type Result } from '../../../shared/base/result.ts';
import type { Snapshot } from '../../ports/container-runtime.ts';
import { obstacleIn } from './criu-obstacles.ts';
import { nameAgain } from './link-remaps.ts';
import { PageSink } from './page-sink.ts';
import { runProgram, type ProgramResult } from '../run-program.ts';
import { copyFiles, packed } from './snapshot-stream.ts';
import { writeJson, type TaskFolder } from '../task-files/task-folder.ts';
import type { CarriedOn } from '../task-files/task-record.ts';

/** On both sides. crun overrides what CRIU's configuration files say of these. */
export const criuFlags = ['--file-locks', '--tcp-established', '--manage-cgroups-mode=ignore'];

export interface SnapshotWish {
  readonly crun: string;
  readonly id: string;
  readonly folder: TaskFolder;
  readonly carried: CarriedOn;
  /** Of the frozen program, the first one first. */
  readonly processes: readonly number[];
}

/**
 * CRIU's images and a copy of the files, so that the program may go on while they are read. Needs as much free memory as
 * the program has. The program is frozen before and stays so, whether this works or not: `--leave-running` leaves a
 * frozen container frozen.
 */
export async function takeSnapshotApart(
  wish: SnapshotWish,
): Promise<Result<Snapshot, { readonly reason: string }>> {
  const { folder, carried } = wish;
  const copy = join(folder.base, 'copy');
  const drop = async (): Promise<void> => {
    for (const path of [copy, folder.images])
      await rm(path, { recursive: true, force: true }).catch(() => undefined);
  };
  await drop();
  const dumped = await dump(wish, null);
  if (dumped.code !== 0) {
    await drop();
    return { ok: false, error: { reason: whyNot(wish, dumped) } };
  }
  const named = await namedAgain(wish);
  if (!named.ok) {
    await drop();
    return named;
  }
  mkdirSync(copy);
  const copied = await copyFiles(folder, copy);
  named.value.undo();
  if (copied.code !== 0) {
    await drop();
    return { ok: false, error: { reason: `its files could not be copied: ${copied.said.trim()}` } };
  }
  renameSync(folder.images, join(copy, 'img'));
  writeJson(join(copy, 'carried.json'), { ...carried, wall: lookedAt(join(copy, 'img')) });
  let trouble: string | null = null;
  return ok({
    apart: true,
    bytes: () => noting(packed({ base: copy, files: copy }, null), (words) => (trouble = words)),
    trouble: () => trouble,
    drop,
  });
}

/**
 * The state as a stream that is made while it is read: pages go from the program's memory to the reader and lie nowhere in
 * between. The program must stay frozen until `drop`.
 */
export async function streamSnapshot(wish: SnapshotWish): Promise<Snapshot> {
  const { folder, carried } = wish;
  await rm(folder.images, { recursive: true, force: true });
  const sink = await PageSink.open();
  writeJson(folder.carried, carried);
  let trouble: string | null = null;
  let dumping: Promise<ProgramResult> | undefined;
  let named: Awaited<ReturnType<typeof nameAgain>> | undefined;
  const pages = async function* (): AsyncGenerator<Uint8Array> {
    dumping = dump(wish, sink.port);
    void dumping.then(() => sink.close());
    yield* sink.chunks();
    const dumped = await dumping;
    if (dumped.code !== 0) throw new Error(whyNot(wish, dumped));
    if (!sink.isComplete) throw new Error('its memory could not be read to the end');
    const again = await namedAgain(wish);
    if (!again.ok) throw new Error(again.error.reason);
    named = again.value;
    writeJson(folder.carried, { ...carried, wall: lookedAt(folder.images) });
  };
  return {
    apart: false,
    bytes: () => noting(packed(folder, pages()), (words) => (trouble = words)),
    trouble: () => trouble,
    async drop() {
      sink.close();
      // CRIU holds the program until it has noticed.
      await dumping;
      named?.undo();
      await rm(folder.images, { recursive: true, force: true }).catch(() => undefined);
    },
  };
}

/**
 * When CRIU had looked at the last timer, epoch milliseconds: it writes `fdinfo-N.img` as it looks at a process's files. What
 * a timer has left was counted then; a moment earlier would make it come due too early after a restore, a later one late,
 * which every timer may be.
 */
function lookedAt(images: string): number {
  const times = readdirSync(images)
    .filter((name) => /^(ids|fdinfo)-\d+\.img$/.test(name))
    .map((name) => statSync(join(images, name)).mtimeMs);
  return Math.max(...times);
}

async function namedAgain({
  folder,
  processes,
}: SnapshotWish): Promise<Result<{ undo(): void }, { readonly reason: string }>> {
  try {
    return ok(await nameAgain(folder.images, processes));
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return { ok: false, error: { reason: `it cannot be saved: ${words}` } };
  }
}

/** `port`: where the pages go instead of into the images. */
async function dump(
  { crun, id, folder }: SnapshotWish,
  port: number | null,
): Promise<ProgramResult> {
  for (const path of [folder.images, folder.criu]) mkdirSync(path, { recursive: true });
  const settings = join(folder.base, 'criu.conf');
  const lines = [
    'link-remap',
    ...(port === null ? [] : ['page-server', 'address 127.0.0.1', `port ${port}`]),
  ];
  writeFileSync(settings, lines.map((line) => `${line}\n`).join(''));
  return runProgram(
    [
      ...[crun, '--cgroup-manager=cgroupfs', 'checkpoint', '--leave-running', ...criuFlags],
      ...[`--image-path=${folder.images}`, `--work-path=${folder.criu}`, id],
    ],
    { CRIU_CONFIG_FILE: settings },
  );
}

function whyNot({ folder }: SnapshotWish, dumped: ProgramResult): string {
  return `it cannot be saved: ${obstacleIn(readLog(folder), dumped.said)}`;
}

async function* noting(
  bytes: AsyncIterable<Uint8Array>,
  note: (words: string) => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    note(error instanceof Error ? error.message : String(error));
    throw error;
  }
}

function readLog(folder: TaskFolder): string {
  try {
    return readFileSync(join(folder.criu, 'dump.log'), 'utf8');
  } catch {
    return '';
  }
}
