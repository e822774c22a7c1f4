import { formatDuration } from '../../shared/base/units.ts';

/** `3 min ago`, `just now`; for people. Clocks differ a little, so the near future is now, too. */
export function formatAgo(at: number | null, now: number): string {
  if (at === null) return '';
  const span = now - at;
  if (span < 2000) return 'just now';
  if (span < 90_000) return `${Math.round(span / 1000)} s ago`;
  if (span < 90 * 60_000) return `${Math.round(span / 60_000)} min ago`;
  if (span < 36 * 3_600_000) return `${Math.round(span / 3_600_000)} h ago`;
  return `${Math.round(span / 86_400_000)} days ago`;
}

/** From a start to an end, or to now when it still goes on. */
export function formatSpan(from: number | null, until: number | null, now: number): string {
  return from === null ? '' : formatDuration(Math.max(0, (until ?? now) - from));
}

/** `2026-11-21 02:16` in the clock of whoever reads it. */
export function formatMoment(at: number, zoneOffsetMinutes: number): string {
  return new Date(at - zoneOffsetMinutes * 60_000).toISOString().slice(0, 16).replace('T', ' ');
}
