import type { DiaryLine } from '../../shared/api/views.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { LabEvent } from '../core/state/events.ts';
import type { LabState } from '../core/state/state.ts';
import type { Turn } from '../core/state/turn.ts';
import { diaryLine } from '../core/views/diary.ts';

/** Lines kept for views; the log has them all. */
const pageLength = 120;
/** Events read back at start to fill the page. */
const lookBack = 2000;

/** The night's diary as views show it: the newest lines, oldest first. */
export class Diary {
  #lines: DiaryLine[] = [];
  #seq = 0;

  constructor(state: LabState, store: EventStore<LabEvent>) {
    for (const { seq, at, event } of store.events(Math.max(0, store.lastSeq() - lookBack)))
      this.#add(state, event, at, seq);
    this.#seq = Math.max(this.#seq, store.lastSeq());
  }

  add(state: LabState, turns: readonly Turn[]): void {
    for (const turn of turns)
      for (const event of turn.events) this.#add(state, event, turn.wall, (this.#seq += 1));
  }

  lines(): DiaryLine[] {
    return this.#lines;
  }

  #add(state: LabState, event: LabEvent, at: number, seq: number): void {
    const line = diaryLine(state, event);
    if (line) this.#lines = [...this.#lines.slice(1 - pageLength), { seq, at, ...line }];
  }
}
