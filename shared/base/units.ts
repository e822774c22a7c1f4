import type { Brand } from './brand.ts';
import { ok, refuse, type Result } from './result.ts';

/** A span of time in milliseconds. */
export type Millis = Brand<number, 'Millis'>;
/** Milliseconds since 1970-01-01T00:00Z, of a wall clock that may jump. */
export type EpochMillis = Brand<number, 'EpochMillis'>;
/** Milliseconds of a clock that never jumps; its zero means nothing and differs between processes. */
export type MonotonicMillis = Brand<number, 'MonotonicMillis'>;
/** A size in bytes. */
export type Bytes = Brand<number, 'Bytes'>;

export const millis = (value: number): Millis => value as Millis;
export const seconds = (value: number): Millis => (value * 1000) as Millis;
export const minutes = (value: number): Millis => (value * 60_000) as Millis;
export const hours = (value: number): Millis => (value * 3_600_000) as Millis;
export const epochMillis = (value: number): EpochMillis => value as EpochMillis;
export const monotonicMillis = (value: number): MonotonicMillis => value as MonotonicMillis;
export const bytes = (value: number): Bytes => value as Bytes;
export const mebibytes = (value: number): Bytes => (value * 1024 * 1024) as Bytes;
export const gibibytes = (value: number): Bytes => (value * 1024 * 1024 * 1024) as Bytes;

const sizeUnits: Readonly<Record<string, number>> = {
  '': 1,
  K: 1024,
  M: 1024 ** 2,
  G: 1024 ** 3,
  T: 1024 ** 4,
};

/** Parses `512M`, `2G`, `1.5GiB`, `1048576`; powers of 1024 throughout, as Slurm and HTCondor read them. */
export function parseSize(text: string): Result<Bytes> {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$/i.exec(text.trim());
  const factor = sizeUnits[match?.[2]?.toUpperCase() ?? ''];
  if (!match?.[1] || factor === undefined) {
    return refuse(
      'misuse',
      `"${text}" is not a size; write a number with K, M, G or T, such as 512M or 2G.`,
    );
  }
  return ok(bytes(Math.round(Number(match[1]) * factor)));
}

/** Parses `90` (seconds), `30s`, `15m`, `2h`, `1d`, `hh:mm:ss` and `hh:mm`, the forms batch systems take. */
export function parseDuration(text: string): Result<Millis> {
  const trimmed = text.trim();
  const clock = /^(\d+):([0-5]\d)(?::([0-5]\d))?$/.exec(trimmed);
  if (clock) {
    return ok(seconds(Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3] ?? 0)));
  }
  const match = /^(\d+(?:\.\d+)?)\s*([smhd]?)$/i.exec(trimmed);
  const factor = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }[match?.[2]?.toLowerCase() ?? ''];
  if (!match?.[1] || factor === undefined) {
    return refuse('misuse', `"${text}" is not a duration; write 90s, 15m, 2h, 7d or hh:mm:ss.`);
  }
  return ok(seconds(Number(match[1]) * factor));
}

/** `1536 MiB` → `1.5 GiB`; for people, never for parsing back. */
export function formatSize(size: number): string {
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = size;
  let unit = 0;
  while (value >= 1024 && unit < names.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : Math.round(value * 10) / 10} ${names[unit] ?? 'B'}`;
}

/** `93_000` → `1 min 33 s`; for people. */
export function formatDuration(span: number): string {
  if (span < 1000) return `${Math.round(span)} ms`;
  if (span < 60_000) return `${Math.round(span / 100) / 10} s`;
  const whole = Math.round(span / 1000);
  const h = Math.floor(whole / 3600);
  const m = Math.floor((whole % 3600) / 60);
  const s = whole % 60;
  if (h > 0) return m > 0 ? `${h} h ${m} min` : `${h} h`;
  return s > 0 ? `${m} min ${s} s` : `${m} min`;
}
