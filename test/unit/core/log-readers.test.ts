import { expect, it } from 'vitest';
import { epochMillis } from '../../../shared/base/units.ts';
import { blobHash, epoch, jobId, memberId } from '../../../shared/domain/ids.ts';
import type { Task } from '../../../shared/domain/job.ts';
import type { ToMember } from '../../../shared/wire/to-member.ts';
import { cutNote } from '../../../shared/domain/log-bounds.ts';
import { newTask } from '../../../src-main/core/state/new-task.ts';
import { LogReaders } from '../../../src-main/shells/log-readers.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Bytes of the beginning of a flood that are kept. */
const logFirst = 40;

/** One task, one reader who follows, and PCs that answer when the test says so. */
function reading() {
  const asked: Extract<ToMember, { readonly t: 'log' }>[] = [];
  const heard: string[] = [];
  const blobs = new Map<string, string>();
  const readers = new LogReaders(
    {
      send: (_member, message) => {
        if (message.t === 'log') asked.push(message);
        return true;
      },
      close: () => undefined,
      listen: () => undefined,
    },
    {
      async *readBlob(hash) {
        yield await Promise.resolve(bytesOf(blobs.get(hash) ?? ''));
      },
      fromBase64: (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)),
    },
    logFirst,
  );
  let task: Task = newTask(jobId('1'), 0);
  const ended = new Promise<void>((end) => {
    readers.read(task, true, {
      piece: (bytes, restarts) =>
        void heard.push(`${restarts}: ${new TextDecoder().decode(bytes)}`),
      end,
      fail: (sentence) => void heard.push(sentence),
    });
  });
  const becomes = (changes: Partial<Task>): void => {
    task = { ...task, ...changes };
    readers.onTaskChanged(task.id, task);
  };
  return {
    heard,
    ended,
    blobs,
    becomes,
    offset: () => asked.at(-1)?.offset,
    runs: (machine: string, number: number) =>
      becomes({
        state: 'running',
        attempt: {
          epoch: epoch(number),
          machine: memberId(machine),
          placedAt: epochMillis(0),
          phase: 'running',
          move: null,
          from: null,
        },
      }),
    writes: (
      machine: string,
      offset: number,
      piece: string,
      request = asked.at(-1)?.request ?? 0,
    ) =>
      readers.onPiece(memberId(machine), {
        ...{ t: 'log-piece', request, offset, piece: btoa(piece), end: false },
      }),
  };
}

it('who follows a program that moves goes on where it was', () => {
  const { runs, writes, heard, offset } = reading();
  runs('pc-01', 1);
  writes('pc-01', 0, 'one\n');
  runs('pc-02', 2);
  expect(offset()).toBe(4);
  writes('pc-02', 4, 'two\n');
  expect(heard).toEqual(['0: one\n', '0: two\n']);
});

it('who follows a program that began again from zero reads what it writes now from the first byte', () => {
  const { runs, writes, heard, becomes, offset } = reading();
  runs('pc-01', 1);
  writes('pc-01', 0, 'seed 17\n');
  becomes({ state: 'queued', attempt: null, restartsFromZero: 1 });
  // The PC was retried, not lost: the end of what it wrote is still on its way.
  writes('pc-01', 8, 'no room\n');
  runs('pc-02', 2);
  expect(offset()).toBe(0);
  writes('pc-02', 0, 'seed 4\n');
  writes('pc-01', 16, 'too late\n', 1);
  expect(heard).toEqual(['0: seed 17\n', '0: no room\n', '1: seed 4\n']);
});

it('a program that began again and ended in a moment is read from the head’s disk, from the first byte', async () => {
  const { runs, writes, heard, becomes, blobs, ended } = reading();
  runs('pc-01', 1);
  writes('pc-01', 0, 'seed 17\n');
  const log = blobHash('a'.repeat(64));
  blobs.set(log, 'seed 4\n');
  becomes({ state: 'done', attempt: null, restartsFromZero: 1, log });
  await ended;
  expect(heard).toEqual(['0: seed 17\n', '1: seed 4\n']);
});

it('a program that is cancelled while it waits to begin again has nothing more to say', async () => {
  const { runs, writes, heard, becomes, blobs, ended } = reading();
  runs('pc-01', 1);
  writes('pc-01', 0, 'seed 17\n');
  const log = blobHash('b'.repeat(64));
  blobs.set(log, 'seed 17\n');
  becomes({ state: 'cancelled', attempt: null, restartsFromZero: 1, log });
  await ended;
  expect(heard).toEqual(['0: seed 17\n']);
});

// The other ways to the same end: who had the first part only, who had followed into the part that was kept, and who had all.
it.each([
  ['nothing', 0, [0, 1, 2]],
  ['a line of the first part', 5, [0, 1, 2]],
  ['the first part', logFirst, [1, 2]],
  ['some of what was left out', logFirst + 1000, [1, 2]],
  ['the beginning of the end', logFirst + 5000 + 4, [3]],
  ['all', logFirst + 5000 + 9, []],
])(
  'of a flood, who had read %s gets the rest, and a note for what is missing',
  async (_, had, parts) => {
    const { runs, writes, heard, becomes, blobs, ended } = reading();
    runs('pc-01', 1);
    if (had > 0) writes('pc-01', 0, 'x'.repeat(had));
    heard.length = 0;
    const log = blobHash('c'.repeat(64));
    blobs.set(log, `${'x'.repeat(logFirst)}${cutNote(5000)}end\nlast\n`);
    becomes({ state: 'done', attempt: null, log });
    await ended;
    const all = [
      'x'.repeat(Math.max(0, logFirst - had)),
      cutNote(5000 - Math.max(0, had - logFirst)),
      'end\nlast\n',
      'last\n',
    ];
    expect(heard).toEqual(parts.map((part) => `0: ${all[part]}`));
  },
);

it('who follows a flood is told what was left out between two pieces', () => {
  const { runs, writes, heard } = reading();
  runs('pc-01', 1);
  writes('pc-01', 0, 'one\n');
  writes('pc-01', 1004, 'two\n');
  writes('pc-01', 1008, 'three\n');
  expect(heard).toEqual(['0: one\n', `0: ${cutNote(1000)}`, '0: two\n', '0: three\n']);
});
