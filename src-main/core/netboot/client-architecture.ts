/**
 * What a network-booting firmware is, as DHCP option 93 says it. Numbers: IANA "Processor Architecture Types",
 * begun by RFC 4578 §2.1 (where 7 was called EFI BC and 9 EFI x86-64; firmware uses both for x86-64).
 */
export type Firmware = 'bios' | 'uefi' | 'uefi-http' | 'other';

/** x86 BIOS. */
export const biosArchitecture = 0;
/** x86-64 UEFI; OVMF and nearly all PCs say 7, some say 9. */
export const uefiArchitectures = [7, 9] as const;
/** x86-64 UEFI that fetches its first stage by HTTP (RFC 5970's vendor class HTTPClient). */
const uefiHttpArchitecture = 16;

export function firmwareOf(architecture: number): Firmware {
  if (architecture === biosArchitecture) return 'bios';
  if (uefiArchitectures.some((known) => known === architecture)) return 'uefi';
  return architecture === uefiHttpArchitecture ? 'uefi-http' : 'other';
}

/** `PXEClient:Arch:00007:UNDI:003016` (PXE 2.1 §2.2.1, table 2-1) → 7; undefined when it says none. */
export function architectureIn(vendorClass: string): number | undefined {
  const digits = /^(?:PXE|HTTP)Client:Arch:(\d{5})/.exec(vendorClass)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
