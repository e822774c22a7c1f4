import { monotonicMillis } from '../../../shared/base/units.ts';
import type { BlobHash } from '../../../shared/domain/ids.ts';
import type { Member } from '../../../shared/domain/member.ts';
import { protocolVersion } from '../../../shared/wire/codec.ts';
import type { ToHead } from '../../../shared/wire/to-head.ts';
import { balance } from '../plan/balance.ts';
import { placeWaiting } from '../plan/place.ts';
import { cancelWaiting, progressHolds } from '../commands/job-commands.ts';
import { hearEndings, hearOfAttempt, hearUsage, reconcile } from './hear.ts';
import { judgeMoves, onMemberGone } from '../attempts/moves.ts';
import { judgeRecalls } from '../attempts/recall.ts';
import { savePeriodically } from '../attempts/saves.ts';
import { removeOld } from '../jobs/retention.ts';
import { refuseWhoKnowsMore } from '../attempts/older-store.ts';
import { beginDrain, progressDrains } from '../plan/drains.ts';
import {
  endLeases,
  isPresent,
  judgeSilence,
  onArrival,
  onBeat,
  onHeard,
  onLinkClosed,
  welcome,
} from '../membership/leases.ts';
import { judgeNight } from '../nights/night.ts';
import { judgeDepartures, onHeardReleased, sendAwayAgain } from '../membership/returns.ts';
import { judgeDoubts, judgeQuickExits } from '../membership/quarantine.ts';
import { forgetTwins, notThisMember } from '../membership/twins.ts';
import type { Turn } from '../state/turn.ts';

/**
 * A message from a member's link. Nothing it can say makes the head act for an attempt that is over. `absent`: blobs it
 * refers to that the head does not have (see `absentBlobs`).
 */
export function onMessage(
  turn: Turn,
  member: Member,
  message: ToHead,
  absent: ReadonlySet<BlobHash> = new Set(),
): void {
  // Its certificate is good for a while; nothing that comes with it is heard.
  if (member.banned) {
    turn.directives.push({ d: 'hang-up', member: member.id });
    return;
  }
  if (message.t === 'hello') {
    if (message.protocol !== protocolVersion) {
      turn.send(member.id, {
        t: 'refused',
        reason: `this PC speaks version ${message.protocol} of the language, the head ${protocolVersion}: make a new boot medium`,
      });
      turn.directives.push({ d: 'close', member: member.id });
      return;
    }
    const reason = notThisMember(member, message.facts);
    if (reason !== undefined) {
      turn.send(member.id, { t: 'refused', reason });
      turn.directives.push({ d: 'close', member: member.id });
      return;
    }
    if (refuseWhoKnowsMore(turn, member, message.attempts)) return;
    if (member.state === 'released') {
      reconcile(turn, member, message.attempts);
      sendAwayAgain(turn, member);
      return;
    }
    onArrival(turn, member, message.facts, message.can);
    reconcile(turn, member, message.attempts);
    welcome(turn, member);
    settle(turn);
    return;
  }
  if (message.t === 'cannot-follow') {
    // It comes back and says so again, for as long as it runs.
    if (member.outdated?.kind !== message.kind)
      turn.emit({ e: 'member-outdated', member: member.id, kind: message.kind });
    return;
  }
  // A lost member has to say hello again before it counts, a released one to boot again.
  if (member.state === 'released') onHeardReleased(turn, member);
  if (!isPresent(member)) return;
  onHeard(turn, member);
  switch (message.t) {
    case 'beat':
      onBeat(turn, member, message);
      return;
    case 'usage':
      hearUsage(turn, member, message);
      return;
    case 'reclaim':
      beginDrain(turn, member, 'release', 'checkpoint', {
        code: 'reclaimed',
        facts: { by: message.by },
      });
      break;
    case 'leaving':
    case 'log-piece': // goes past the core, straight to whoever reads
      return;
    default:
      if (!hearOfAttempt(turn, member, message, absent)) return;
  }
  settle(turn);
}

export function onClosed(turn: Turn, member: Member): void {
  onLinkClosed(turn, member);
}

/** These PCs have no power any more: what they had is given to others at once, and a head that ends now does not wait for them. */
export function onPowerTaken(turn: Turn, names: readonly string[]): void {
  endLeases(turn, names);
  findTheLost(turn);
}

function findTheLost(turn: Turn): void {
  judgeSilence(turn, (member) =>
    onMemberGone(turn, member, { code: 'pc-lost', facts: { pc: member.name } }),
  );
}

/** The heart's beat: silence, doubts, saves, drains, balance. Called a few times per heartbeat. */
export function onTick(turn: Turn): void {
  findTheLost(turn);
  judgeDepartures(turn);
  removeOld(turn);
  judgeNight(turn);
  forgetTwins(turn);
  judgeQuickExits(turn);
  judgeDoubts(turn);
  judgeMoves(turn);
  judgeRecalls(turn);
  savePeriodically(turn);
  settle(turn);
  if (turn.now >= turn.state.transient.nextBalance) {
    turn.state.transient.nextBalance = monotonicMillis(turn.now + 2 * turn.timings.heartbeat);
    balance(turn);
  }
}

/** What follows from any change. Settled twice is settled once. */
export function settle(turn: Turn): void {
  hearEndings(turn);
  dropCancelled(turn);
  progressHolds(turn);
  progressDrains(turn);
  placeWaiting(turn);
}

/** Tasks of a cancelled job that came back to the queue meanwhile. */
function dropCancelled(turn: Turn): void {
  const { cancelling, queue } = turn.state.index;
  for (const id of [...cancelling]) {
    const waiting = queue.of(id);
    if (waiting) cancelWaiting(turn, waiting);
  }
}
