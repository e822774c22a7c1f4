import { isDeepStrictEqual } from 'node:util';
import type { EventStore } from '../../src-main/ports/event-store.ts';
import { monotonicMillis } from '../../shared/base/units.ts';
import { applyEvent } from '../../src-main/core/state/apply-event.ts';
import { untouched } from '../../src-main/core/state/touched.ts';
import type { LabEvent } from '../../src-main/core/state/events.ts';
import type { LabState } from '../../src-main/core/state/state.ts';
import { loadLab } from '../../src-main/shells/lab-rows.ts';

/**
 * A lab has three tellers: the head's memory, the rows of its store, and the log played again from its first event, or
 * from what it kept of the ones that were cut. All
 * that is durable, and every index over it, must be the same in all three. One sentence for each thing that is not.
 */
export function disagreements(store: EventStore<LabEvent>, memory?: LabState): string[] {
  // From where it was cut, if it was.
  const replayed = loadLab(store.base.tables, monotonicMillis(0));
  for (const { event, at } of store.events(0)) applyEvent(replayed, event, at, untouched());
  const rows = loadLab(store, monotonicMillis(0));
  const told = [{ by: 'the log', is: plain(replayed) }];
  if (memory) told.push({ by: 'memory', is: plain(memory) });
  const stored = plain(rows);
  return told.flatMap(({ by, is }) =>
    differences(is, stored).map((where) => `${by} and the rows of the store differ: ${where}`),
  );
}

type Plain = Readonly<Record<string, unknown>>;

/**
 * All that is durable, and every index over it; not what was only seen, nor what a restart may forget. Maps and sets as objects
 * and sorted lists; as text and back, as it is stored.
 */
function plain(state: LabState): Plain {
  const { index: indexes, seen: _seen, transient: _transient, ...durable } = state;
  const { queue, used, ...index } = indexes;
  const text = JSON.stringify(
    {
      ...durable,
      index,
      queue: queue.jobs().map(({ job, suspended, again, untouched }) => ({
        ...{ job, suspended: [...suspended], again: [...again], untouched: [...untouched] },
      })),
      used: new Map([...used].filter(([, { cpus, memory }]) => cpus !== 0 || memory !== 0)),
    },
    (_key, value: unknown): unknown => {
      if (value instanceof Set) return [...(value as Set<string>)].sort();
      if (!(value instanceof Map)) return value;
      // An entry that holds nothing says as much as none.
      const filled = [...value].filter(([, held]) => !(held instanceof Set) || held.size > 0);
      return Object.fromEntries(filled.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
    },
  );
  return JSON.parse(text) as Plain;
}

/** Where two values part, down to the first thing that is whole in itself. */
function differences(one: unknown, other: unknown, path = ''): string[] {
  if (isDeepStrictEqual(one, other)) return [];
  if (!isRecord(one) || !isRecord(other))
    return [`${path.slice(1)} is ${JSON.stringify(one)} and ${JSON.stringify(other)}`];
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys]
    .flatMap((key) => differences(one[key], other[key], `${path}.${key}`))
    .slice(0, 5);
}

const isRecord = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
