import { epochMillis, minutes, type EpochMillis } from '../../../shared/base/units.ts';
import { isNight, type BootHours } from '../../../shared/domain/boot-hours.ts';

/**
 * When nights begin and end. All that keeps hours asks this: the lab's own nights, network boot, sticks that stay in. Minutes
 * are those of the day by the clock on the lab's wall, so it knows no time zone; across a change of clocks a moment that it
 * tells is off by that hour.
 */
export interface Calendar {
  readonly hours: BootHours;
}

/**
 * Where nobody set hours: PCs may come and stay at any time, and what they do belongs to the evening before. Noon, since a
 * night that runs late is over by then, and nobody calls the hour after lunch a part of it.
 */
export const usualCalendar: Calendar = { hours: { from: 18 * 60, until: 12 * 60 } };

const day = 24 * 60;

export const isNightBy = ({ hours }: Calendar, minuteOfDay: number): boolean =>
  isNight(hours, minuteOfDay);

/** The newest beginning of a night: of this one, or of the last where it is day. To the minute. */
export const newestEvening = ({ hours }: Calendar, minuteOfDay: number, now: EpochMillis) =>
  ago(minuteOfDay - hours.from, now);

/** The newest end of a night. */
export const newestMorning = ({ hours }: Calendar, minuteOfDay: number, now: EpochMillis) =>
  ago(minuteOfDay - hours.until, now);

const ago = (span: number, now: EpochMillis): EpochMillis =>
  epochMillis(now - minutes((span + day) % day));
