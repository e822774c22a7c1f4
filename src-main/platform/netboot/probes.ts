import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { networkInterfaces } from 'node:os';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { parseMacAddress } from '../../../shared/domain/mac-address.ts';
import type { Datagram, Probes, Question } from '../../ports/netboot.ts';

const httpPatience = 3000;

export const openProbes = (log: (line: string) => void): Probes => ({
  ask,
  broadcast: ({ name, address }, to, port, bytes) => {
    const socket = createSocket('udp4');
    const report = (error: Error | null): void => {
      if (error) log(`what was to be told to everybody on ${name} was not sent: ${error.message}`);
    };
    socket.on('error', report);
    socket.bind({ address, port: 0 }, () => {
      socket.setBroadcast(true);
      socket.send(bytes, port, to, (error) => {
        report(error);
        socket.close();
      });
    });
  },
  fetch: (url) =>
    new Promise((resolve) => {
      const request = get(url, { timeout: httpPatience, agent: false }, (response) => {
        response.resume();
        const status = response.statusCode ?? 0;
        resolve(status === 200 ? null : `${url} answers ${status}`);
      });
      request.on('timeout', () => request.destroy(new Error('no answer')));
      request.on('error', (error) => resolve(`${url}: ${error.message}`));
    }),
  ownAddresses: () =>
    Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)),
  macOf: (name) => parseMacAddress(networkInterfaces()[name]?.[0]?.mac ?? ''),
  neighbour: (address) => {
    try {
      const line = readFileSync('/proc/net/arp', 'utf8')
        .split('\n')
        .find((one) => one.startsWith(`${address} `));
      return parseMacAddress(line?.split(/\s+/)[3] ?? '');
    } catch {
      return undefined; // not Linux
    }
  },
});

/**
 * A port of its own, such as DHCP's, is shared with a client of this machine that shares it too; broadcast answers
 * reach both.
 */
function ask({
  to,
  port,
  bytes,
  ownPort,
  patience,
  thanks,
}: Question): Promise<Result<readonly Datagram[]>> {
  return new Promise((resolve) => {
    const answers: Datagram[] = [];
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    const timers: NodeJS.Timeout[] = [];
    let over = false;
    const finish = (result: Result<readonly Datagram[]>): void => {
      if (over) return;
      over = true;
      for (const timer of timers) clearTimeout(timer);
      socket.close(() => resolve(result));
    };
    socket.on('error', (error: NodeJS.ErrnoException) => finish(socketRefusal(error, ownPort)));
    socket.on('message', (answer, from) => {
      answers.push({ bytes: answer, from: from.address });
      if (thanks === null) return;
      socket.send(thanks, from.port, from.address, () => finish(ok(answers)));
    });
    socket.bind({ port: ownPort ?? 0, address: '0.0.0.0' }, () => {
      socket.setBroadcast(true);
      // What a firewall of this machine forbids comes back as an error: nobody answers then either.
      const send = (): void => socket.send(bytes, port, to, () => undefined);
      send();
      timers.push(setTimeout(send, patience / 2)); // one may get lost
      timers.push(setTimeout(() => finish(ok(answers)), patience));
    });
  });
}

function socketRefusal(
  error: NodeJS.ErrnoException,
  port: number | null,
): ReturnType<typeof refuse> {
  switch (error.code) {
    case 'EACCES':
    case 'EPERM':
      return refuse('refused', 'asking as a PC does needs root; run the head as root.');
    case 'EADDRINUSE':
      return refuse(
        'refused',
        `another program of this machine keeps UDP port ${port ?? 0} to itself; stop it while diagnosing.`,
      );
    default:
      return refuse('failed', `the question could not be sent (${error.message}).`);
  }
}
