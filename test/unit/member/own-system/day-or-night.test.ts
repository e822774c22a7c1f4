import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { isDayAt } from '../../../../src-member/core/own-system/day-or-night.ts';
import { hardwareClock } from '../../../../src-member/platform/pc/hardware-clock.ts';
import { byClock } from '../../../../src-member/platform/pc/pc-facts.ts';

const stick = { hours: '18:00-07:30', made: '2026-11-24', zone: null };
const at = (date: string, time: string) => ({ date, time });

/** Kinds of clocks: empty battery, never set, none, in UTC, broken; of hours: never, not readable. */
describe('a PC that looks at its own clock', () => {
  test.each([
    ['joins by night', stick, at('2026-11-25', '20:00:00'), false],
    ['joins before the morning', stick, at('2026-11-26', '07:29:59'), false],
    ['is itself by day', stick, at('2026-11-26', '07:30:00'), true],
    ['is itself when its battery is empty', stick, at('2000-01-01', '00:03:11'), true],
    ['is itself with the first day of its BIOS', stick, at('2026-01-01', '00:03:11'), true],
    ['is itself when its clock is far ahead', stick, at('2099-12-31', '00:03:11'), true],
    ['is itself without a clock', stick, null, true],
    ['is itself when the clock cannot be read', stick, at('', ''), true],
    ['is itself when the clock shows no time', stick, at('2026-11-25', '45:85:85'), true],
    [
      'is itself when hours cannot be read',
      { ...stick, hours: '18-7' },
      at('2026-11-25', '20:00:00'),
      true,
    ],
    [
      'is itself at no hour of the lab',
      { ...stick, hours: 'never' },
      at('2026-11-25', '20:00:00'),
      true,
    ],
  ])('%s', (_what, question, clock, isDay) => {
    expect(isDayAt(question, clock)).toBe(isDay);
  });

  test('whose medium does not say when it was made still knows an empty battery', () => {
    const old = { ...stick, made: null };
    expect(isDayAt(old, at('2000-01-01', '00:03:11'))).toBe(true);
    expect(isDayAt(old, at('2026-11-25', '00:03:11'))).toBe(false);
  });

  test('that shows UTC reckons with the lab’s zone, in summer as in winter', () => {
    const berlin = { ...stick, made: '2026-05-01', zone: 'Europe/Berlin' };
    expect(isDayAt(berlin, at('2026-06-10', '06:15:00'))).toBe(true);
    expect(isDayAt(berlin, at('2026-06-10', '05:15:00'))).toBe(false);
    expect(isDayAt(berlin, at('2026-06-10', '16:00:00'))).toBe(false);
    expect(isDayAt(berlin, at('2026-12-10', '06:15:00'))).toBe(false);
    expect(isDayAt({ ...berlin, zone: 'Nowhere/Else' }, at('2026-06-10', '20:15:00'))).toBe(true);
  });

  test('reads the clock that goes on without power', () => {
    const folder = mkdtempSync(join(tmpdir(), 'nightshift-rtc-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    expect(hardwareClock(folder)).toBeNull();
    mkdirSync(join(folder, 'rtc0'));
    expect(hardwareClock(folder)).toBeNull();
    writeFileSync(join(folder, 'rtc0', 'date'), '2026-11-25\n');
    writeFileSync(join(folder, 'rtc0', 'time'), '20:00:05\n');
    expect(hardwareClock(folder)).toEqual(at('2026-11-25', '20:00:05'));
    expect(hardwareClock('/nowhere')).toBeNull();
  });

  test('tells the head by which hours it came, and what its clock said', () => {
    const clock = at('2026-11-25', '20:00:05');
    const said = { hours: '18:00-07:30', said: '2026-11-25 20:00' };
    expect(byClock('quiet nightshift.by-clock=18:00-07:30 x', clock)).toEqual({ byClock: said });
    expect(byClock('nightshift.hours=18:00-07:30 nightshift.made=2026-11-24', clock)).toEqual({
      byClock: said,
    });
    expect(byClock('quiet nightshift.driver=vm', clock)).toEqual({});
  });
});
