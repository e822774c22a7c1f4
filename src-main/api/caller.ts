import type { IncomingMessage } from 'node:http';
import { isOwnAddress } from '../platform/lab-interfaces.ts';
import { refusalError } from './refusal-error.ts';

/** Who calls, as far as it decides what may be asked. Everybody who is let in has the lab's one token so far. */
export interface CallerContext {
  /** The call comes from the head's own machine. */
  readonly isHere: boolean;
}

export function callerContext(request: IncomingMessage): CallerContext {
  const address = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  return { isHere: address === '::1' || address.startsWith('127.') || isOwnAddress(address) };
}

/**
 * Procedures that touch the head's own machine: its drives, files by any path, practice PCs with root's rights, the head
 * itself. A token that was read off somewhere must not do that from any place of the network.
 */
export const onlyHere: readonly string[] = [
  'media.list',
  'media.write',
  'media.restore',
  'media.image',
  'images.build',
  'practice.up',
  'practice.down',
  'practice.unplug',
  'practice.replug',
  'practice.cut',
  'practice.heal',
  'practice.keypress',
  'lab.shutdown',
];

export function insistOnHere(path: readonly string[], { isHere }: CallerContext): void {
  const name = path.join('.');
  if (isHere || !onlyHere.includes(name)) return;
  throw refusalError({
    code: 'refused',
    sentence: `${name} touches the head's own machine and is done there only: run the command on the head itself.`,
  });
}
