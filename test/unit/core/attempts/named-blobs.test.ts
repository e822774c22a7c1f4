import { expect, test } from 'vitest';
import { epoch, type TaskId } from '../../../../shared/domain/ids.ts';
import type { ToHead } from '../../../../shared/wire/to-head.ts';
import { absentBlobs, namedBlobs } from '../../../../src-main/core/attempts/named-blobs.ts';
import { checkpointOf, hashOf } from '../told-lab.ts';

const of = { task: '1.0' as TaskId, epoch: epoch(1) };
const file = { path: 'a', hash: hashOf('a'), size: 5, executable: false };
const ended = (log: string | null): ToHead => ({
  ...{ t: 'ended', ...of, ending: { cause: 'exit', exitCode: 0 }, outputs: [file], cpuSeconds: 1 },
  log: log === null ? null : hashOf(log),
});
const { hash, size, takenAt } = checkpointOf('b');
const checkpointed = (log: string | null): ToHead => ({
  ...{
    t: 'checkpointed',
    ...of,
    suspended: false,
    hash,
    size,
    takenAt,
    cpuSeconds: 1,
    freezeMs: 1,
  },
  log: log === null ? null : hashOf(log),
});

test.each<[string, ToHead, unknown]>([
  [
    'the end of a program its files and its log',
    ended('c'),
    [file, { hash: hashOf('c'), size: null }],
  ],
  ['the end of one without a log its files', ended(null), [file]],
  ['a checkpoint its state', checkpointed(null), [{ hash, size: 10 }]],
  [
    'a checkpoint with a log both',
    checkpointed('c'),
    [
      { hash, size: 10 },
      { hash: hashOf('c'), size: null },
    ],
  ],
  ['anything else nothing', { t: 'started', ...of, resumed: false }, []],
])('%s names', (_what, message, expected) => {
  expect(namedBlobs(message)).toMatchObject(expected as object[]);
});

test.each([
  ['is here as it was named', { size: 5 }, 5, false],
  ['is here, and its size was not told', { size: 5 }, null, false],
  ['is shorter than it was named', { size: 4 }, 5, true],
  ['is longer than it was named', { size: 6 }, 5, true],
  ['is not here', undefined, 5, true],
  ['is not here, and its size was not told', undefined, null, true],
  ['is empty, as it was named', { size: 0 }, 0, false],
])('a blob that %s is absent: %4$s', (_what, here, named, isAbsent) => {
  const absent = absentBlobs([{ hash, size: named }], () => here);
  expect([...absent]).toEqual(isAbsent ? [hash] : []);
});

test('of none none is absent, and one that is named twice is absent once', () => {
  expect(absentBlobs([], () => undefined).size).toBe(0);
  const twice = [hash, hash].map((hash) => ({ hash, size: 1 }));
  expect(absentBlobs(twice, () => undefined).size).toBe(1);
});
