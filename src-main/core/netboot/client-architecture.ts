/**
 * What a network-booting firmware is, as DHCP option 93 says it. Numbers: IANA "Processor Architecture Types",
 * begun by RFC 4578 §2.1 (where 7 was called EFI BC and 9 EFI x86-64; firmware uses both for x86-64).
 */
export type Firmware = 'bios' | 'uefi' | 'uefi-http' | 'other';

/** x86 BIOS. */
export const biosArchitecture = 0;
/** x86-64 UEFI; OVMF and nearly all PCs say 7, some say 9. */
export const uefiArchitectures = [7, 9] as const;
/** UEFI on x86 with 32 bits: tablets and small PCs, some with a processor that could do 64. */
const uefi32Architecture = 6;
/** EFI for XScale, UEFI on ARM with 32 and 64 bits, the same of U-Boot. */
const armArchitectures: readonly number[] = [8, 10, 11, 21, 22];
/** Those that fetch their first stage by HTTP (RFC 5970's vendor class HTTPClient), x86-64 UEFI among them. */
const httpArchitectures: readonly number[] = [15, 16, 17, 18, 19, 20, 23, 24, 26, 28, 30, 38, 40];

export function firmwareOf(architecture: number): Firmware {
  if (architecture === biosArchitecture) return 'bios';
  if (uefiArchitectures.some((known) => known === architecture)) return 'uefi';
  return httpArchitectures.includes(architecture) ? 'uefi-http' : 'other';
}

/** Why a PC that asks as this gets no answer, and what to do; null: it gets one. */
export function whyUnanswered(architecture: number): string | null {
  const firmware = firmwareOf(architecture);
  if (firmware === 'bios' || firmware === 'uefi') return null;
  if (firmware === 'uefi-http') return httpBootWords;
  if (architecture === uefi32Architecture) {
    return '32-bit UEFI: this lab’s system does not run there; switch its setup to BIOS (CSM) if it can, else leave this PC out.';
  }
  const what = armArchitectures.includes(architecture)
    ? 'ARM'
    : `Its firmware is of architecture ${architecture}`;
  return `${what}: this lab’s system does not run there; leave this PC out.`;
}

export const httpBootWords = 'It asks for HTTP boot: choose PXE (IPv4) in its setup.';

/** `PXEClient:Arch:00007:UNDI:003016` (PXE 2.1 §2.2.1, table 2-1) → 7; undefined when it says none. */
export function architectureIn(vendorClass: string): number | undefined {
  const digits = /^(?:PXE|HTTP)Client:Arch:(\d{5})/.exec(vendorClass)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
