import type { IncomingMessage } from 'node:http';
import { isOwnAddress } from '../platform/discovery/lab-interfaces.ts';
import type { CallContext } from './caller.ts';

export function callContext(request: IncomingMessage): CallContext {
  const address = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const isHere = address === '::1' || address.startsWith('127.') || isOwnAddress(address);
  return { caller: { isHere } };
}
