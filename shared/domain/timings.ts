import { millis, minutes, seconds, type Millis } from '../base/units.ts';

/**
 * The knobs of membership. They must satisfy
 *   heartbeat < suspectAfter < freezeAfter < lostAfter,
 * all counted from the moment the member *sent* the last heartbeat that was answered (member) or
 * the head *received* the last one (head). The head's moment is never earlier than the member's, so a member
 * has frozen its tasks at least `lostAfter − freezeAfter` before the head gives them to another.
 */
export interface LabTimings {
  /** A member speaks this often. Lower notices death sooner and costs traffic in proportion. */
  readonly heartbeat: Millis;
  /** Head: silence makes a member suspect; no new tasks go to it. */
  readonly suspectAfter: Millis;
  /** Member: without an answer for this long it freezes its tasks. */
  readonly freezeAfter: Millis;
  /** Head: the lease is over, the tasks are placed elsewhere. */
  readonly lostAfter: Millis;
  /** A running task is saved on the head this often; what a yanked plug costs at the most. */
  readonly checkpointEvery: Millis;
  /** A move that has not finished after this long is given up. */
  readonly moveTimeout: Millis;
}

/** For real labs: 13 idle members stay under 5 kbit/s and a dead one is noticed within 15 s. */
export const nightTimings: LabTimings = {
  heartbeat: seconds(6),
  suspectAfter: seconds(14),
  freezeAfter: seconds(20),
  lostAfter: seconds(30),
  checkpointEvery: minutes(10),
  moveTimeout: minutes(30),
};

/** For practice labs and tests: the same proportions, a night in minutes. */
export const practiceTimings: LabTimings = {
  heartbeat: seconds(1),
  suspectAfter: seconds(4),
  freezeAfter: seconds(6),
  lostAfter: seconds(10),
  checkpointEvery: seconds(20),
  moveTimeout: minutes(3),
};

/**
 * Head: a PC that was told to go and is still heard after this long has not gone. Two minutes at night, longer than any
 * shutdown takes; and longer than `lostAfter`, the silence after which the head is sure that a PC has left.
 */
export const leavesWithin = ({ heartbeat }: LabTimings): Millis => millis(20 * heartbeat);

/**
 * Head: a PC that boots the member system again within this long of being given back, though nobody asked for it, was
 * brought back by its boot medium or its boot order. Half an hour at night: longer than a slow PC's memory test and its
 * turn in a boot storm together, and shorter than the time between a morning and the next night. Five minutes in
 * practice, in which a virtual PC without KVM boots too.
 */
export const comesBackWithin = ({ heartbeat }: LabTimings): Millis => millis(300 * heartbeat);

/**
 * Member: results of a program that has ended may take this long once somebody wants the PC; then the attempt is given up,
 * and the task goes back to its last checkpoint. Three minutes at night: more than most outputs take, and a person waits.
 */
export const collectWithin = ({ heartbeat }: LabTimings): Millis => millis(30 * heartbeat);

/** Says what is wrong with a set of timings, or nothing. */
export function timingsFault(timings: LabTimings): string | undefined {
  const { heartbeat, suspectAfter, freezeAfter, lostAfter } = timings;
  if (!(
    heartbeat > 0 &&
    heartbeat < suspectAfter &&
    suspectAfter < freezeAfter &&
    freezeAfter < lostAfter
  )) {
    return 'timings must grow in the order heartbeat, suspectAfter, freezeAfter, lostAfter';
  }
  return undefined;
}
