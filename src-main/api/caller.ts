import { refuse } from '../../shared/base/result.ts';
import { refusalError } from './refusal-error.ts';

/** Who calls, as far as it decides what may be asked. Everybody who is let in has the lab's one token so far. */
export interface CallerContext {
  /** The call comes from the head's own machine. */
  readonly isHere: boolean;
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
  const sentence = `${name} touches the head's own machine and is done there only: run the command on the head itself.`;
  throw refusalError(refuse('refused', sentence).error);
}
