import type { DiaryLine } from '../../../shared/api/views.ts';
import { describe, expect, it } from 'vitest';
import { reportOf } from './some-views.ts';
import { sentenceOf } from '../../../src-renderer/bridge/refusal-sentence.ts';
import { announcementOf } from '../../../src-renderer/state/announcements.ts';
import { ago, counted, shortSpan } from '../../../src-renderer/ui/time-words.ts';
import { headlineOf } from '../../../src-renderer/views/report/report-words.ts';

const arrived = (seq: number, pc: string): DiaryLine => ({
  ...{ seq, at: 0, tone: 'plain' },
  ...{ code: 'member-arrived', facts: { pc } },
});
const lost = (seq: number, pc: string): DiaryLine => ({
  ...{ seq, at: 0, tone: 'bad' },
  ...{ code: 'member-lost', facts: { pc } },
});

describe('what a screen reader says', () => {
  it('is the new lines, word for word', () => {
    expect(announcementOf([arrived(1, 'a'), arrived(2, 'b'), arrived(3, 'c')], 1)).toBe(
      'b arrived. c arrived.',
    );
  });

  it('is nothing when nothing is new', () => {
    expect(announcementOf([arrived(1, 'a')], 1)).toBe('');
  });

  it('of many lines is their number and the trouble among them', () => {
    const lines = [arrived(1, 'a'), lost(2, 'pc-03'), arrived(3, 'c'), arrived(4, 'd')];
    expect(announcementOf(lines, 0)).toBe('4 things happened. pc-03 is lost.');
    expect(
      announcementOf(
        [1, 2, 3, 4].map((seq) => arrived(seq, `pc-${seq}`)),
        0,
      ),
    ).toBe('4 things happened. pc-4 arrived.');
  });
});

describe('the headline of a night', () => {
  const pc = {
    ...{ name: 'pc-1', state: 'ready' as const, returnedAt: null },
    ...{ leftAt: null, flag: null, note: null },
  };
  it.each([
    [{}, 'A quiet night.'],
    [{ tasksDone: 1 }, '1 task done, no work lost.'],
    [
      { tasksDone: 12_000, tasksFailed: 2, minutesLost: 1.04 },
      '12,000 tasks done, 2 failed, 1 minute of work lost.',
    ],
    [
      {
        tasksDone: 3,
        machines: [{ ...pc, state: 'lost' as const }],
        minutesLost: 4.25,
      },
      '3 tasks done, 1 PC lost, 4.3 minutes of work lost.',
    ],
    [
      {
        tasksDone: 3,
        machines: [
          { ...pc, flag: 'came-back' as const },
          { ...pc, state: 'released' as const, flag: 'stayed' as const },
        ],
      },
      '3 tasks done, 1 PC came back, 1 PC did not leave, no work lost.',
    ],
  ])('%#', (night, headline) => {
    expect(headlineOf(reportOf(night))).toBe(headline);
  });
});

describe('times in words', () => {
  it.each([
    [-3000, 'just now'],
    [4000, 'just now'],
    [59_000, '59 s ago'],
    [60_000, '1 min ago'],
    [3_600_000, '1 h ago'],
  ])('%i ms ago', (span, words) => {
    expect(ago(1e12, 1e12 - span)).toBe(words);
  });

  it.each([
    [900, '1 s'],
    [92_400, '1 min 32 s'],
    [3_600_000 + 29_000, '1 h'],
    [6_600_000, '1 h 50 min'],
  ])('a span of %i ms', (span, words) => {
    expect(shortSpan(span)).toBe(words);
  });

  it('counts with the right ending', () => {
    expect([counted(0, 'task'), counted(1, 'task'), counted(1200, 'task')]).toEqual([
      '0 tasks',
      '1 task',
      '1,200 tasks',
    ]);
  });
});

describe('a refusal', () => {
  const refused = (sentence: string) =>
    Object.assign(new Error(sentence), {
      code: 'REFUSED',
      data: { kind: 'refused', code: 'of-a-newer-head', facts: {}, sentence },
    });

  it('is told as the head worded it', () => {
    expect(sentenceOf(refused('job 7 is over already.'))).toBe('Job 7 is over already.');
    expect(sentenceOf(refused('pc-07 has no free slot.'))).toBe('pc-07 has no free slot.');
  });

  it('of any other kind shows no inside of ours', () => {
    expect(sentenceOf(new TypeError('x is undefined'))).toBe(
      'The head did not answer. Try again when the connection is back.',
    );
  });
});
