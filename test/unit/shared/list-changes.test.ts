import fc from 'fast-check';
import { expect, it } from 'vitest';
import { listChanges, withListChanges } from '../../../shared/api/list-changes.ts';

interface Row {
  readonly id: string;
  readonly load: number;
  readonly tasks: readonly string[];
  readonly note?: string | undefined;
}

const idOf = ({ id }: Row): string => id;
const row = (id: string, load = 0): Row => ({ id, load, tasks: [] });
const rows = fc.uniqueArray(
  fc.record(
    {
      id: fc.constantFrom(...'abcdefghij'),
      load: fc.integer({ min: 0, max: 2 }),
      tasks: fc.array(fc.constantFrom('1.0', '1.1'), { maxLength: 2 }),
      note: fc.constantFrom('releasing', undefined),
    },
    { requiredKeys: ['id', 'load', 'tasks'] },
  ),
  { selector: idOf },
);
const overTheWire = <Value>(value: Value): Value =>
  value === undefined ? value : (JSON.parse(JSON.stringify(value)) as Value);

it('what changed, sent as JSON and applied, gives the new list in its order', () => {
  fc.assert(
    fc.property(rows, rows, (before, after) => {
      const changes = overTheWire(listChanges(before, after, idOf));
      expect(withListChanges(before, changes, idOf)).toEqual(after);
    }),
    { numRuns: 2000 },
  );
});

it('a list that is the same, or made anew of equal rows, has no changes', () => {
  fc.assert(
    fc.property(rows, (list) => {
      expect(listChanges(list, list, idOf)).toBeUndefined();
      expect(listChanges(list, structuredClone(list), idOf)).toBeUndefined();
    }),
  );
});

it('one row of a thousand that changed is told alone, and the others stay the same objects', () => {
  const before = Array.from({ length: 1000 }, (_, index) => row(`pc-${index}`));
  const after = before.map((one) => (one.id === 'pc-500' ? row('pc-500', 1) : { ...one }));
  const changes = listChanges(before, after, idOf);
  expect(changes).toEqual({ gone: [], put: [[500, row('pc-500', 1)]] });
  const applied = withListChanges(before, changes, idOf);
  expect(applied.filter((one, index) => one !== before[index]).map(idOf)).toEqual(['pc-500']);
});

it('a row that moves to the end goes and comes again, and nothing else does', () => {
  const before = ['a', 'b', 'c', 'd'].map((id) => row(id));
  const after = ['b', 'c', 'd', 'a'].map((id) => row(id));
  expect(listChanges(before, after, idOf)).toEqual({ gone: ['a'], put: [[3, row('a')]] });
});
