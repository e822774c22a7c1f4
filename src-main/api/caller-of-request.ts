import type { IncomingMessage } from 'node:http';
import { isOwnAddress } from '../platform/discovery/lab-interfaces.ts';
import type { CallerContext } from './caller.ts';

export function callerContext(request: IncomingMessage): CallerContext {
  const address = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  return { isHere: address === '::1' || address.startsWith('127.') || isOwnAddress(address) };
}
