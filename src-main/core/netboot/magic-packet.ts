import { macBytes, type MacAddress } from '../../../shared/domain/mac-address.ts';

/** Nobody listens at "discard" (RFC 863); the sleeping card looks for the pattern in any frame. */
export const wakePort = 9;

/** Six bytes FF, then the address sixteen times (AMD publication 20213, "Magic Packet Technology", 1995). */
export function magicPacket(mac: MacAddress): Uint8Array {
  const packet = new Uint8Array(6 + 16 * 6);
  packet.fill(0xff, 0, 6);
  for (let repetition = 0; repetition < 16; repetition += 1) {
    packet.set(macBytes(mac), 6 + repetition * 6);
  }
  return packet;
}
