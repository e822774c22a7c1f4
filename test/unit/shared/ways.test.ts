import { expect, test } from 'vitest';
import { jobId } from '../../../shared/domain/ids.ts';
import { refuseFor } from '../../../shared/domain/refusals.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { waitingWords } from '../../../shared/words/waiting-words.ts';
import { speakOfButtons } from '../../../shared/words/ways.ts';

test('what to do is a command for who types, and a button for who looks at the app', () => {
  const said = (): readonly string[] => [
    waitingWords({ code: 'job-held', facts: {} }),
    waitingWords({
      code: 'never-starts',
      facts: { job: jobId('2'), after: jobId('1'), ended: 'failed' },
    }),
    refusalWords(refuseFor('refused', 'job-is-not-over', { job: '7' }).error),
    refusalWords(
      refuseFor('refused', 'practice-pc-has-no-power', { machine: 'pc-01', state: 'off' }).error,
    ),
  ];
  expect(said()).toEqual([
    'the job is held; nightshift resume lets it go on',
    'it never starts: it was to start once job 1 is done, and that failed; take it away with nightshift cancel 2',
    'job 7 is not over; end it first: nightshift cancel 7',
    'pc-01 has no power; give it power with nightshift practice replug pc-01.',
  ]);
  speakOfButtons();
  expect(said()).toEqual([
    'the job is held; Resume lets it go on',
    'it never starts: it was to start once job 1 is done, and that failed; take it away with Cancel',
    'job 7 is not over; end it first: Cancel',
    'pc-01 has no power; give it power with Plug in again.',
  ]);
});
