import type { Bytes, EpochMillis, Millis } from '../base/units.ts';
import type { MemberId } from './ids.ts';
import type { MacAddress } from './mac-address.ts';

/**
 * enrolling → ready → draining → released; ready|draining → suspect → ready|draining|lost;
 * lost|released → ready when the PC enrols again. One that came back though nobody asked for it is ready and cordoned,
 * and released again as soon as it is silent. `cordoned` is a flag, not a state.
 */
export type MemberState = 'enrolling' | 'ready' | 'draining' | 'suspect' | 'lost' | 'released';

/** When a draining member's tasks leave it: saved now, when they end by themselves, or at once at the price of lost work. */
export type ReleaseMoment = 'checkpoint' | 'task' | 'now';

/** What a PC says of itself when it arrives. */
export interface MemberFacts {
  /** Stable across boots: the lowest address of a built-in wired card, or the machine's DMI id. */
  readonly machineKey: string;
  readonly processors: number;
  readonly memory: Bytes;
  /** What of it tasks may have together; older member systems do not say. */
  readonly spare?: Bytes | undefined;
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
  /** Its boot medium joins within hours, and its own clock said that it is night. Not of a PC that was told to come. */
  readonly byClock?: ClockStart | undefined;
  /** Made at random at each boot and kept in RAM: by it two PCs with one card address are told apart. */
  readonly boot?: string | undefined;
  /** Every wired card, with or without cable; older member systems say none. */
  readonly cards?: readonly WiredCard[] | undefined;
}

export interface WiredCard {
  /** As its maker gave it. */
  readonly address: MacAddress;
  /** False: an adapter or a dock, which may stand at another PC tomorrow. */
  readonly builtIn: boolean;
}

/** A start that the PC's own clock decided. */
export interface ClockStart {
  /** `18:00-07:30`. */
  readonly hours: string;
  /** What that clock showed, such as `2026-11-25 18:05`. */
  readonly said: string;
}

/** Seat: where the PC stands. */
export interface Seat {
  readonly room: string;
  readonly row: number;
  readonly place: number;
}

/** Changes with every heartbeat. */
export interface MemberLoad {
  /** Runnable processes, averaged over about a minute, as /proc/loadavg has it. */
  readonly load: number;
  readonly memoryFree: Bytes;
}

/** What the head waits for after it told a PC to go. */
export interface Departure {
  /** When the head was sure: nothing was heard of it for `lostAfter`. */
  leftAt: EpochMillis | null;
  /** It was still heard after `leavesWithin`. */
  stayed: boolean;
  /** A person asked for it since: its next boot is no surprise. */
  expected: boolean;
}

/** A PC that booted the member system again soon after it was given back, unasked. */
export interface CameBack {
  readonly at: EpochMillis;
  /** Since it was given back. */
  readonly after: Millis;
  /** Whether it was cordoned for this only, so that its next welcome arrival may undo it. */
  readonly wasOpen: boolean;
}

export interface Drain {
  readonly purpose: 'evacuate' | 'release';
  readonly moment: ReleaseMoment;
  /** It is sent home: see `Member.wrongClock`. */
  readonly byDay?: boolean | undefined;
}

/** A PC whose own clock let it join at a time that was none of the lab's by the head's clock. */
export interface WrongClock {
  readonly at: EpochMillis;
  /** What its clock showed. */
  readonly said: string;
}

/** A person keeps it out. */
export interface Banned {
  readonly at: EpochMillis;
  readonly because: string | null;
  /** Whether it was cordoned for this only. */
  readonly wasOpen: boolean;
}

/** Its member system is older than the head, and cannot do without what it does not know. */
export interface Outdated {
  readonly at: EpochMillis;
  /** The kind of message that it does not know. */
  readonly kind: string;
}

/** What the log knows of a PC, and a restart of the head too; what is seen of it at this moment the head keeps elsewhere. */
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
  drain: Drain | null;
  enrolledAt: EpochMillis;
  /** When it was told to go; null while it is in the lab. */
  releasedAt: EpochMillis | null;
  /** Set from its release until it arrives again. */
  departure: Departure | null;
  /** Set until a person lets it work or it arrives at a time when it may. */
  cameBack: CameBack | null;
  /** Set when it is sent home for it, until it arrives at a time when it may. */
  wrongClock: WrongClock | null;
  /** What let it in last: a token's id, or `approval` by a person; null where an older Nightshift did not say. */
  enrolledBy: string | null;
  /** Kept out until it is let in again: it may not enrol, renew, link or fetch. */
  banned: Banned | null;
  /** When it was given up; null unless it is lost, and where an older Nightshift did not say. */
  lostAt: EpochMillis | null;
  /** Until it enrols again. */
  outdated: Outdated | null;
}
