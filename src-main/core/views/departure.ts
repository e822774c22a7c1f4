import type { EpochMillis } from '../../../shared/base/units.ts';
import type { MachineNote } from '../../../shared/domain/machine-notes.ts';
import type { Member } from '../../../shared/domain/member.ts';

/** `07:30` by the clock on the lab's wall: a port, since time zones are the world's. */
export type TimeOfDay = (at: EpochMillis) => string;

/** What a person should look at: it still runs though it was told to go, or it is back unasked. */
export function departureFlag(member: Member): 'stayed' | 'came-back' | null {
  if (member.state === 'released' && member.departure?.stayed) return 'stayed';
  return member.cameBack ? 'came-back' : null;
}

/** When a PC was given up that vanished; null for one that is not lost. */
export function lossNote({ state, lostAt }: Member, timeOfDay: TimeOfDay): MachineNote | null {
  if (state !== 'lost') return null;
  return { code: 'vanished', facts: lostAt === null ? {} : { clock: timeOfDay(lostAt) } };
}

/** How a PC that was given back left, stayed or came back; null for one that was not. */
export function departureNote(member: Member, timeOfDay: TimeOfDay): MachineNote | null {
  const { cameBack, departure, releasedAt, wrongClock } = member;
  // What ails the PC comes first: once its clock is right, it neither joins by day nor comes back.
  if (wrongClock)
    return {
      code: 'wrong-clock',
      facts: { own: wrongClock.said, clock: timeOfDay(wrongClock.at) },
    };
  if (member.state !== 'released' || releasedAt === null || !departure)
    return cameBack && { code: 'came-back', facts: { after: cameBack.after } };
  const left = departure.leftAt !== null;
  const clock = timeOfDay(releasedAt);
  if (departure.stayed) return { code: 'stayed', facts: { clock } };
  return cameBack
    ? { code: 'came-back-once', facts: { after: cameBack.after, left } }
    : { code: 'given-back', facts: { clock, left } };
}
