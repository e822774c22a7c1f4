import { monotonicMillis, epochMillis } from '../../../shared/base/units.ts';
import { nightTimings } from '../../../shared/domain/timings.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { onTick } from '../../../src-main/core/lab/decide.ts';
import { labEvents } from '../../../src-main/core/log-form/event-form.ts';
import type { LabEvent } from '../../../src-main/core/state/events.ts';
import { seenOf, type LabState } from '../../../src-main/core/state/state.ts';
import { beginTurn } from '../../../src-main/core/state/turn.ts';
import { SqliteEventStore } from '../../../src-main/platform/store/sqlite-event-store.ts';
import { loadLab, projectionsOf } from '../../../src-main/shells/lab-rows.ts';
import { SeededRng } from '../../../src-sim/seeded-rng.ts';
import { profileHere } from './profile.ts';
import { spansOfTimes, type Spans } from './queries.ts';

const rounds = 500;

/** Milliseconds of a tick on the lab that a head has left in its store, as if its members were there; stored as the head does. `bound`: what held the thread, if p99 is more than `goal`. */
export async function ticksOf(
  path: string,
  goal: number,
): Promise<Spans & { readonly bound: string }> {
  const opened = SqliteEventStore.open<LabEvent>(path, labEvents);
  if (!opened.ok) throw new Error(refusalWords(opened.error));
  const store = opened.value;
  const state = loadLab(store, monotonicMillis(0));
  for (const member of state.members.values()) seenOf(state, member).linked = true;
  const rng = new SeededRng(1);
  let now = 0;
  const tick = (): number => {
    now += 1500;
    return tickAt(state, store, rng, now);
  };
  const ticks = (): number[] => Array.from({ length: rounds }, tick);
  const spans = spansOfTimes(ticks());
  const bound = spans.p99 <= goal ? '' : `: missed (${await profileHere(ticks)})`;
  store.close();
  return { ...spans, bound };
}

function tickAt(
  state: LabState,
  store: SqliteEventStore<LabEvent>,
  rng: SeededRng,
  at: number,
): number {
  const now = monotonicMillis(at);
  for (const member of state.members.values()) seenOf(state, member).heardAt = now;
  const began = performance.now();
  const turn = beginTurn(state, nightTimings, rng, now, epochMillis(at));
  onTick(turn);
  if (turn.events.length > 0) store.append(turn.wall, turn.events, projectionsOf(state, [turn]));
  return performance.now() - began;
}
