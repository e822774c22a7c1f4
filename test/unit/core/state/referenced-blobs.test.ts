import { expect, test } from 'vitest';
import { blobsOf, referencedBlobs } from '../../../../src-main/core/state/referenced-blobs.ts';
import { checkpointOf, hashOf, ToldLab } from '../told-lab.ts';

const file = (letter: string) => ({
  ...{ path: letter, hash: hashOf(letter), size: 1, executable: false },
});
const [input, log, output] = [file('1'), hashOf('2'), file('3')];

test('a lab without jobs needs nothing', () => {
  expect(referencedBlobs(new ToldLab().state)).toEqual(new Set());
});

test('a task needs its job’s inputs and its checkpoints until it is over, and what it left for ever', () => {
  const lab = new ToldLab();
  lab.pc('pc-01');
  const job = lab.job({ inputs: [input] });
  expect(referencedBlobs(lab.state)).toEqual(new Set([input.hash]));
  const task = lab.runs('pc-01', job);
  lab.saves(task, checkpointOf('a', { log: hashOf('c') }));
  lab.saves(task, checkpointOf('b'));
  const whileItRuns = new Set([input.hash, hashOf('a'), hashOf('b'), hashOf('c')]);
  expect(referencedBlobs(lab.state)).toEqual(whileItRuns);
  // Of three checkpoints the oldest is not needed any more, but for the log that is the newest there is.
  lab.saves(task, checkpointOf('d'));
  expect(referencedBlobs(lab.state)).toEqual(
    new Set([input.hash, hashOf('b'), hashOf('d'), hashOf('c')]),
  );
  lab.tells(task, {
    ...{ e: 'task-done', task: task.id, exitCode: 0, outputs: [output], log, cpuSeconds: 1 },
  });
  expect(referencedBlobs(lab.state)).toEqual(new Set([output.hash, log]));
  expect([...blobsOf(task)]).toEqual([log, output.hash]);
  // Nobody goes on from a checkpoint of what is over, whoever wrote its row.
  task.checkpoints = [checkpointOf('e', { log: hashOf('f') })];
  expect(referencedBlobs(lab.state)).toEqual(new Set([output.hash, log]));
});

test('inputs stay as long as one task of the job is open, and are shared by jobs', () => {
  const lab = new ToldLab();
  lab.pc('pc-01');
  const job = lab.job({ inputs: [input], array: { first: 1, last: 2 } });
  const other = lab.job({ inputs: [input] });
  lab.ends(lab.runs('pc-01', job, 1));
  lab.ends(lab.runs('pc-01', job, 2), 'failed');
  expect(referencedBlobs(lab.state)).toEqual(new Set([input.hash]));
  lab.ends(lab.runs('pc-01', other));
  expect(referencedBlobs(lab.state)).toEqual(new Set());
});
