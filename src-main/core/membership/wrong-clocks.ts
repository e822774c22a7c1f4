import { parseBootHours } from '../../../shared/domain/boot-hours.ts';
import type { Member, MemberFacts } from '../../../shared/domain/member.ts';
import { isNightBy } from '../nights/calendar.ts';
import type { Turn } from '../state/turn.ts';

/**
 * A stick that stays in joins by its PC's own clock, and such clocks are wrong: batteries are empty, or they show UTC. The
 * head has the last word on whether it is night. Asked at a new boot only: whoever came by night may stay for longer.
 */
export function startedByDay({ minuteOfDay }: Turn, { byClock }: MemberFacts): boolean {
  const hours = byClock && parseBootHours(byClock.hours);
  return (
    minuteOfDay !== null && hours?.ok === true && !isNightBy({ hours: hours.value }, minuteOfDay)
  );
}

/** It gets no task and no night opens for it. */
export function sendHome(turn: Turn, member: Member, { byClock }: MemberFacts): void {
  const said = byClock?.said ?? 'nothing';
  turn.emit({
    e: 'member-draining',
    member: member.id,
    purpose: 'release',
    moment: 'checkpoint',
    because: { code: 'by-day', facts: { clock: said } },
    clockSaid: said,
  });
}
