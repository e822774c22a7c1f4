import { createSocket } from 'node:dgram';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import {
  decodeAnswer,
  encodeDiscover,
  type DhcpAnswer,
  type DhcpQuestion,
} from '../../core/netboot/dhcp-packet.ts';

const serverPort = 67;
const clientPort = 68;

export interface DhcpProbe {
  /** The interface's directed broadcast address: the kernel sends it out there and nowhere else. */
  readonly broadcast: string;
  readonly question: DhcpQuestion;
  /** Milliseconds. A server that pings the address it is about to offer takes a second. */
  readonly patience: number;
}

/**
 * Asks as a starting PC does and collects every answer. Nothing is taken: an offer that nobody requests lapses. Port 68
 * is shared with a DHCP client of this machine that shares it too; broadcast answers reach both.
 */
export function askDhcp(probe: DhcpProbe): Promise<Result<readonly DhcpAnswer[]>> {
  const { question, broadcast, patience } = probe;
  return new Promise((resolve) => {
    const answers = new Map<string, DhcpAnswer>();
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    const timers: NodeJS.Timeout[] = [];
    const finish = (result: Result<readonly DhcpAnswer[]>): void => {
      for (const timer of timers) clearTimeout(timer);
      socket.close();
      resolve(result);
    };
    socket.on('error', (error: NodeJS.ErrnoException) => finish(portRefusal(error)));
    socket.on('message', (bytes, from) => {
      const answer = decodeAnswer(bytes, from.address);
      if (answer?.transaction !== question.transaction) return;
      answers.set(JSON.stringify(answer), answer);
    });
    socket.bind({ port: clientPort, address: '0.0.0.0' }, () => {
      socket.setBroadcast(true);
      const ask = (): void => socket.send(encodeDiscover(question), serverPort, broadcast);
      ask();
      timers.push(setTimeout(ask, patience / 2)); // one may get lost
      timers.push(setTimeout(() => finish(ok([...answers.values()])), patience));
    });
  });
}

function portRefusal(error: NodeJS.ErrnoException): ReturnType<typeof refuse> {
  switch (error.code) {
    case 'EACCES':
    case 'EPERM':
      return refuse(
        'refused',
        'Asking for an address as a PC does needs root; run the head as root.',
      );
    case 'EADDRINUSE':
      return refuse(
        'refused',
        'Another program of this machine keeps UDP port 68 to itself (a DHCP client); stop it while diagnosing.',
      );
    default:
      return refuse('failed', `The question could not be sent (${error.message}).`);
  }
}
