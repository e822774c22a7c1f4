import { formatBootHours, type BootHours } from '../../../shared/domain/boot-hours.ts';
import { byClockWord, clockWords, nightByClock, type PcClocks } from './pc-clock.ts';

export { nightTest } from './pc-clock.ts';

export interface MenuWish {
  readonly lab: string;
  /** When PCs may boot the lab by themselves; null: always. */
  readonly hours: BootHours | null;
  readonly clocks?: PcClocks;
  /** For the kernel, besides what the menu says itself. */
  readonly kernelOptions: string;
}

/** Names on the stick. */
export const stickFiles = {
  kernel: 'vmlinuz',
  base: 'system.img',
  start: 'start.img',
  identity: 'identity.cpio',
} as const;

/** Seconds in which somebody can choose otherwise. */
const patience = 5;

/**
 * The stick's menu, a script for GRUB (info grub, "Shell-like scripting"), the same for BIOS and UEFI. By day a PC
 * starts its own system.
 *
 * In UEFI GRUB does not decide: Debian's signed GRUB has no module that reads the clock, and once shim has run, TPM
 * registers 4 and 7 are no longer what BitLocker sealed its key to, so that Windows, booted after a mere return to the
 * firmware, would ask for the recovery key. There the member system looks at the clock first of all
 * (`nightshift.hours`); by day it names the PC's own system as BootNext and resets, as it does when a PC is released.
 *
 * In BIOS GRUB reads the clock, and the head looks at its own when such a PC comes (`nightshift.by-clock`). Many BIOSes
 * take the stick for the first hard disk and know no second one to go on to, so GRUB starts the disk itself, but never one
 * with a partition that may be BitLocker's: one it cannot read and that does not begin with zeros.
 */
export function bootMenu(wish: MenuWish): string {
  const { hours } = wish;
  const now = `Join the lab "${plain(wish.lab)}" now (Nightshift)`;
  const clock =
    hours === null ? '' : `By the clock: the lab from ${formatBootHours(hours)}, else own system`;
  return `${[
    ...serialTerminal(wish.kernelOptions),
    `set timeout=${patience}`,
    'if [ ! -f /vmlinuz ]; then search --no-floppy --label NIGHTSHIFT --set=root; fi',
    ...(hours === null
      ? ['set default=now']
      : [
          'if [ "$grub_platform" = pc ]; then',
          ...nightByClock(hours, wish.clocks).map((line) => `  ${line}`),
          'fi',
          'export night clock',
          'set default=clock',
          'if [ "$grub_platform" = pc -a "$night" = no ]; then set default=own; fi',
        ]),
    '',
    ...entry('now', now, bootLines(wish, '')),
    ...(hours === null
      ? []
      : [
          ...entry('clock', clock, [
            'if [ "$grub_platform" != pc ]; then',
            ...bootLines(
              wish,
              ` nightshift.hours=${formatBootHours(hours)}${clockWords(wish.clocks)}`,
            ).map((line) => `  ${line}`),
            'elif [ "$night" = yes ]; then',
            ...bootLines(wish, byClockWord(hours)).map((line) => `  ${line}`),
            'else',
            ...ownDisk.map((line) => `  ${line}`),
            'fi',
          ]),
        ]),
    ...entry('own', "Start this PC's own system", [
      ...(hours === null ? [] : saysBadClock),
      'if [ "$grub_platform" = pc ]; then',
      ...ownDisk.map((line) => `  ${line}`),
      'else',
      ...bootLines(wish, ' nightshift.hours=never').map((line) => `  ${line}`),
      'fi',
    ]),
  ].join('\n')}\n`;
}

const saysBadClock: readonly string[] = [
  'if [ "$clock" = bad ]; then',
  '  echo "The clock of this PC is not set ($YEAR-$MONTH-$DAY): put it right in its setup, or change its battery."',
  'fi',
];

/**
 * A partition that cannot be read but begins with a sector of zeros is no BitLocker volume, whose first sector is a boot sector:
 * it is swap, a part of a volume group or of a RAID, or nothing. GRUB compares by a list of digests (info grub, "hashsum").
 */
export const emptySector = {
  path: '/boot/grub/empty',
  text: '076a27c79e5ace2a3d47f9dd2e83e4ff6ea8872b3c2218f66c92b89b55f36560  (first)0+1\n',
} as const;

/** Only BIOS. The stick is hd0; Windows wants to be started from what the BIOS calls its first disk. */
const ownDisk: readonly string[] = [
  'set sealed=no',
  'for part in (hd1,*); do',
  '  if probe --set=kind --fs $part; then set last=$part; else',
  '    loopback first ${part}0+1',
  `    if hashsum --hash sha256 --check ${emptySector.path}; then set last=$part; else set sealed=$part; fi`,
  '    loopback -d first',
  '  fi',
  'done',
  'if [ "$sealed" = no ]; then',
  '  echo "Starting this PC\'s own disk ..."',
  '  drivemap --swap (hd0) (hd1)',
  '  if chainloader (hd1)+1; then boot; fi',
  'else',
  '  echo "$sealed may be encrypted (BitLocker), so its disk is not started from here, but by the BIOS."',
  '  echo "Should this menu come again, take the stick out."',
  '  sleep 5',
  'fi',
  'exit',
];

const bootLines = ({ kernelOptions }: MenuWish, more: string): readonly string[] => [
  'echo "Loading the member system ..."',
  `linux /${stickFiles.kernel} quiet${more}${kernelOptions === '' ? '' : ` ${kernelOptions}`}`,
  `initrd /${stickFiles.base} /${stickFiles.start} /${stickFiles.identity}`,
];

const entry = (id: string, title: string, lines: readonly string[]): readonly string[] => [
  `menuentry '${title.replaceAll("'", "'\\''")}' --id ${id} {`,
  ...lines.map((line) => `  ${line}`),
  '}',
];

/** Who wants the kernel's words on a serial line wants the menu's there, too. */
export function serialTerminal(kernelOptions: string): readonly string[] {
  const unit = /\bconsole=ttyS(\d)/.exec(kernelOptions)?.[1];
  return unit === undefined
    ? []
    : [
        `serial --unit=${unit} --speed=115200`,
        'terminal_input serial console',
        'terminal_output serial console',
      ];
}

/** A lab's name must not become a command, and old firmware shows ASCII only. */
export const plain = (text: string): string => text.replaceAll(/[^A-Za-z0-9 ._-]/g, '_');
