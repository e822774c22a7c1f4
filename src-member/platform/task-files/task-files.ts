import { ok, type Result } from '../../../shared/base/result.ts';
import { attemptName, type AttemptKey } from '../../../shared/domain/attempt-key.ts';
import type { BlobHash } from '../../../shared/domain/ids.ts';
import type { BlobFault, Collected, TaskFiles } from '../../ports/task-files.ts';
import { collectOutputs } from './collect-outputs.ts';
import type { HttpsHeadBlobs } from '../head/head-blobs.ts';
import { LogFollower, type LogReader } from './log-follower.ts';
import { hasLog, logBytes } from './log-file.ts';
import type { TaskFolder } from './task-folder.ts';
import PQueue from 'p-queue';

export class TmpfsTaskFiles implements TaskFiles {
  readonly #folderOf: (of: AttemptKey) => TaskFolder;
  readonly #blobs: HttpsHeadBlobs;
  readonly #uploads = new PQueue({ concurrency: 4 });
  readonly #collecting = new Map<string, AbortController>();
  readonly #followers = new Map<string, Set<LogFollower>>();

  constructor(folderOf: (of: AttemptKey) => TaskFolder, blobs: HttpsHeadBlobs) {
    this.#folderOf = folderOf;
    this.#blobs = blobs;
  }

  async collect(
    of: AttemptKey,
    patterns: readonly string[],
  ): Promise<Result<Collected, BlobFault>> {
    const { task } = this.#folderOf(of);
    const name = attemptName(of);
    const stopping = new AbortController();
    this.#collecting.set(name, stopping);
    try {
      const [blobs, uploads, stop] = [this.#blobs, this.#uploads, stopping.signal];
      return await collectOutputs(task, patterns, { blobs, of, uploads, stop });
    } finally {
      if (this.#collecting.get(name) === stopping) this.#collecting.delete(name);
    }
  }

  async storeLog(of: AttemptKey): Promise<Result<BlobHash | null, BlobFault>> {
    const { log } = this.#folderOf(of);
    if (!hasLog(log)) return ok(null);
    const stored = await this.#blobs.store(logBytes(log), of);
    return stored.ok ? ok(stored.value.hash) : stored;
  }

  followLog(of: AttemptKey, offset: number, follow: boolean, reader: LogReader): { stop(): void } {
    const name = attemptName(of);
    const follower = new LogFollower(this.#folderOf(of).log, offset, follow, reader);
    const followers = this.#followers.get(name) ?? new Set();
    this.#followers.set(name, followers.add(follower));
    return {
      stop: () => {
        followers.delete(follower);
        follower.stop();
      },
    };
  }

  stopCollecting(of: AttemptKey): void {
    this.#collecting.get(attemptName(of))?.abort(new Error('it was given up'));
  }

  endLog(of: AttemptKey): void {
    for (const follower of this.#followers.get(attemptName(of)) ?? []) follower.finish();
    this.#followers.delete(attemptName(of));
  }
}
