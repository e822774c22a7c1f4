import type { Result } from '../../../shared/base/result.ts';
import type { Bytes } from '../../../shared/base/units.ts';
import type { PracticePc } from '../../ports/practice-lab.ts';
import type { BootIdentity } from '../../../shared/wire/enrolment.ts';

/** What a practice PC is made of. */
export interface PcMake {
  readonly cpus: number;
  readonly memory: Bytes;
}

/** What PCs boot. */
export interface PcSystem {
  /** Folder of the member system; nothing writes below it. */
  readonly tree: string;
  readonly version: string;
  readonly packs: readonly { readonly name: string; readonly path: string }[];
  /** The agent's file. */
  readonly agent: string;
}

/**
 * One way to have PCs on this machine: containers, or virtual machines. PCs are called `pc-01` and so on, live on when
 * the head dies, and are found again by the next one. Callers take turns; `name` is one of `list`.
 */
export interface PracticeDriver {
  /** Why it cannot work on this machine, in words. */
  fitness(): Result<null>;
  list(): Promise<readonly PracticePc[]>;
  /** What the PC was made of last; undefined when there never was one. */
  makeOf(name: string): PcMake | undefined;
  /** Gives power to PCs that have none. */
  powerOn(pcs: readonly PcOrder[], system: PcSystem): Promise<Result<null>>;
  /** Power gone; nobody is told. */
  unplug(name: string): Promise<Result<null>>;
  cut(name: string): Promise<Result<null>>;
  heal(name: string): Promise<Result<null>>;
  keypress(name: string): Promise<Result<null>>;
  /** Leaves no process, mount, group, link or file of its own; whatever state it finds. */
  down(): Promise<Result<null>>;
  /** Keeps files that PCs write from growing without end. */
  trim(): void;
}

export interface PcOrder extends PcMake {
  readonly name: string;
  readonly identity: BootIdentity;
}
