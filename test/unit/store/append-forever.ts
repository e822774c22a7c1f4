// Appends to the store named on the command line until it is killed, and says on stdout what was acknowledged.
import { writeSync } from 'node:fs';
import { epochMillis } from '../../../shared/base/units.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { SqliteEventStore } from '../../../src-main/platform/store/sqlite-event-store.ts';
import { happenings, type Happening } from './happening.ts';

const opened = SqliteEventStore.open<Happening>(process.argv[2] ?? '', happenings);
if (!opened.ok) throw new Error(refusalWords(opened.error));
const store = opened.value;

for (let turn = store.lastSeq() / 3 + 1; ; turn += 1) {
  const id = `${turn}`;
  store.append(
    epochMillis(turn),
    ['placed', 'started', 'done'].map((e) => ({ e, task: id })),
    [
      { table: 'tasks', id, state: 'done', body: { turn, filler: 'x'.repeat(turn % 3000) } },
      { table: 'lab', id: 'lab', state: '', body: { turn } },
    ],
  );
  writeSync(1, `${turn}\n`);
}
