// Appends to the store named on the command line and cuts its log, until it is killed; says on stdout how far it was cut.
import { writeSync } from 'node:fs';
import { epochMillis } from '../../../shared/base/units.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import type { CutEvent } from '../../../src-main/ports/event-store.ts';
import { SqliteEventStore } from '../../../src-main/platform/store/sqlite-event-store.ts';
import { happenings, type Happening } from './happening.ts';

const opened = SqliteEventStore.open<Happening>(process.argv[2] ?? '', happenings);
if (!opened.ok) throw new Error(refusalWords(opened.error));
const store = opened.value;

/** Three events of one task each; the base counts what has left. */
function* next(): Iterable<CutEvent> {
  for (const { seq, at, event } of [...store.events(store.base.seq)].slice(0, 3))
    yield {
      ...{ seq, until: at },
      rows: [
        { table: 'tasks', id: event.task ?? '', state: event.e, body: { seq } },
        { table: 'lab', id: 'lab', state: '', body: { seq } },
      ],
    };
}

for (let turn = store.lastSeq() + 1; ; turn += 2) {
  store.append(
    epochMillis(turn),
    ['started', 'done'].map((e) => ({ e, task: `${turn}` })),
    [{ table: 'lab', id: 'lab', state: '', body: { turn } }],
  );
  if (store.lastSeq() - store.base.seq > 6) store.cut(next());
  writeSync(1, `${store.base.seq}\n`);
}
