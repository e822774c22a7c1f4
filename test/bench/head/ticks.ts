import { monotonicMillis, epochMillis } from '../../../shared/base/units.ts';
import { nightTimings } from '../../../shared/domain/timings.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { onTick } from '../../../src-main/core/lab/decide.ts';
import { labEvents } from '../../../src-main/core/log-form/event-form.ts';
import type { LabEvent } from '../../../src-main/core/state/events.ts';
import { seenOf } from '../../../src-main/core/state/state.ts';
import { beginTurn } from '../../../src-main/core/state/turn.ts';
import { SqliteEventStore } from '../../../src-main/platform/store/sqlite-event-store.ts';
import { loadLab, projectionsOf } from '../../../src-main/shells/lab-rows.ts';
import { SeededRng } from '../../../src-sim/seeded-rng.ts';
import { spansOfTimes, type Spans } from './queries.ts';

const rounds = 500;

/** Milliseconds of a tick on the lab that a head has left in its store, as if its members were there; stored as the head does. */
export function ticksOf(path: string): Spans {
  const opened = SqliteEventStore.open<LabEvent>(path, labEvents);
  if (!opened.ok) throw new Error(refusalWords(opened.error));
  const store = opened.value;
  const state = loadLab(store, monotonicMillis(0));
  for (const member of state.members.values()) seenOf(state, member).linked = true;
  const rng = new SeededRng(1);
  const spans: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const now = monotonicMillis(round * 1500);
    for (const member of state.members.values()) seenOf(state, member).heardAt = now;
    const began = performance.now();
    const turn = beginTurn(state, nightTimings, rng, now, epochMillis(round * 1500));
    onTick(turn);
    if (turn.events.length > 0) store.append(turn.wall, turn.events, projectionsOf(state, [turn]));
    spans.push(performance.now() - began);
  }
  store.close();
  return spansOfTimes(spans);
}
