import { monotonicMillis, epochMillis } from '../../../shared/base/units.ts';
import { nightTimings } from '../../../shared/domain/timings.ts';
import { onTick } from '../../../src-main/core/lab/decide.ts';
import type { LabEvent } from '../../../src-main/core/lab/events.ts';
import { beginTurn } from '../../../src-main/core/lab/turn.ts';
import { SqliteEventStore } from '../../../src-main/platform/store/sqlite-event-store.ts';
import { loadLab, projectionsOf } from '../../../src-main/shells/lab-rows.ts';
import { SeededRng } from '../../sim/seeded-rng.ts';
import { spansOfTimes, type Spans } from './queries.ts';

const rounds = 500;

/** Milliseconds of a tick on the lab that a head has left in its store, as if its members were there; stored as the head does. */
export function ticksOf(path: string): Spans {
  const opened = SqliteEventStore.open<LabEvent>(path, (event) => event.e);
  if (!opened.ok) throw new Error(opened.error.sentence);
  const store = opened.value;
  const state = loadLab(store, monotonicMillis(0));
  for (const member of state.members.values()) member.linked = true;
  const rng = new SeededRng(1);
  const spans: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const now = monotonicMillis(round * 1500);
    for (const member of state.members.values()) member.heardAt = now;
    const began = performance.now();
    const turn = beginTurn(state, nightTimings, rng, now, epochMillis(round * 1500));
    onTick(turn);
    if (turn.events.length > 0) store.append(turn.wall, turn.events, projectionsOf(state, [turn]));
    spans.push(performance.now() - began);
  }
  store.close();
  return spansOfTimes(spans);
}
