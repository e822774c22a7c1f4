import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ok, type Result } from '../../shared/base/result.ts';
import type { Snapshot } from '../../shared/ports/container-runtime.ts';
import { obstacleIn } from './criu-obstacles.ts';
import { runProgram } from './run-program.ts';
import { copyFiles, packed } from './snapshot-stream.ts';
import { writeJson, type TaskFolder } from './task-folder.ts';
import type { CarriedOn } from './task-record.ts';

/** On both sides. crun overrides what CRIU's configuration files say of these. */
export const criuFlags = ['--file-locks', '--tcp-established', '--manage-cgroups-mode=ignore'];

export interface SnapshotWish {
  readonly crun: string;
  readonly id: string;
  readonly folder: TaskFolder;
  readonly carried: CarriedOn;
  readonly apart: boolean;
}

/**
 * CRIU's images of a frozen program and its files. The program is frozen before and stays so, whether this works or not:
 * `--leave-running` leaves a frozen container frozen.
 */
export async function takeSnapshot(
  wish: SnapshotWish,
): Promise<Result<Snapshot, { readonly reason: string }>> {
  const { crun, id, folder, carried, apart } = wish;
  await rm(folder.images, { recursive: true, force: true });
  for (const path of [folder.images, folder.criu]) mkdirSync(path, { recursive: true });
  const dumped = await runProgram([
    ...[crun, '--cgroup-manager=cgroupfs', 'checkpoint', '--leave-running', ...criuFlags],
    ...[`--image-path=${folder.images}`, `--work-path=${folder.criu}`, id],
  ]);
  if (dumped.code !== 0) {
    const reason = obstacleIn(readLog(folder), dumped.said);
    await rm(folder.images, { recursive: true, force: true });
    return { ok: false, error: { reason: `it cannot be saved: ${reason}` } };
  }
  const copy = apart ? join(folder.base, 'copy') : folder.base;
  if (apart) {
    await rm(copy, { recursive: true, force: true });
    mkdirSync(copy);
    const copied = await copyFiles(folder, copy);
    renameSync(folder.images, join(copy, 'img'));
    if (copied.code !== 0) {
      await rm(copy, { recursive: true, force: true });
      return {
        ok: false,
        error: { reason: `its files could not be copied: ${copied.said.trim()}` },
      };
    }
  }
  writeJson(join(copy, 'carried.json'), carried);
  const stream = packed(copy);
  return ok({
    bytes: () => stream.bytes(),
    async drop() {
      stream.stop();
      const leftover = apart ? copy : folder.images;
      await rm(leftover, { recursive: true, force: true }).catch(() => undefined);
    },
  });
}

function readLog(folder: TaskFolder): string {
  try {
    return readFileSync(join(folder.criu, 'dump.log'), 'utf8');
  } catch {
    return '';
  }
}
