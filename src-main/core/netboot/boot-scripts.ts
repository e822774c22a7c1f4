import { plain, serialTerminal } from '../boot-image/boot-menu.ts';
import { floppyWords } from '../boot-image/floppy-image.ts';

/**
 * What the second stage reads. Both kinds come in two steps: a fixed entrance that names the PC by its card, and the
 * PC's own script, which the head writes at that moment: boot the lab, wait for a turn, or boot the disk.
 */
export interface LabBoot {
  readonly lab: string;
  readonly kernelOptions: string;
}

/** Seconds between two questions of a PC that waits for its turn. */
export const turnEvery = 3;

/** iPXE (ipxe.org/scripting). `netX` is the card it came in by; URLs are relative to the script's own. */
export const ipxeEntranceScript = `#!ipxe
set tries:int32 0
:ask
chain --autofree pc/\${netX/mac:hexhyp}/boot.ipxe && goto disk ||
inc tries
iseq \${tries} 5 && goto disk ||
echo Nightshift: the head does not answer; trying again.
sleep 3
goto ask
:disk
exit 0
`;

export function ipxeScript({ lab, kernelOptions }: LabBoot): string {
  return `#!ipxe
echo Nightshift: fetching the member system of lab ${plain(lab)}
kernel vmlinuz initrd=initrd initrd=identity quiet ${kernelOptions} \${${floppyWords}} || exit 1
initrd --name initrd initrd || exit 1
initrd --name identity identity || exit 1
boot || exit 1
`;
}

export const ipxeWaitScript = (ahead: number): string => `#!ipxe
echo Nightshift: ${ahead} other PCs are fetching the member system; waiting for a turn.
sleep ${turnEvery}
chain --replace --autofree boot.ipxe
`;

export const ipxeDiskScript = `#!ipxe
echo Nightshift: this PC boots its own disk now.
exit 0
`;

/**
 * GRUB, as \`grub/grub.cfg\` by TFTP (Debian's signed image has the prefix /grub). \`net_default_server\` is where
 * shim came from: GRUB reads the proxy's answer since 2.12 (before, it took the DHCP server for the boot server).
 */
export const grubEntranceScript = (httpPort: number): string => `set timeout=0
set lab="(http,$net_default_server:${httpPort})/pc/$net_default_mac"
export lab
configfile $lab/boot.grub
echo "Nightshift: the head does not answer; this PC boots its own disk."
sleep 3
exit
`;

export function grubScript({ lab, kernelOptions }: LabBoot): string {
  return `${serialTerminal(kernelOptions)
    .map((line) => `${line}\n`)
    .join('')}echo "Nightshift: fetching the member system of lab ${plain(lab)}"
if linux $lab/vmlinuz quiet ${kernelOptions}; then
  if initrd $lab/initrd $lab/identity; then
    boot
  fi
fi
echo "Nightshift: the member system did not arrive; this PC boots its own disk."
sleep 3
exit
`;
}

export const grubWaitScript = (
  ahead: number,
): string => `echo "Nightshift: ${ahead} other PCs are fetching the member system; waiting for a turn."
sleep ${turnEvery}
configfile $lab/boot.grub
`;

export const grubDiskScript = `echo "Nightshift: this PC boots its own disk now."
exit
`;
