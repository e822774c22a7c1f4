/** What made one keyed list into another. Rows have the same key as long as they tell of the same thing. */
export interface ListChanges<Row> {
  /** Keys of rows that leave first. */
  gone: string[];
  /** Each takes the place of the row with its key or, where there is none, is inserted to have this index in the new list. */
  put: [number, Row][];
}

/**
 * Undefined when nothing changed. A row that is the same object costs one comparison. Rows that changed their order
 * leave and come again: all that then stand behind a row which came forward.
 */
export function listChanges<Row>(
  before: readonly Row[],
  after: readonly Row[],
  keyOf: (row: Row) => string,
): ListChanges<Row> | undefined {
  if (before === after) return undefined;
  const old = keyed(before, keyOf);
  const now = keyed(after, keyOf);
  const places = new Map([...old.keys()].map((key, place) => [key, place]));
  const gone = [...old.keys()].filter((key) => !now.has(key));
  const put: [number, Row][] = [];
  let furthest = -1;
  let index = 0;
  for (const [key, row] of now) {
    const place = places.get(key);
    if (place === undefined) put.push([index, row]);
    else if (place < furthest) {
      gone.push(key);
      put.push([index, row]);
    } else {
      furthest = place;
      if (!sameValue(old.get(key), row)) put.push([index, row]);
    }
    index += 1;
  }
  return gone.length === 0 && put.length === 0 ? undefined : { gone, put };
}

/** Rows that did not change are the same objects in the new list; without changes it is the same list. */
export function withListChanges<Row>(
  before: Row[],
  changes: ListChanges<Row> | undefined,
  keyOf: (row: Row) => string,
): Row[] {
  if (changes === undefined) return before;
  const kept = keyed(before, keyOf);
  for (const key of changes.gone) kept.delete(key);
  const inserted: [number, Row][] = [];
  for (const [index, row] of changes.put) {
    const key = keyOf(row);
    if (kept.has(key)) kept.set(key, row);
    else inserted.push([index, row]);
  }
  const old = kept.values();
  const rows: Row[] = [];
  for (const [index, row] of inserted) {
    while (rows.length < index) {
      const next = old.next();
      if (next.done) break;
      rows.push(next.value);
    }
    rows.push(row);
  }
  return [...rows, ...old];
}

/** Later rows of a key that should be there once are left out. */
function keyed<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row> {
  const map = new Map<string, Row>();
  for (const row of rows) {
    const key = keyOf(row);
    if (!map.has(key)) map.set(key, row);
  }
  return map;
}

/** Of values as JSON has them; a field that is undefined counts as absent, as on the wire. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const fieldsOfA = new Map<string, unknown>(Object.entries(a));
  const fieldsOfB = new Map<string, unknown>(Object.entries(b));
  for (const [name, value] of fieldsOfA) if (!sameValue(value, fieldsOfB.get(name))) return false;
  for (const [name, value] of fieldsOfB)
    if (value !== undefined && !fieldsOfA.has(name)) return false;
  return true;
}
