import type { EpochMillis, MonotonicMillis } from '../../../shared/base/units.ts';
import type { MemberId } from '../../../shared/domain/ids.ts';
import type { LabTimings } from '../../../shared/domain/timings.ts';
import type { Rng } from '../../../shared/ports/rng.ts';
import type { ToMember } from '../../../shared/wire/to-member.ts';
import { applyEvent } from './apply-event.ts';
import type { LabEvent } from './events.ts';
import type { LabState } from './state.ts';
import { untouched, type Touched } from './touched.ts';

/** Which events leave the log. */
export interface LogCut {
  readonly olderThan: EpochMillis;
  /** When that was decided, by a clock that is trusted. */
  readonly wall: EpochMillis;
}

/** What the shell does once the turn's events are durable. */
export type Directive =
  | { readonly d: 'send'; readonly member: MemberId; readonly message: ToMember }
  /** Ends the link; the member will come back with a hello, which settles all doubts. */
  | { readonly d: 'close'; readonly member: MemberId }
  /** Ends every connection of the member, whatever it carries: it may not be here. */
  | { readonly d: 'hang-up'; readonly member: MemberId }
  /** There was more to settle than one turn should: another one follows, after whatever else has arrived meanwhile. */
  | { readonly d: 'settle' }
  /** Events that are old enough leave the log, bit by bit. */
  | { readonly d: 'cut-log'; readonly of: LogCut };

/**
 * One input's worth of deciding. `emit` applies the event at once, so later decisions of the same turn see it;
 * the shell stores all events of a turn in one transaction and only then performs its directives.
 */
export interface Turn {
  readonly state: LabState;
  readonly timings: LabTimings;
  readonly rng: Rng;
  readonly now: MonotonicMillis;
  readonly wall: EpochMillis;
  /** By the clock on the lab's wall; null where nobody knows it, as in a simulation. */
  readonly minuteOfDay: number | null;
  readonly events: LabEvent[];
  readonly directives: Directive[];
  readonly touched: Touched;
  emit(event: LabEvent): void;
  send(member: MemberId, message: ToMember): void;
}

export function beginTurn(
  state: LabState,
  timings: LabTimings,
  rng: Rng,
  now: MonotonicMillis,
  wall: EpochMillis,
  minuteOfDay: number | null = null,
): Turn {
  const events: LabEvent[] = [];
  const directives: Directive[] = [];
  const touched = untouched();
  return {
    state,
    timings,
    rng,
    now,
    wall,
    minuteOfDay,
    events,
    directives,
    touched,
    emit(event) {
      events.push(event);
      applyEvent(state, event, wall, touched);
    },
    send(member, message) {
      directives.push({ d: 'send', member, message });
    },
  };
}
