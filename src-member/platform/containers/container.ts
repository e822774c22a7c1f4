import type { AttemptKey } from '../../../shared/domain/attempt-key.ts';
import type { StartFault } from '../../ports/container-runtime.ts';
import type { TaskSpec } from '../../../shared/wire/task-spec.ts';
import { Cgroups } from './cgroups.ts';
import type { TaskFolder } from '../task-files/task-folder.ts';

/** made → setting-up → running → ended; `killed` at any moment. */
export interface Container {
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
  /** What was asked for last; a freeze that is still under way gives up when it was a thaw. */
  wantFrozen: boolean;
  /** CRIU had it in its hands since it was frozen, and left its calls in a way of its own. */
  wasDumped: boolean;
  /** Processor seconds of earlier attempts. */
  cpuBefore: number;
  /** As last read; the group may be gone. */
  cpuSeen: number;
  overMemory: boolean;
  /** Memory it may have at the moment, its files included, in bytes. */
  limit: number;
  /** Size of the tmpfs its files lie in; 0: there is none yet. */
  filesLimit: number;
  /** Bytes of its files that the agent wrote. */
  placed: number;
  /** Settles when a launch is over, whatever came of it. */
  launching: Promise<unknown> | null;
  exited: Promise<number> | null;
  mounted: boolean;
}

export function newContainer(
  of: AttemptKey,
  id: string,
  folder: TaskFolder,
  spec: TaskSpec,
): Container {
  return {
    of: { task: of.task, epoch: of.epoch },
    id,
    group: Cgroups.groupOf(id),
    folder,
    spec,
    state: 'made',
    killed: false,
    wantFrozen: false,
    wasDumped: false,
    cpuBefore: 0,
    cpuSeen: 0,
    overMemory: false,
    limit: 0,
    filesLimit: 0,
    placed: 0,
    launching: null,
    exited: null,
    mounted: false,
  };
}

export const isRunning = (container: Container): boolean => container.state === 'running';

type Fault = { readonly ok: false; readonly error: StartFault };

/** A fault of this PC. */
export const machineFault = (reason: string): Fault => ({
  ok: false,
  error: { cause: 'machine', reason },
});

export const wasKilled = machineFault('it was ended before it ran');
