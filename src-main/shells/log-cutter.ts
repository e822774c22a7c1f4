import { millis } from '../../shared/base/units.ts';
import type { Clock, Disposable } from '../../shared/ports/clock.ts';
import type { CutEvent, EventStore, StoredEvent } from '../ports/event-store.ts';
import { searchCut, type CutSearch } from '../core/jobs/log-cut.ts';
import type { LogCut } from '../core/state/turn.ts';
import type { LabEvent } from '../core/state/events.ts';
import type { LabState } from '../core/state/state.ts';
import { doInPieces, type InPieces } from './in-pieces.ts';
import { loadLabInPieces } from './lab-rows.ts';
import { isByDay, reportRow, type PastNights } from './past-nights.ts';
import { rowsOf } from './rows-from-log.ts';

/** Events that are looked at, and those that leave in one transaction, before others have their turn. */
const lookedAtAtOnce = 300;
const cutAtOnce = 50;
/** Each piece waits for the disk, as whoever has something to store does meanwhile; nobody waits for a cut. */
const pause = millis(20);

export interface LogCutterPorts {
  readonly clock: Clock;
  readonly store: EventStore<LabEvent>;
  readonly log: (line: string) => void;
  /** Tells the report of a night that is over, and stores it. */
  readonly tell: (night: number) => ReturnType<PastNights['tell']>;
  readonly past: PastNights;
}

/**
 * Cuts old events from the log. What they led to goes into the store's base, fifty events at a time, each fifty in one
 * transaction with their leaving: base and log tell the whole lab at every moment. Nights that are over leave with a report.
 */
export class LogCutter {
  readonly #ports: LogCutterPorts;
  #cutting: Disposable | undefined;

  constructor(ports: LogCutterPorts) {
    this.#ports = ports;
  }

  /** `newestNight`: the one that may still go on. */
  cut(of: LogCut, newestNight: number): void {
    if (this.#cutting) return;
    const { clock, log } = this.#ports;
    const ended = (): void => (this.#cutting = undefined);
    const failed = (error: unknown): void => {
      // The next try is a day later; until then the log is longer than it need be.
      log(`the log was not cut: ${error instanceof Error ? error.message : String(error)}`);
      ended();
    };
    const work = this.#work(of, newestNight);
    this.#cutting = doInPieces(clock, 'cut the log', work, ended, failed, pause);
  }

  stop(): void {
    this.#cutting?.dispose();
  }

  *#work(of: LogCut, newestNight: number): InPieces<void> {
    const { store } = this.#ports;
    const upTo = yield* this.#search(of);
    if (upTo > store.base.seq && !(yield* this.#cutUpTo(upTo, newestNight))) return;
    // Also what jobs that have left used.
    while (store.giveBack()) yield;
  }

  /** Whether it could be cut so far. */
  *#cutUpTo(upTo: number, newestNight: number): InPieces<boolean> {
    const { clock, store, tell } = this.#ports;
    const state = yield* loadLabInPieces(store.base.tables, clock.now());
    while (store.base.seq < upTo) {
      const { number } = state.night;
      // Told from the events that are about to leave.
      if (number > 0 && number < newestNight && !(yield* tell(number))) return false;
      store.cut(this.#nextEvents(state, upTo));
      yield;
    }
    return true;
  }

  *#search(of: LogCut): InPieces<number> {
    const { store } = this.#ports;
    const newest = store.lastSeq();
    let found: CutSearch = { upTo: store.base.seq, isOver: false };
    for (let seq = store.base.seq; !found.isOver && seq < newest;) {
      const before = seq;
      for (const stored of store.events(seq)) {
        found = searchCut(found, stored, newest, of);
        seq = stored.seq;
        if (found.isOver || seq - before >= lookedAtAtOnce) break;
      }
      yield;
    }
    return found.upTo;
  }

  /** Up to the next night at most: its report has to be there before its events leave. */
  *#nextEvents(state: LabState, upTo: number): Iterable<CutEvent> {
    const { store, past } = this.#ports;
    const { base } = store;
    let { until } = base;
    const next: StoredEvent<LabEvent>[] = [];
    // Read before anything is written, since nothing may read what is being deleted.
    for (const stored of store.events(base.seq)) {
      next.push(stored);
      if (stored.event.e === 'night-opened' || next.length >= cutAtOnce || stored.seq >= upTo)
        break;
    }
    for (const { seq, at, event } of next) {
      const ended = state.night.number;
      const rows = [...rowsOf(state, event, at)];
      const report = event.e === 'night-opened' ? past.stored(ended) : undefined;
      if (report) rows.push(reportRow(ended, report));
      if (!isByDay(event)) until = at;
      yield { seq, until, rows };
    }
  }
}
