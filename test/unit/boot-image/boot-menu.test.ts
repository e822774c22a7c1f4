import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
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
