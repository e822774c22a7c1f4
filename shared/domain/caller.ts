import { ok } from '../base/result.ts';
import type { Verdict } from './actions.ts';
import { refuseFor } from './refusals.ts';

/** Who calls, as far as it decides what may be asked. Everybody who is let in has the lab's one token so far. */
export interface Caller {
  /** The call comes from the head's own machine. */
  readonly isHere: boolean;
}

/**
 * From where a procedure may be called. `here`: it touches the head's own machine (its drives, files by any path, practice PCs with
 * root's rights, the head itself), and a token that was read off somewhere must not do that from any place of the network.
 */
export type CalledFrom = 'anywhere' | 'here';

/** Whether this caller may ask for this procedure, such as `media.write`. One that says nothing may be asked for by nobody. */
export function callerMay(
  { isHere }: Caller,
  procedure: string,
  from: CalledFrom | undefined,
): Verdict {
  if (from === 'anywhere' || (from === 'here' && isHere)) return ok(null);
  return refuseFor('refused', 'only-at-the-head', { procedure });
}
