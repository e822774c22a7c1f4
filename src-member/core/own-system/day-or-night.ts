import { isNight, parseBootHours } from '../../../shared/domain/boot-hours.ts';

/** What a clock shows, as Linux writes it: `2026-11-25` and `18:05:09`. */
export interface ClockReading {
  readonly date: string;
  readonly time: string;
}

export interface DayQuestion {
  /** `18:00-07:30`; `never`: the lab at no hour. */
  readonly hours: string;
  /** When the medium was made; null where it does not say. */
  readonly made: string | null;
  /** The lab's zone, where the clock shows UTC. */
  readonly zone: string | null;
}

/** For media that do not say when they were made. */
const earliest = '2026-01-01';
/** Years after which a medium is not in use any more. */
const yearsOfUse = 30;

/**
 * Whether this PC is not the lab's at this hour, by its own clock as it stands: one with Windows keeps it in local time.
 * Whatever is not sure is day: no clock, one that was never set, hours or a zone that cannot be read. Better a PC that stays
 * out for a night than one that joins in front of a class.
 */
export function isDayAt({ hours, made, zone }: DayQuestion, clock: ClockReading | null): boolean {
  if (hours === 'never') return true;
  const night = parseBootHours(hours);
  const minute = clock && isSet(clock, made ?? earliest) ? minuteOf(clock, zone) : undefined;
  return !night.ok || minute === undefined || !isNight(night.value, minute);
}

function isSet({ date }: ClockReading, made: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(date)) return false;
  return date >= made && Number(date.slice(0, 4)) <= Number(made.slice(0, 4)) + yearsOfUse;
}

function minuteOf({ date, time }: ClockReading, zone: string | null): number | undefined {
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)/.exec(time) ?? [];
  if (hour === undefined || minute === undefined) return undefined;
  if (zone === null) return Number(hour) * 60 + Number(minute);
  try {
    const there = new Intl.DateTimeFormat('en', {
      ...{ timeZone: zone, hourCycle: 'h23', hour: '2-digit', minute: '2-digit' },
    }).formatToParts(new Date(`${date}T${hour}:${minute}:00Z`));
    const part = (name: string): number => Number(there.find(({ type }) => type === name)?.value);
    const found = part('hour') * 60 + part('minute');
    return Number.isInteger(found) ? found : undefined;
  } catch {
    return undefined; // no such zone, or no such day
  }
}
