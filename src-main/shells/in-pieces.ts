import { millis, type Millis } from '../../shared/base/units.ts';
import type { Clock, Disposable } from '../../shared/ports/clock.ts';

/** Work that lasts: whoever does it pauses at each `yield`, so that whatever else the head has to do has its turn. */
export type InPieces<Value> = Generator<undefined, Value>;

/** Does it, with so long a pause between pieces; disposed of, it is left there. Whatever it throws goes to `failed`. */
export function doInPieces<Value>(
  clock: Clock,
  name: string,
  work: InPieces<Value>,
  done: (value: Value) => void,
  failed: (error: unknown) => void,
  pause: Millis = millis(0),
): Disposable {
  let next: Disposable | undefined;
  const goOn = (): void => {
    try {
      const piece = work.next();
      if (piece.done) done(piece.value);
      else next = clock.after(name, pause, goOn);
    } catch (error) {
      failed(error);
    }
  };
  next = clock.after(name, millis(0), goOn);
  return { dispose: () => next?.dispose() };
}
