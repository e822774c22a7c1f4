import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { epochMillis } from '../../../shared/base/units.ts';
import type {
  EventStore,
  Projection,
  ProjectionTable,
} from '../../../src-main/ports/event-store.ts';
import type { Happening } from './happening.ts';

const at = epochMillis(1_800_000_000_000);
const task = (id: string, state: string, more: object = {}): Projection => ({
  table: 'tasks',
  id,
  state,
  body: { id, state, ...more },
});

/** What every event store promises; one suite for the simulated and the real one. */
export function eventStoreContract(open: () => EventStore<Happening>): void {
  let store: EventStore<Happening>;
  beforeEach(() => (store = open()));
  afterEach(() => store.close());

  it('begins with nothing', () => {
    expect([...store.events(0)]).toEqual([]);
    expect([...store.rows('jobs')]).toEqual([]);
    expect(store.lastSeq()).toBe(0);
  });

  it('gives back events in order, each with its number and time', () => {
    store.append(at, [{ e: 'night-opened' }, { e: 'task-placed', task: '1.0' }], []);
    store.append(epochMillis(at + 5), [{ e: 'task-started', task: '1.0' }], []);
    expect([...store.events(1)]).toEqual([
      { seq: 2, at, event: { e: 'task-placed', task: '1.0' } },
      { seq: 3, at: at + 5, event: { e: 'task-started', task: '1.0' } },
    ]);
    expect(store.lastSeq()).toBe(3);
  });

  it('replaces a row as a whole and leaves it in its place', () => {
    store.append(at, [], [task('1.0', 'queued', { note: 'old' }), task('1.1', 'queued')]);
    store.append(at, [], [task('1.0', 'running'), task('1.2', 'queued')]);
    expect([...store.rows('tasks')]).toEqual([
      { id: '1.0', state: 'running' },
      { id: '1.1', state: 'queued' },
      { id: '1.2', state: 'queued' },
    ]);
    expect([...store.rows('members')]).toEqual([]);
  });

  it('finds one row by its id, and says whether any is in a state', () => {
    store.append(at, [], [task('1.0', 'done'), task('1.1', 'failed')]);
    expect(store.row('tasks', '1.1')).toEqual({ id: '1.1', state: 'failed' });
    expect(store.row('tasks', '1')).toBe(undefined);
    expect(store.row('jobs', '1.0')).toBe(undefined);
    expect(store.hasState('tasks', 'failed')).toBe(true);
    expect(store.hasState('tasks', 'queued')).toBe(false);
    expect(store.hasState('refs', 'failed')).toBe(false);
  });

  it('lets rows go with the event that says so, alone or with all their parts', () => {
    const parts = ['1.0', '1.1', '10.0', '1', '2.0'].map((id) => task(id, 'done'));
    store.append(at, [], parts);
    expect([...store.parts('tasks', '1')]).toEqual([
      { id: '1.0', state: 'done' },
      { id: '1.1', state: 'done' },
    ]);
    store.append(at, [{ e: 'job-removed' }], [{ table: 'tasks', gone: '2.0' }]);
    store.append(at, [], [{ table: 'tasks', gone: '1', withParts: true }]);
    expect([...store.rows('tasks')]).toEqual([{ id: '10.0', state: 'done' }]);
    expect(store.lastSeq()).toBe(1);
  });

  it('stores nothing of a turn that cannot be stored', () => {
    store.append(at, [{ e: 'first' }], [task('1.0', 'queued')]);
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    expect(() =>
      store.append(
        at,
        [{ e: 'second' }],
        [task('1.0', 'running'), { table: 'jobs', id: '1', state: '', body: circle }],
      ),
    ).toThrow();
    expect(store.lastSeq()).toBe(1);
    expect([...store.rows('tasks')]).toEqual([{ id: '1.0', state: 'queued' }]);
    store.append(at, [{ e: 'third' }], []);
    expect([...store.events(1)].map(({ seq, event }) => [seq, event.e])).toEqual([[2, 'third']]);
  });

  it('moves its base over events that are cut, and numbers and rows stay what they are', () => {
    for (const state of ['queued', 'running', 'done'])
      store.append(at, [{ e: state }], [task('1.0', state), task(`of ${state}`, state)]);
    expect(store.base).toMatchObject({ seq: 0 });
    store.cut([
      { seq: 1, until: at, rows: [task('1.0', 'queued'), task('1.1', 'queued'), task('2', 'a')] },
      {
        ...{ seq: 2, until: epochMillis(at + 1) },
        rows: [task('1.0', 'running'), { table: 'tasks', gone: '2' }],
      },
    ]);
    expect(store.base).toMatchObject({ seq: 2, until: at + 1 });
    const { tables } = store.base;
    expect([...tables.rows('tasks')].map((row) => (row as { id: string }).id)).toEqual([
      '1.0',
      '1.1',
    ]);
    expect(tables.row('tasks', '1.0')).toEqual({ id: '1.0', state: 'running' });
    expect([...tables.parts('tasks', '1')]).toHaveLength(2);
    expect([...store.events(0)].map(({ seq, event }) => [seq, event.e])).toEqual([[3, 'done']]);
    expect([...store.events(2)].map(({ seq }) => seq)).toEqual([3]);
    expect(store.lastSeq()).toBe(3);
    expect(store.row('tasks', '1.0')).toEqual({ id: '1.0', state: 'done' });
    store.cut([{ seq: 3, until: at, rows: [{ table: 'tasks', gone: '1', withParts: true }] }]);
    expect([[...store.events(0)], [...tables.rows('tasks')]]).toEqual([[], []]);
    store.append(at, [{ e: 'next' }], []);
    expect([...store.events(0)].map(({ seq }) => seq)).toEqual([4]);
  });

  it('cuts nothing when what is cut cannot be told to its end', () => {
    store.append(at, [{ e: 'first' }, { e: 'second' }], []);
    function* breaksOff() {
      yield { seq: 1, until: at, rows: [task('1.0', 'queued')] };
      throw new Error('the power went');
    }
    expect(() => store.cut(breaksOff())).toThrow('the power went');
    expect(store.base.seq).toBe(0);
    expect([...store.base.tables.rows('tasks')]).toEqual([]);
    expect([...store.events(0)].map(({ seq }) => seq)).toEqual([1, 2]);
    store.cut([{ seq: 1, until: at, rows: [] }]);
    expect([...store.events(0)].map(({ seq }) => seq)).toEqual([2]);
  });

  it('keeps what was handed in even when the lab goes on to change it', () => {
    const body = { id: '1.0', state: 'queued' };
    store.append(at, [], [{ table: 'tasks', id: '1.0', state: 'queued', body }]);
    body.state = 'running';
    expect([...store.rows('tasks')]).toEqual([{ id: '1.0', state: 'queued' }]);
  });

  it('agrees with a plain list and plain maps, whatever happens in a lab', () => {
    const table = fc.constantFrom<ProjectionTable>('lab', 'members', 'jobs', 'tasks');
    const row = fc.record({
      table,
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      value: fc.jsonValue(),
    });
    const turn = fc.record({
      events: fc.array(fc.record({ e: fc.string(), task: fc.string() }), { maxLength: 4 }),
      rows: fc.array(row, { maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 8 }), (turns) => {
        const fresh = open();
        const events: unknown[] = [];
        const tables = {
          lab: new Map(),
          members: new Map(),
          jobs: new Map(),
          tasks: new Map(),
          refs: new Map(),
        };
        for (const { events: some, rows } of turns) {
          fresh.append(
            at,
            some,
            rows.map((each) => ({ ...each, state: 's', body: { value: each.value } })),
          );
          events.push(...some);
          for (const { table: name, id, value } of rows) tables[name].set(id, { value });
        }
        expect([...fresh.events(0)].map(({ event }) => event)).toEqual(asJson(events));
        for (const [name, rows] of Object.entries(tables)) {
          expect([...fresh.rows(name as ProjectionTable)]).toEqual(asJson([...rows.values()]));
        }
        fresh.close();
      }),
      { numRuns: 30 },
    );
  });
}

/** JSON knows no negative zero. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
