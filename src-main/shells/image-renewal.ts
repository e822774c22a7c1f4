import { epochMillis, hours, type EpochMillis } from '../../shared/base/units.ts';
import type { Result } from '../../shared/base/result.ts';
import type { Clock, Disposable } from '../../shared/ports/clock.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import { isRenewalDue, type ImageAge } from '../core/boot-image/image-age.ts';

const lookEvery = hours(1);

export interface ImageRenewalPorts {
  readonly clock: Clock;
  /** The newest image that is kept; undefined before the first. */
  readonly newest: () => ImageAge | undefined;
  /** No PC is in the lab. */
  readonly isQuiet: () => boolean;
  /** Of Debian's packages as they are now. */
  readonly build: () => Promise<Result<unknown>>;
  readonly log: (line: string) => void;
}

/** Keeps what PCs boot a week old at the most, where this head can build it. PCs boot it from the next night on. */
export function keepImagesFresh(ports: ImageRenewalPorts): Disposable {
  const { clock, log } = ports;
  let triedAt: EpochMillis | null = null;
  let next: Disposable | undefined;
  let isOver = false;
  const look = async (): Promise<void> => {
    const now = epochMillis(clock.wall());
    if (isRenewalDue(ports.newest(), { now, triedAt, isQuiet: ports.isQuiet() })) {
      triedAt = now;
      log('the member system is a week old and is built anew');
      const built = await ports.build();
      log(
        built.ok
          ? 'the member system is of today; PCs boot it from now on, and sticks have to be written anew'
          : `the member system was not built anew: ${refusalWords(built.error)}`,
      );
    }
  };
  const again = (): void => {
    if (isOver) return;
    next = clock.after('look at the age of the member system', lookEvery, () => {
      void look()
        .catch((error: unknown) => log(`the member system was not built anew: ${String(error)}`))
        .finally(again);
    });
  };
  again();
  return {
    dispose: () => {
      isOver = true;
      next?.dispose();
    },
  };
}
