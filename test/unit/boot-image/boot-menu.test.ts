import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { nightByClock, type PcClocks } from '../../../src-main/core/boot-image/pc-clock.ts';
import { bootMenu, nightTest } from '../../../src-main/core/boot-image/boot-menu.ts';
import { ipxeScript } from '../../../src-main/core/netboot/boot-scripts.ts';
import { floppyMenu, floppyScript } from '../../../src-main/core/boot-image/floppy-image.ts';
import { isNight, type BootHours } from '../../../shared/domain/boot-hours.ts';

const wish = { lab: 'Room 12', hours: { from: 18 * 60, until: 7 * 60 + 30 }, kernelOptions: '' };
const minute = fc.integer({ min: 0, max: 24 * 60 - 1 });

describe('the menu of a boot stick', () => {
  test('by day and night decides as the head does, at every minute', () => {
    fc.assert(
      fc.property(minute, minute, minute, (from, until, now) => {
        fc.pre(from !== until);
        expect(asGrubDecides({ from, until }, now)).toBe(isNight({ from, until }, now));
      }),
      { numRuns: 2000 },
    );
  });

  test('boots the lab at any hour when no hours are given', () => {
    const menu = bootMenu({ ...wish, hours: null });
    expect(menu).toContain('set default=now\n');
    expect(menu).not.toContain('$HOUR');
    expect(menu).not.toContain('nightshift.hours=1');
  });

  test('leaves the decision to the member system in UEFI, where it would end in a recovery key', () => {
    const [before = '', after = ''] = bootMenu(wish).split('set default=clock');
    expect(before).toContain('if [ "$grub_platform" = pc ]; then');
    expect(after).toContain('linux /vmlinuz quiet nightshift.hours=18:00-07:30');
  });

  test('is not changed by whatever a lab is called', () => {
    const menu = bootMenu({ ...wish, lab: `Bob's "lab" $(reboot) \`x\`; } exit` });
    expect(menu).toContain('Join the lab "Bob_s _lab_ __reboot_ _x__ _ exit" now');
  });

  test('shows itself on the serial line that the kernel is told to use, and on no other', () => {
    expect(bootMenu(wish)).not.toContain('serial');
    const menu = bootMenu({ ...wish, kernelOptions: 'console=ttyS1 nomodeset' });
    expect(menu).toContain('serial --unit=1');
    expect(menu).toContain('linux /vmlinuz quiet console=ttyS1 nomodeset');
  });
});

/** Kinds of clocks: right, empty battery, none, of the year it was made but earlier, far ahead, in UTC. */
describe('a BIOS PC that looks at its own clock', () => {
  const clocks = { made: '2026-11-25', zone: null };
  const berlin = { made: '2026-05-01', zone: { name: 'Europe/Berlin', offsets: [60, 120] } };

  test.each<readonly [string, PcClocks | undefined, string, boolean]>([
    ['joins by night', clocks, '2026-11-25 20:00', true],
    ['joins before the morning', clocks, '2027-01-01 7:29', true],
    ['is itself by day', clocks, '2026-11-26 12:00', false],
    ['is itself when its battery is empty', clocks, '2000-1-1 0:03', false],
    ['is itself with the first day of its BIOS', clocks, '2026-1-1 0:03', false],
    ['is itself on a day before its stick was made', clocks, '2026-11-24 20:00', false],
    ['is itself when its clock is far ahead', clocks, '2099-12-31 20:00', false],
    ['is itself without a clock', clocks, '', false],
    ['knows an empty battery though its stick is old', undefined, '2000-1-1 0:03', false],
    ['joins, though its stick does not say when it was made', undefined, '2026-3-2 20:00', true],
    // 18:00 to 7:30 in Berlin is 16:00 to 5:30 in summer and 17:00 to 6:30 in winter; what is but one of them is not sure.
    ['is itself in the morning, showing UTC', berlin, '2026-6-10 6:15', false],
    ['is itself in an hour that is night in winter only', berlin, '2026-6-10 5:45', false],
    ['is itself in an hour that is night in summer only', berlin, '2026-12-10 16:30', false],
    ['joins at night, showing UTC', berlin, '2026-12-10 17:30', true],
  ])('%s', (_what, made, clock, isNightThere) => {
    expect(asShellRuns(nightByClock(wish.hours, made), clock)).toBe(isNightThere);
  });

  test('tells the head that its clock decided, unless somebody chose the lab', () => {
    const menu = bootMenu({ ...wish, clocks });
    const [, now = '', byClock = ''] = menu.split(/menuentry .* --id \w+/);
    expect(now).not.toContain('nightshift.by-clock');
    expect(byClock).toContain('quiet nightshift.by-clock=18:00-07:30');
    expect(byClock).toContain('nightshift.hours=18:00-07:30 nightshift.made=2026-11-25\n');
    expect(bootMenu({ ...wish, clocks: berlin })).toContain('nightshift.zone=Europe/Berlin');
    expect(bootMenu({ ...wish, hours: null, clocks })).not.toContain('by-clock');
  });

  test('with a floppy does the same', () => {
    const menu = floppyMenu({ ...wish, clocks });
    for (const line of nightByClock(wish.hours, clocks)) expect(menu).toContain(line);
    expect(menu).toContain('initrd16 /clock.ipxe');
    expect(floppyMenu({ ...wish, hours: null })).not.toContain('clock.ipxe');
  });
});

/** GRUB's tests and ifs are the shell's; only its way of setting variables is its own. */
function asShellRuns(lines: readonly string[], clock: string): boolean {
  const [, year = '', month = '', date = '', hour = '', minutes = ''] =
    /^(\d+)-(\d+)-(\d+) (\d+):(\d+)$/.exec(clock) ?? [];
  const script = lines.map((line) => line.replaceAll(/\bset (\w+)=/g, '$1=')).join('\n');
  const env = { YEAR: year, MONTH: month, DAY: date, HOUR: hour, MINUTE: minutes };
  const { stdout } = spawnSync('sh', ['-c', `${script}\necho $night`], { env, encoding: 'utf8' });
  return stdout.trim() === 'yes';
}

describe('a boot floppy', () => {
  test('looks at the same clock', () => {
    for (const line of nightTest(wish.hours)) expect(floppyMenu(wish)).toContain(line);
  });

  test('asks the head it was made for, and gives up in the end', () => {
    const entrance = 'http://10.0.0.1:7413/boot.ipxe';
    const script = floppyScript({ lab: 'Room 12', entrance, kernelOptions: '' });
    expect(script.startsWith('#!ipxe\n')).toBe(true);
    expect(script).toContain('chain --autofree http://10.0.0.1:7413/boot.ipxe');
    expect(script.trimEnd().endsWith('exit 0')).toBe(true);
  });

  test('hands its own words for the kernel on to the script of the head', () => {
    const made = { lab: 'Room 12', entrance: 'http://10.0.0.1:7413/boot.ipxe' };
    const script = floppyScript({ ...made, kernelOptions: 'nomodeset quiet' });
    const name = /^set (\S+) nomodeset quiet$/m.exec(script)?.[1] ?? '';
    expect(ipxeScript({ lab: 'Room 12', kernelOptions: '' })).toContain(`\${${name}}`);
    expect(floppyScript({ ...made, kernelOptions: '' })).not.toContain(name);
  });
});

/** GRUB's script, as far as `nightTest` uses it: nested ifs of comparisons, -a before -o. */
function asGrubDecides(hours: BootHours, now: number): boolean {
  let night = false;
  const clock: Readonly<Record<string, number>> = {
    $HOUR: Math.floor(now / 60),
    $MINUTE: now % 60,
  };
  const number = (word: string): number => clock[word] ?? Number(word);
  const compare = (text: string): boolean => {
    const [left = '', operator = '', right = ''] = text.trim().split(' ');
    const [a, b] = [number(left), number(right)];
    return { '-gt': a > b, '-lt': a < b, '-eq': a === b, '-ge': a >= b }[operator] ?? false;
  };
  const holds = (test: string): boolean =>
    test.split(' -o ').some((part) => part.split(' -a ').every(compare));
  for (const line of nightTest(hours)) {
    const tests = [...line.matchAll(/\[ (.*?) \]/g)].map((match) => match[1] ?? '');
    const value = /set night=(yes|no)/.exec(line)?.[1];
    if (tests.every(holds)) night = value === 'yes';
  }
  return night;
}
