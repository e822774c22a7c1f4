import type { EpochMillis } from '../../shared/base/units.ts';

/** An event with its place in the log. */
export interface StoredEvent<Event> {
  readonly seq: number;
  readonly at: EpochMillis;
  readonly event: Event;
}

/** How events are stored and read: the store itself knows nothing of them. */
export interface EventForm<Event> {
  /** What it is, for people who look into the store. */
  kindOf(event: Event): string;
  encode(event: Event): unknown;
  /** Of what was stored, by whatever version. Throws `UnreadableEntry`. */
  decode(body: unknown, seq: number): Event;
}

/** `refs`: blobs that jobs need whose tasks are not kept in memory; the state is the hash. */
export type ProjectionTable = 'lab' | 'members' | 'jobs' | 'tasks' | 'refs';

/** Rows that leave, in the same transaction as the event that says so. */
export interface Removal {
  readonly table: ProjectionTable;
  /** The row of this id. */
  readonly gone: string;
  /** And every one whose id is `<gone>.<something>`: the tasks of a job. */
  readonly withParts?: boolean;
}

/** A row of a projection, replaced as a whole in the same transaction as the events that changed it. */
export interface Projection {
  readonly table: ProjectionTable;
  readonly id: string;
  /** Column to look rows up by with SQL; the body is the whole. */
  readonly state: string;
  readonly body: unknown;
}

/** The projections as whoever reads them sees them. */
export interface Tables {
  /** Bodies of all rows of a projection, in order of insertion. */
  rows(table: ProjectionTable): Iterable<unknown>;
  /** Body of one row; undefined when there is none of this id. */
  row(table: ProjectionTable, id: string): unknown;
  /** Of those only the ones whose id is `<id>.<something>`, in order of insertion. */
  parts(table: ProjectionTable, id: string): Iterable<unknown>;
}

/** How far the log was cut. */
export interface LogBase {
  /** Of the newest event that was cut; 0: none was. */
  readonly seq: number;
  /** When the night, as far as it was cut, had ended: see `PastNights`. */
  readonly until: EpochMillis;
}

/** An event that leaves the log, with the rows that it had led to. */
export interface CutEvent extends LogBase {
  readonly rows: readonly (Projection | Removal)[];
}

/**
 * The append-only truth. `append` returns only when events and projections are on the disk, in one
 * transaction (they survive kill −9 and a power cut), or throws and then none of them is stored.
 */
export interface EventStore<Event> extends Tables {
  append(
    at: EpochMillis,
    events: readonly Event[],
    projected: readonly (Projection | Removal)[],
  ): void;
  /** Whether a row of the table is in this state. */
  hasState(table: ProjectionTable, state: string): boolean;
  /** What is left of the log after `seq`, oldest first. */
  events(afterSeq: number): Iterable<StoredEvent<Event>>;
  /** Number of the newest event; 0 for an empty log. */
  lastSeq(): number;
  /** How far the log was cut, and the tables as they were then: with the rest of the log they tell the whole lab. */
  readonly base: LogBase & { readonly tables: Tables };
  /** Moves the base on over the next events, which leave the log: in one transaction, or not at all. */
  cut(events: Iterable<CutEvent>): void;
  /** Gives a piece of what is not used any more back to the disk; whether there is more. Takes a few milliseconds. */
  giveBack(): boolean;
  close(): void;
}
