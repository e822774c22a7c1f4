import { formatBootHours, type BootHours } from '../../../shared/domain/boot-hours.ts';

export interface MenuWish {
  readonly lab: string;
  /** When PCs may boot the lab by themselves; null: always. */
  readonly hours: BootHours | null;
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
 * In BIOS GRUB reads the clock. Many BIOSes take the stick for the first hard disk and know no second one to go on to,
 * so GRUB starts the disk itself, but never one with a partition it cannot read: that may be BitLocker's.
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
          ...nightTest(hours).map((line) => `  ${line}`),
          '  if [ "$night" = yes ]; then set default=now; else set default=own; fi',
          'else',
          '  set default=clock',
          'fi',
        ]),
    '',
    ...entry('now', now, bootLines(wish, '')),
    ...(hours === null
      ? []
      : [
          'if [ "$grub_platform" != pc ]; then',
          ...entry('clock', clock, bootLines(wish, ` nightshift.hours=${formatBootHours(hours)}`)),
          'fi',
        ]),
    ...entry('own', "Start this PC's own system", [
      'if [ "$grub_platform" = pc ]; then',
      ...ownDisk.map((line) => `  ${line}`),
      'else',
      ...bootLines(wish, ' nightshift.hours=never').map((line) => `  ${line}`),
      'fi',
    ]),
  ].join('\n')}\n`;
}

/** Only BIOS. The stick is hd0; Windows wants to be started from what the BIOS calls its first disk. */
const ownDisk: readonly string[] = [
  'set readable=yes',
  'for part in (hd1,*); do',
  '  if probe --set=kind --fs $part; then set last=$part; else set readable=no; fi',
  'done',
  'if [ "$readable" = yes ]; then',
  '  drivemap --swap (hd0) (hd1)',
  '  if chainloader (hd1)+1; then boot; fi',
  'fi',
  'exit',
];

/**
 * Sets `night`. HOUR and MINUTE come from module datehook, by the PC's own clock, which a PC with Windows keeps in local
 * time. -a binds stronger than -o.
 */
export function nightTest({ from, until }: BootHours): readonly string[] {
  const since = `$HOUR -gt ${hourOf(from)} -o $HOUR -eq ${hourOf(from)} -a $MINUTE -ge ${from % 60}`;
  const before = `$HOUR -lt ${hourOf(until)} -o $HOUR -eq ${hourOf(until)} -a $MINUTE -lt ${until % 60}`;
  const lines = ['set night=no'];
  return from < until
    ? [...lines, `if [ ${since} ]; then if [ ${before} ]; then set night=yes; fi; fi`]
    : [
        ...lines,
        `if [ ${since} ]; then set night=yes; fi`,
        `if [ ${before} ]; then set night=yes; fi`,
      ];
}

const hourOf = (minute: number): number => Math.floor(minute / 60);

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
