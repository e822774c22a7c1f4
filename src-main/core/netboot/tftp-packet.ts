/** The two packets that tell whether TFTP gets through (RFC 1350 §5). */
export const tftpPort = 69;

export function encodeReadRequest(file: string): Uint8Array {
  const words = `${file}\0octet\0`;
  return Uint8Array.from([0, 1, ...Array.from(words, (letter) => letter.charCodeAt(0))]);
}

export type TftpAnswer =
  | { readonly kind: 'piece'; readonly block: number; readonly bytes: Uint8Array }
  | { readonly kind: 'error'; readonly words: string };

export function decodeTftpAnswer(packet: Uint8Array): TftpAnswer | undefined {
  const [high, operation, first, second] = packet;
  if (high !== 0 || first === undefined || second === undefined) return undefined;
  if (operation === 3) {
    return { kind: 'piece', block: first * 256 + second, bytes: packet.subarray(4) };
  }
  if (operation !== 5) return undefined;
  const end = packet.indexOf(0, 4);
  const words = packet.subarray(4, end === -1 ? undefined : end);
  return { kind: 'error', words: String.fromCharCode(...words).replaceAll(/[^\x20-\x7e]/g, '?') };
}

/** Ends the transfer after its first piece, so that the server does not repeat it. */
export const encodeTftpAbort = (): Uint8Array =>
  Uint8Array.from([0, 5, 0, 0, ...Array.from('enough\0', (letter) => letter.charCodeAt(0))]);
