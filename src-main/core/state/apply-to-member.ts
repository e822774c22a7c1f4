import { assertNever } from '../../../shared/base/assert-never.ts';
import type { EpochMillis } from '../../../shared/base/units.ts';
import type { MemberId } from '../../../shared/domain/ids.ts';
import type { Member } from '../../../shared/domain/member.ts';
import type { LabEvent } from './events.ts';
import type { LabState } from './state.ts';

type MemberEvent = Exclude<
  Extract<LabEvent, { readonly member: MemberId }>,
  { readonly e: 'member-forgotten' }
>;

/** What an event changes of its member. */
export function applyToMember(state: LabState, event: MemberEvent, at: EpochMillis): void {
  if (event.e === 'member-enrolled') {
    const known = state.members.get(event.member);
    const fresh: Member = {
      id: event.member,
      name: event.name,
      seat: event.seat,
      facts: state.transient.features.in(event.facts),
      state: 'enrolling',
      beforeSuspect: 'ready',
      cordoned: known?.cordoned ?? false,
      drain: null,
      enrolledAt: at,
      // A new boot does not yet say whether it is welcome: its hello is judged by these.
      releasedAt: known?.releasedAt ?? null,
      departure: known?.departure ?? null,
      cameBack: known?.cameBack ?? null,
      wrongClock: known?.wrongClock ?? null,
      enrolledBy: event.by ?? null,
      banned: known?.banned ?? null,
      lostAt: known?.lostAt ?? null,
      // A new boot, perhaps of a member system that knows more.
      outdated: null,
    };
    state.retired.delete(event.member);
    // A PC that enrols again while its attempts are still in the books keeps its state until its hello settles them.
    if (
      known &&
      (known.state === 'ready' || known.state === 'draining' || known.state === 'suspect')
    ) {
      known.name = event.name;
      known.facts = fresh.facts;
      known.enrolledBy = event.by ?? null;
      known.outdated = null;
      return;
    }
    state.members.set(event.member, fresh);
    return;
  }
  const member = state.members.get(event.member);
  if (!member) return;
  switch (event.e) {
    case 'member-arrived':
      member.facts = state.transient.features.in(event.facts);
      member.state = 'ready';
      member.drain = null;
      member.releasedAt = null;
      member.departure = null;
      member.lostAt = null;
      if (member.cameBack?.wasOpen) member.cordoned = false;
      member.cameBack = null;
      member.wrongClock = null;
      return;
    case 'member-came-back':
      member.facts = state.transient.features.in(event.facts);
      member.state = 'ready';
      member.drain = null;
      member.releasedAt = null;
      member.departure = null;
      member.lostAt = null;
      member.cameBack = {
        at,
        after: event.after,
        wasOpen: member.cameBack?.wasOpen ?? !member.cordoned,
      };
      member.cordoned = true;
      return;
    case 'member-described':
      member.facts = state.transient.features.in(event.facts);
      return;
    case 'member-suspected':
      member.beforeSuspect = member.state === 'draining' ? 'draining' : 'ready';
      member.state = 'suspect';
      return;
    case 'member-returned':
      member.state = member.beforeSuspect;
      return;
    case 'member-lost':
      member.state = 'lost';
      member.lostAt = at;
      member.drain = null;
      return;
    case 'member-outdated':
      member.outdated = { at, kind: event.kind };
      return;
    case 'member-cordoned':
      member.cordoned = true;
      return;
    case 'member-uncordoned':
      member.cordoned = false;
      member.cameBack = null;
      return;
    case 'member-draining':
      member.drain = { purpose: event.purpose, moment: event.moment };
      if (event.clockSaid !== undefined) {
        member.drain = { ...member.drain, byDay: true };
        member.wrongClock = { at, said: event.clockSaid };
      }
      if (member.state === 'suspect') member.beforeSuspect = 'draining';
      else member.state = 'draining';
      return;
    case 'member-evacuated':
      member.drain = null;
      member.cordoned = true;
      member.state = 'ready';
      return;
    case 'member-released':
      member.state = 'released';
      member.drain = null;
      member.releasedAt = at;
      member.departure = { leftAt: null, stayed: false, expected: false };
      return;
    case 'member-left':
      // One that came back and was switched off was given back only now.
      if (member.state !== 'released') member.releasedAt = at;
      member.state = 'released';
      member.drain = null;
      member.departure = {
        leftAt: at,
        stayed: false,
        expected: member.departure?.expected ?? false,
      };
      return;
    case 'member-stayed':
      if (member.departure) member.departure.stayed = true;
      return;
    case 'member-expected':
      if (member.departure) member.departure.expected = true;
      return;
    case 'member-banned':
      member.banned = { at, because: event.because, wasOpen: !member.cordoned };
      member.cordoned = true;
      return;
    case 'member-unbanned':
      if (member.banned?.wasOpen) member.cordoned = false;
      member.banned = null;
      return;
    default:
      assertNever(event, 'member event');
  }
}
