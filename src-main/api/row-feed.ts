import { sameValue } from '../../shared/api/list-changes.ts';
import type { ChangeTicks } from './change-ticks.ts';

/** One row of the lab: as it is, then whenever it is another. `read` throws when the row is gone. */
export async function* rowFeed<Row>(
  ticks: ChangeTicks,
  read: () => Row,
  signal: AbortSignal,
): AsyncGenerator<Row, void, void> {
  let told: { readonly row: Row } | undefined;
  for await (const _tick of ticks.watch(signal)) {
    const row = read();
    if (told !== undefined && sameValue(told.row, row)) continue;
    told = { row };
    yield row;
  }
}
