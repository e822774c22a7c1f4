import { describe, expect, test } from 'vitest';
import { epochMillis, minutes } from '../../../shared/base/units.ts';
import type { MacAddress } from '../../../shared/domain/mac-address.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { formatBootHours, parseBootHours } from '../../../shared/domain/boot-hours.ts';
import { isNightBy, newestEvening, newestMorning } from '../../../src-main/core/nights/calendar.ts';
import {
  grubEntranceScript,
  grubScript,
  ipxeScript,
} from '../../../src-main/core/netboot/boot-scripts.ts';
import { homePcs } from '../../../src-main/core/netboot/who-boots.ts';

const at = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

describe('hours of the night', () => {
  test.each([
    ['18:00-07:30', ['18:00', '23:59', '00:00', '07:29'], ['07:30', '12:00', '17:59']],
    ['00:30-06:00', ['00:30', '05:59'], ['00:29', '06:00', '23:00']],
  ])('%s', (text, nights, days) => {
    const hours = parseBootHours(text);
    if (!hours.ok) throw new Error(refusalWords(hours.error));
    expect(formatBootHours(hours.value)).toBe(text);
    for (const clock of nights)
      expect([clock, isNightBy({ hours: hours.value }, at(clock))]).toEqual([clock, true]);
    for (const clock of days)
      expect([clock, isNightBy({ hours: hours.value }, at(clock))]).toEqual([clock, false]);
  });

  test.each(['18-7', '25:00-07:00', '18:00', '18:60-07:00', '18:00-18:00', ''])(
    '"%s" are none',
    (text) => {
      const hours = parseBootHours(text);
      expect(hours.ok ? '' : refusalWords(hours.error)).toContain('such as 18:00-07:30');
    },
  );

  test('a night that began yesterday is found from this side of midnight, and the morning before it', () => {
    const calendar = { hours: { from: at('18:00'), until: at('07:30') } };
    const now = epochMillis(1_000_000_000);
    expect(newestEvening(calendar, at('01:00'), now)).toBe(now - minutes(7 * 60));
    expect(newestMorning(calendar, at('01:00'), now)).toBe(now - minutes(17.5 * 60));
    expect(newestMorning(calendar, at('07:30'), now)).toBe(now);
  });
});

describe('PCs that boot their own disk though it is night', () => {
  const mac = '52:54:00:00:00:01' as MacAddress;
  const now = epochMillis(1_000_000_000);
  const rule = { hours: { from: at('18:00'), until: at('07:30') }, since: epochMillis(0) };
  const pc = (releasedAt: number | null, isHere = false) => ({
    machineKey: mac,
    isHere,
    releasedAt,
  });
  const home = (of: ReturnType<typeof pc>, woken = new Map<MacAddress, typeof now>()) =>
    homePcs(rule, [of], woken, at('22:00'), now);

  test('are those that were given back tonight', () => {
    expect(home(pc(now - minutes(10)))).toEqual([mac]);
    expect(home(pc(now - minutes(5 * 60)))).toEqual([]);
    expect(home(pc(null))).toEqual([]);
  });

  test('but not once they are here again, or were woken since', () => {
    expect(home(pc(now - minutes(10), true))).toEqual([]);
    expect(home(pc(now - minutes(10)), new Map([[mac, epochMillis(now - minutes(5))]]))).toEqual(
      [],
    );
    expect(home(pc(now - minutes(10)), new Map([[mac, epochMillis(now - minutes(15))]]))).toEqual([
      mac,
    ]);
  });

  test('nor those that network boot was switched on for afterwards', () => {
    const fresh = { ...rule, hours: null, since: epochMillis(now - minutes(5)) };
    expect(homePcs(fresh, [pc(now - minutes(10))], new Map(), at('22:00'), now)).toEqual([]);
    expect(homePcs(fresh, [pc(now - minutes(1))], new Map(), at('22:00'), now)).toEqual([mac]);
  });
});

test('a lab’s name never becomes a command of a boot script', () => {
  const boot = { lab: 'Room"; halt #${x}', kernelOptions: 'console=ttyS0' };
  for (const script of [ipxeScript(boot), grubScript(boot)]) {
    expect(script).toContain('Room__ halt ___x_');
  }
});

test('GRUB hands the PC’s own folder on to the script it fetches', () => {
  // Without `export` a configuration file that is loaded by another does not see it.
  expect(grubEntranceScript(7414)).toContain('export lab\nconfigfile $lab/boot.grub');
});
