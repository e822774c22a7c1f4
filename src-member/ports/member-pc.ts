import type { EpochMillis } from '../../shared/base/units.ts';
import type { MemberFacts, MemberLoad } from '../../shared/domain/member.ts';

export type ReclaimSign = 'keypress' | 'power-button' | 'ctrl-alt-del';

/** The PC the agent runs on. */
export interface MemberPc {
  facts(): MemberFacts;
  load(): MemberLoad;
  /** Someone wants it. */
  onReclaim(listener: (by: ReclaimSign) => void): void;
  /** Sets the wall clock where that is ours to do. */
  setWallClock(head: EpochMillis): void;
  /** The agent's work is done: the PC goes off or reboots. `byDay`: its own clock let it join at a wrong hour. */
  leave(byDay: boolean): void;
}

/** What the PC's screen says, top to bottom. */
export interface ScreenText {
  readonly lab: string;
  /** Name and seat. */
  readonly who: string;
  readonly address: string;
  /** One or two sentences. */
  readonly state: string;
  readonly tasks: readonly string[];
}

/** Drawn anew only when it changed. */
export interface Screen {
  show(text: ScreenText): void;
}
