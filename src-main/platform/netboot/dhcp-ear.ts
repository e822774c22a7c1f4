import { createSocket } from 'node:dgram';

const dhcpServerPort = 67;

/**
 * Hears DHCP questions that come by broadcast, beside dnsmasq, which has the same port: its log keeps silent on who asks for
 * what it does not serve. Broadcasts reach every socket of a port; what is sent to dnsmasq alone goes to its own, which is
 * bound to its interface. Where the port cannot be shared nothing is heard, and all else goes on.
 */
export function hearQuestions(told: (packet: Uint8Array) => void): () => void {
  const socket = createSocket({ type: 'udp4', reuseAddr: true, reusePort: true });
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    socket.close();
  };
  socket.on('error', close);
  socket.on('message', (packet) => told(packet));
  socket.bind(dhcpServerPort, '0.0.0.0', () => socket.unref());
  return close;
}
