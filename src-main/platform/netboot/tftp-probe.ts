import { createSocket } from 'node:dgram';
import {
  decodeTftpAnswer,
  encodeReadRequest,
  encodeTftpAbort,
  tftpPort,
  type TftpAnswer,
} from '../../core/netboot/tftp-packet.ts';

/** Asks for a file and takes its first piece; undefined when nothing answers in time. */
export function askTftp(
  server: string,
  file: string,
  patience: number,
): Promise<TftpAnswer | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const timers: NodeJS.Timeout[] = [];
    const finish = (answer: TftpAnswer | undefined): void => {
      for (const timer of timers) clearTimeout(timer);
      socket.close(() => resolve(answer));
    };
    socket.on('error', () => finish(undefined));
    socket.on('message', (bytes, from) => {
      const answer = decodeTftpAnswer(bytes);
      if (answer === undefined) return;
      if (answer.kind === 'error') finish(answer);
      else socket.send(encodeTftpAbort(), from.port, from.address, () => finish(answer));
    });
    const ask = (): void => socket.send(encodeReadRequest(file), tftpPort, server);
    ask();
    timers.push(setTimeout(ask, patience / 2));
    timers.push(setTimeout(() => finish(undefined), patience));
  });
}
