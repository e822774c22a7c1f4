import type { Bytes, EpochMillis, MonotonicMillis } from '../base/units.ts';
import type { MemberId } from './ids.ts';

/**
 * enrolling → ready → draining → released; ready|draining → suspect → ready|draining|lost;
 * lost|released → ready when the PC enrols again. `cordoned` is a flag, not a state.
 */
export type MemberState = 'enrolling' | 'ready' | 'draining' | 'suspect' | 'lost' | 'released';

/** When a draining member's tasks leave it: saved now, when they end by themselves, or at once at the price of lost work. */
export type ReleaseMoment = 'checkpoint' | 'task' | 'now';

/** What a PC says of itself when it arrives. */
export interface MemberFacts {
  /** Stable across boots: the first wired NIC's address, or the machine's DMI id. */
  readonly machineKey: string;
  readonly processors: number;
  readonly memory: Bytes;
  /** Calibrated speed of one processor; 1000 is the reference PC (see `calibrate` in the agent). */
  readonly speed: number;
  readonly cpuModel: string;
  /** CPU feature flags as in /proc/cpuinfo, sorted; a task moves only to a member that has them all. */
  readonly cpuFeatures: readonly string[];
  readonly architecture: string;
  readonly kernel: string;
  /** Version of the member system, and packs it carries or can fetch from the head. */
  readonly systemVersion: string;
  readonly packs: readonly string[];
  /** Whether the kernel tracks dirty pages, so that pre-dump works. */
  readonly preDump: boolean;
  /** Where other members reach its transfer listener. */
  readonly address: string;
  readonly transferPort: number;
  readonly firmware: 'bios' | 'uefi' | 'container';
}

/** Seat: where the PC stands. */
export interface Seat {
  readonly room: string;
  readonly row: number;
  readonly place: number;
}

/** Changes with every heartbeat; never stored. */
export interface MemberLoad {
  /** Runnable processes, averaged over about a minute, as /proc/loadavg has it. */
  readonly load: number;
  readonly memoryFree: Bytes;
}

export interface Member {
  readonly id: MemberId;
  name: string;
  seat: Seat | null;
  facts: MemberFacts;
  state: MemberState;
  /** The state to come back to when a suspect member is heard again. */
  beforeSuspect: 'ready' | 'draining';
  cordoned: boolean;
  /** Set while draining. */
  drain: { readonly purpose: 'evacuate' | 'release'; readonly moment: ReleaseMoment } | null;
  /** Whether a link is up at this moment; a suspect member may have none. */
  linked: boolean;
  /** The member may act on its lease until it freezes itself; the head waits longer than that. */
  heardAt: MonotonicMillis;
  load: MemberLoad;
  enrolledAt: EpochMillis;
  releasedAt: EpochMillis | null;
}
