import { formatDuration } from '../../shared/base/units.ts';

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const clockWithSeconds = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const day = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});

export const timeOfDay = (at: number): string => clock.format(at);
export const exactTime = (at: number): string => clockWithSeconds.format(at);
export const dayAndTime = (at: number): string => day.format(at);

/** `4 min ago`; after a day the date. The clocks of head and browser may differ by a little: never negative. */
export function ago(now: number, at: number): string {
  const seconds = Math.max(0, Math.floor((now - at) / 1000));
  if (seconds < 5) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return dayAndTime(at);
}

/** A span for a column: whole minutes from an hour on, no tenths. */
export function shortSpan(span: number): string {
  if (span < 60_000) return `${Math.max(0, Math.round(span / 1000))} s`;
  return formatDuration(
    span < 3_600_000 ? Math.round(span / 1000) * 1000 : Math.round(span / 60_000) * 60_000,
  );
}

/** A size where there is room for four letters: `15M`, `2.4G`. */
export function shortSize(size: number): string {
  const mebi = size / 1024 ** 2;
  if (mebi < 999.5) return `${Math.round(mebi)}M`;
  const gibi = mebi / 1024;
  return `${gibi < 9.95 ? gibi.toFixed(1) : Math.round(gibi)}G`;
}

/** A command as it was typed: without the shell that it was wrapped in. */
export const asTyped = (command: string): string => command.replace(/^sh -e?c /, '');

/** `1 task`, `3 tasks`, `12,000 tasks`. */
export const counted = (count: number, what: string): string =>
  `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
