import type { Bytes } from '../../../shared/base/units.ts';
import type { Epoch, MemberId, TaskId } from '../../../shared/domain/ids.ts';

/** What the planner sees of a lab; a value, so that a plan can be made, shown and tested without one. */
export interface LoadSnapshot {
  readonly members: readonly MemberSnapshot[];
  readonly tasks: readonly TaskSnapshot[];
}

export interface MemberSnapshot {
  readonly id: MemberId;
  readonly speed: number;
  readonly processors: number;
  readonly usedProcessors: number;
  readonly freeMemory: Bytes;
  /** Software packs it has. */
  readonly packs: readonly string[];
  readonly cpuFeatures: readonly string[];
}

/** A task that may be moved. */
export interface TaskSnapshot {
  readonly id: TaskId;
  /** Which attempt of the task this is; a plan for an earlier one is stale. */
  readonly epoch: Epoch;
  readonly on: MemberId;
  readonly cpus: number;
  /** Reserved. */
  readonly memory: Bytes;
  /** What is resident, and a move has to carry. */
  readonly resident: Bytes;
  readonly cpuSeconds: number;
  /** The software pack it needs. */
  readonly pack: string;
  /** Features of the processor that the program may use by now. */
  readonly cpuFeatures: readonly string[];
}
