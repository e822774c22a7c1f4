import type { Report } from '../../shared/api/views.ts';
import type { MemberId } from '../../shared/domain/ids.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { EventStore, Projection, StoredEvent } from '../ports/event-store.ts';
import { applyEvent } from '../core/state/apply-event.ts';
import { labRows } from '../core/log-form/row-form.ts';
import { untouched } from '../core/state/touched.ts';
import type { LabEvent } from '../core/state/events.ts';
import type { TimeOfDay } from '../core/views/departure.ts';
import { nightReport } from '../core/views/report.ts';
import { doInPieces, type InPieces } from './in-pieces.ts';
import { loadLabInPieces } from './lab-rows.ts';

/** Events read in one go; then whatever else the head has to do has its turn. */
const eventsAtOnce = 300;
/** Reports kept: a night that is over changes no more. */
const mostKept = 30;

/**
 * Reports of nights that are over, told from the log alone: the lab is played again up to the event that opened the next
 * night, in pieces, since the log of a year is long and members must not wait for it.
 */
export class PastNights {
  readonly #clock: Clock;
  readonly #store: EventStore<LabEvent>;
  readonly #kept = new Map<number, Report>();

  constructor(clock: Clock, store: EventStore<LabEvent>) {
    this.#clock = clock;
    this.#store = store;
  }

  /** The report of a night, where somebody has asked for it before. */
  stored(night: number): Report | undefined {
    const row = this.#store.row('lab', `report.${night}`);
    if (row === undefined) return undefined;
    const read = labRows.decodeLabTable(row);
    return read.of === 'report' ? read.row.report : undefined;
  }

  /** Undefined when the log knows no such night; the night must be over. */
  report(night: number, lab: string, timeOfDay: TimeOfDay): Promise<Report | undefined> {
    const work = this.tell(night, lab, timeOfDay);
    return new Promise((resolve, reject) => {
      doInPieces(this.#clock, 'read on in the log', work, resolve, reject);
    });
  }

  *tell(night: number, lab: string, timeOfDay: TimeOfDay): InPieces<Report | undefined> {
    const kept = this.#kept.get(night) ?? this.stored(night);
    if (kept) return kept;
    const base = this.#store.base;
    const state = yield* loadLabInPieces(base.tables, this.#clock.now());
    // The first PC of the next evening enrols before that night opens: who enrols counts from what it does next.
    const enrolling = new Map<MemberId, StoredEvent<LabEvent>>();
    let seq = base.seq;
    let until = base.until;
    for (;;) {
      // What this begins with has left the log meanwhile. The report of a night does so before its events do.
      if (this.#store.base.seq !== base.seq) return yield* this.tell(night, lab, timeOfDay);
      const before = seq;
      for (const stored of this.#store.events(seq)) {
        const { event, at } = stored;
        if (event.e === 'night-opened' && state.night.number === night) {
          const report = nightReport(state, lab, until, timeOfDay);
          this.#store.append(this.#clock.wall(), [], [reportRow(night, report)]);
          if (this.#kept.size >= mostKept) this.#kept.delete([...this.#kept.keys()][0] ?? 0);
          this.#kept.set(night, report);
          return report;
        }
        seq = stored.seq;
        if (event.e === 'member-enrolled') enrolling.set(event.member, stored);
        else {
          const held = 'member' in event ? enrolling.get(event.member) : undefined;
          if (held) {
            applyEvent(state, held.event, held.at, untouched());
            if ('member' in event) enrolling.delete(event.member);
          }
          applyEvent(state, event, at, untouched());
          if (!isByDay(event)) until = at;
        }
        if (seq - before >= eventsAtOnce) break;
      }
      if (seq === before) return undefined;
      yield;
    }
  }
}

/** Told once, a night is not told again: neither by the next head nor from a log that has grown by years. */
export const reportRow = (night: number, report: Report): Projection => ({
  ...{ table: 'lab', id: `report.${night}`, state: 'report' },
  body: labRows.encodeReport({ report }),
});

/** Jobs that were submitted and seats that were given by day do not make the night longer. */
export const isByDay = ({ e }: LabEvent): boolean =>
  e.startsWith('job-') || e === 'seats-given' || e === 'keep-for-set';
