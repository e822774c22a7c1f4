import { describe, expect, test } from 'vitest';
import { epochMillis, minutes } from '../../../../shared/base/units.ts';
import {
  isNightBy,
  newestEvening,
  newestMorning,
  usualCalendar,
  type Calendar,
} from '../../../../src-main/core/nights/calendar.ts';

const at = (clock: string): number => {
  const [hour = 0, minute = 0] = clock.split(':').map(Number);
  return hour * 60 + minute;
};
const now = epochMillis(1_800_000_000_000);
const byDay: Calendar = { hours: { from: at('08:00'), until: at('16:30') } };

test.each([
  ['18:00', true],
  ['17:59', false],
  ['23:59', true],
  ['00:00', true],
  ['11:59', true],
  ['12:00', false],
])('by the usual calendar %s is night: %s', (clock, isNight) => {
  expect(isNightBy(usualCalendar, at(clock))).toBe(isNight);
});

test.each([
  ['07:59', false],
  ['08:00', true],
  ['16:29', true],
  ['16:30', false],
])('where a lab is free by day %s belongs to it: %s', (clock, isNight) => {
  expect(isNightBy(byDay, at(clock))).toBe(isNight);
});

describe('the newest', () => {
  test.each([
    ['18:00', 0],
    ['18:01', 1],
    ['17:59', 24 * 60 - 1],
    ['00:00', 6 * 60],
    ['03:30', 9 * 60 + 30],
  ])('evening was, at %s, so many minutes ago: %s', (clock, ago) => {
    expect(newestEvening(usualCalendar, at(clock), now)).toBe(now - minutes(ago));
  });

  test.each([
    ['12:00', 0],
    ['11:59', 24 * 60 - 1],
    ['18:00', 6 * 60],
    ['00:00', 12 * 60],
  ])('morning was, at %s, so many minutes ago: %s', (clock, ago) => {
    expect(newestMorning(usualCalendar, at(clock), now)).toBe(now - minutes(ago));
  });
});
