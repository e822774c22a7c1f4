import { attemptName, type AttemptKey } from '../../shared/domain/attempt-key.ts';
import type { BlobHash, MemberId } from '../../shared/domain/ids.ts';
import type { ToHead } from '../../shared/wire/to-head.ts';
import { isStale } from '../core/lab/hear.ts';
import type { LabState } from '../core/state/state.ts';

interface Held {
  readonly member: MemberId;
  readonly of: AttemptKey;
  readonly hashes: Set<BlobHash>;
}

/**
 * What members sent for attempts that are alive and have not spoken of yet: a log may be here an hour before the last
 * of the outputs is. A head that starts anew has forgotten it; then blobs have their own time (see `BlobStore`), and
 * what is gone when a member speaks of it is asked for again.
 */
export class BlobHolds {
  readonly #held = new Map<string, Held>();

  hold(member: MemberId, of: AttemptKey, hash: BlobHash): void {
    const name = nameOf(member, of);
    let held = this.#held.get(name);
    if (held === undefined) this.#held.set(name, (held = { member, of, hashes: new Set() }));
    held.hashes.add(hash);
  }

  /**
   * A save is over: the lab refers to what came of it itself, or nobody will. Otherwise each checkpoint of a long task
   * would stay until its end.
   */
  onSaved(member: MemberId, message: ToHead): void {
    const isSave = message.t === 'checkpointed' || message.t === 'checkpoint-failed';
    if (!isSave) return;
    const name = nameOf(member, message);
    if (message.t === 'checkpoint-failed') this.#held.delete(name);
    else
      for (const hash of [message.hash, message.log])
        if (hash !== null) this.#held.get(name)?.hashes.delete(hash);
  }

  /** Adds what is held to a set; what belongs to attempts that are over is let go. */
  addTo(found: Set<BlobHash>, state: LabState): void {
    for (const [name, { member, of, hashes }] of this.#held) {
      if (isStale(state, member, of)) this.#held.delete(name);
      else for (const hash of hashes) found.add(hash);
    }
  }
}

/** The member is part of it: what one says of another's task neither adds nor takes. */
const nameOf = (member: MemberId, of: AttemptKey): string => `${member} ${attemptName(of)}`;
