import { createSocket } from 'node:dgram';
import { wakePort } from '../../core/netboot/magic-packet.ts';
import { broadcastOf, type ProxyInterface } from '../../core/netboot/dnsmasq-config.ts';
import type { WakeSender } from '../../shells/netboot-ports.ts';

/** Magic packets as broadcasts: a sleeping PC answers no ARP, so nothing else would reach it. */
export function broadcastWakeSender(
  interfaces: () => readonly ProxyInterface[],
  log: (line: string) => void,
): WakeSender {
  return {
    send: (packet) => {
      for (const { name, address, netmask } of interfaces()) {
        const socket = createSocket('udp4');
        const report = (error: Error | null): void => {
          if (error) log(`the wake-up call on ${name} was not sent: ${error.message}`);
          socket.close();
        };
        socket.bind({ address, port: 0 }, () => {
          socket.setBroadcast(true);
          socket.send(packet, wakePort, broadcastOf(address, netmask), report);
        });
        socket.on('error', (error) => log(`the wake-up call on ${name}: ${error.message}`));
      }
    },
  };
}
