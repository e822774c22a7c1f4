import type { EpochMillis } from '../../../shared/base/units.ts';
import { spanWords } from '../../../shared/words/span-words.ts';
import type { Member, WrongClock } from '../../../shared/domain/member.ts';

/** `07:30` by the clock on the lab's wall: a port, since time zones are the world's. */
export type TimeOfDay = (at: EpochMillis) => string;

/** What a person should look at: it still runs though it was told to go, or it is back unasked. */
export function departureFlag(member: Member): 'stayed' | 'came-back' | null {
  if (member.state === 'released' && member.departure?.stayed) return 'stayed';
  return member.cameBack ? 'came-back' : null;
}

/** One sentence on how a PC that was given back left, stayed or came back; null for one that was not. */
export function departureNote(member: Member, timeOfDay: TimeOfDay): string | null {
  const { cameBack, departure, releasedAt, wrongClock } = member;
  if (wrongClock) return wrongClockNote(wrongClock, timeOfDay);
  const back = cameBack && `it came back ${spanWords(cameBack.after)} after it was given back`;
  if (member.state !== 'released' || releasedAt === null || !departure)
    return back && `${back}: take out its boot medium, or look at its boot order`;
  const { leftAt, stayed } = departure;
  if (stayed)
    return `it was given back at ${timeOfDay(releasedAt)} but still runs the member system: switch it off by hand`;
  if (back) return leftAt === null ? `${back}, and goes now` : `${back}, and left at last`;
  return `given back at ${timeOfDay(releasedAt)}${leftAt === null ? '; whether it left is not known yet' : ', and it has left'}`;
}

/** What ails the PC comes first: once its clock is right, it neither joins by day nor comes back. */
const wrongClockNote = ({ at, said }: WrongClock, timeOfDay: TimeOfDay): string =>
  `it joined by day and was sent home: its own clock said ${said} when it was ${timeOfDay(at)} here; put it right in its setup, change its battery, or make its stick anew with --clocks utc`;
