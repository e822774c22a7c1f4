import { formatDuration, minutes } from '../base/units.ts';

/** Seconds below a minute, else whole minutes. */
export function spanWords(span: number): string {
  if (span < minutes(1)) return formatDuration(Math.floor(span / 1000) * 1000);
  const whole = Math.round(span / minutes(1));
  return `${whole} minute${whole === 1 ? '' : 's'}`;
}
