import { ok, refuse, type Result } from '../base/result.ts';

/** Hours of the night, in minutes since local midnight; `from` after `until` crosses midnight. */
export interface BootHours {
  readonly from: number;
  readonly until: number;
}

const day = 24 * 60;

/** `18:00-07:30`. */
export function parseBootHours(text: string): Result<BootHours> {
  const match = /^(\d{1,2}):([0-5]\d)\s*[-\u2013]\s*(\d{1,2}):([0-5]\d)$/.exec(text.trim());
  const [from, until] = [
    [match?.[1], match?.[2]],
    [match?.[3], match?.[4]],
  ].map(([h, m]) => Number(h) * 60 + Number(m));
  const fits = from !== undefined && until !== undefined && from < day && until < day;
  if (!match || !fits || from === until) {
    return refuse(
      'misuse',
      `"${text}" are no hours of the night; write from and until, such as 18:00-07:30.`,
    );
  }
  return ok({ from, until });
}

export function formatBootHours({ from, until }: BootHours): string {
  const clock = (minute: number): string =>
    `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  return `${clock(from)}-${clock(until)}`;
}

/** `minuteOfDay` by the clock on the wall; `until` itself is day again. */
export function isNight({ from, until }: BootHours, minuteOfDay: number): boolean {
  return from < until
    ? minuteOfDay >= from && minuteOfDay < until
    : minuteOfDay >= from || minuteOfDay < until;
}
