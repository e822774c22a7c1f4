import { statSync } from 'node:fs';
import { ok, type Result } from '../../../shared/base/result.ts';
import type { Carried, Snapshot } from '../../ports/container-runtime.ts';
import { messageQueueSentence, messageQueuesOf } from '../snapshots/criu-obstacles.ts';
import { streamSnapshot, takeSnapshotApart } from '../snapshots/criu-snapshot.ts';
import { is32Bit, seeThreads } from '../snapshots/see-threads.ts';
import { whySpoiled } from '../snapshots/spoiled-waits.ts';
import type { Cgroups } from './cgroups.ts';
import { isRunning, type Container } from './container.ts';
import type { Supervisor } from './supervisor.ts';
import type { PidFiles } from './pid-files.ts';

export interface FreezerParts {
  readonly crun: string;
  readonly groups: Cgroups;
  readonly supervisor: Supervisor;
  readonly pids: PidFiles;
}

type Refused = Result<never, { readonly reason: string }>;

/** Times a program is let go for a millisecond until it stands where it can be saved. */
const freezeTries = 300;

/** Stops programs, lets them go on, and copies them while they stand still. */
export class ContainerFreezer {
  readonly #parts: FreezerParts;

  constructor(parts: FreezerParts) {
    this.#parts = parts;
  }

  async freeze(container: Container): Promise<void> {
    if (!isRunning(container)) return;
    const { groups, supervisor } = this.#parts;
    const { group } = container;
    container.wantFrozen = true;
    const goesOn = (): boolean => isRunning(container) && container.wantFrozen;
    for (let tries = 0; goesOn(); tries += 1) {
      const idle = groups.idleTimes(group);
      groups.setFrozen(group, true);
      while (goesOn() && !groups.isFrozen(group)) await moment(1);
      if (groups.isFrozen(group)) await supervisor.mendCalls(groups.folderOf(group), idle);
      if (!goesOn() || tries === freezeTries || this.#canBeSaved(container)) break;
      groups.setFrozen(group, false);
      await moment(1);
    }
    if (!container.wantFrozen) groups.setFrozen(group, false);
  }

  /** Neither in the wrapper, whose descriptors come from outside, nor between a vfork and its exec. */
  #canBeSaved({ group, folder }: Container): boolean {
    return sizeOf(folder.begun) > 0 && !this.#parts.groups.isAmidVfork(group);
  }

  async thaw(container: Container): Promise<void> {
    container.wantFrozen = false;
    const { groups, supervisor } = this.#parts;
    if (container.wasDumped && groups.isFrozen(container.group)) {
      container.wasDumped = false;
      await supervisor.mendCalls(groups.folderOf(container.group), '');
    }
    if (!container.wantFrozen) groups.setFrozen(container.group, false);
  }

  /** Why it must not be saved as it is at the moment, whether it stands still or not. */
  obstacle(container: Container): string | null {
    const { groups } = this.#parts;
    const processes = this.#processesOf(container);
    if (messageQueuesOf(processes[0]) > 0) return `it cannot be saved: ${messageQueueSentence}`;
    const spoiled = whySpoiled(
      processes.some(is32Bit),
      // The numbers of calls are those of x86-64; on other processors no call is set up again, see ARCHITECTURE.md.
      process.arch === 'x64' ? seeThreads(groups.threads(container.group)) : [],
    );
    return spoiled && `it cannot be saved: ${spoiled}`;
  }

  #processesOf({ id, group }: Container): readonly number[] {
    const first = this.#parts.pids.pid(id);
    const others = this.#parts.groups.processes(group).filter((pid) => pid !== first);
    return first === undefined ? others : [first, ...others];
  }

  /** `apart`: its images and files are copied first, for which there is room. */
  async snapshot(
    container: Container,
    carried: Carried,
    apart: boolean,
  ): Promise<Result<Snapshot, { readonly reason: string }>> {
    const { crun, supervisor } = this.#parts;
    const { id, group, folder } = container;
    // Not only before it was frozen: it may have fallen asleep in between.
    const reason = this.obstacle(container);
    if (reason !== null) return refused(reason);
    // What is in the pipe would come twice: from the files and from the image of the pipe.
    await supervisor.drainLog(id);
    container.wasDumped = true;
    const processes = this.#processesOf(container);
    const wish = { crun, id, folder, processes, carried: { ...carried, group } };
    return apart ? takeSnapshotApart(wish) : ok(await streamSnapshot(wish));
  }
}

const refused = (reason: string): Refused => ({ ok: false, error: { reason } });

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

export const moment = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));
