import { taskWords } from '../../shared/words/task-words.ts';
import { describe, expect, test } from 'vitest';
import { seconds } from '../../shared/base/units.ts';
import { blobHash, type BlobHash } from '../../shared/domain/ids.ts';
import { SimulatedLab, valueOf } from '../../src-sim/simulated-lab.ts';

/** A job of one task that was saved twice and is held. */
function heldJob(): { lab: SimulatedLab; job: string; newest: BlobHash; older: BlobHash } {
  const lab = new SimulatedLab(77);
  lab.boot(2);
  const job = lab.submit(1, seconds(120));
  lab.until('it is saved', () => lab.saved.size === 1);
  lab.advance(seconds(5));
  valueOf(lab.shell.holdJob(job));
  lab.until('it is held', () => lab.job(job).value.counts.suspended === 1);
  const [older = '', newest = ''] = [...lab.saved.keys()].slice(-2);
  return { lab, job, newest: blobHash(newest), older: blobHash(older) };
}

describe('a checkpoint that the head’s disk has damaged', () => {
  test('is given up at once for the older one', () => {
    const { lab, job, newest } = heldJob();
    lab.shell.blobDamaged(newest);
    valueOf(lab.shell.resumeJob(job));
    lab.until('it runs', () => lab.job(job).value.tasks[0]?.phase === 'running', 10_000);
    lab.until('it is done', () => lab.isDone(job));
    expect(lab.job(job).value.tasks[0]).toMatchObject({ restartsFromZero: 0, attempt: 2 });
    expect(lab.picture()).toContain('damaged');
    expect(lab.violations).toEqual([]);
  });

  test('is no fault of the PC to which it was handed out', () => {
    const { lab, job, newest } = heldJob();
    lab.restoreFaults = 1;
    valueOf(lab.shell.resumeJob(job));
    lab.until('it begins', () => lab.job(job).value.tasks[0]?.phase === 'resuming');
    lab.shell.blobDamaged(newest);
    lab.until('the PC gives it up', () => lab.job(job).value.tasks[0]?.phase !== 'resuming');
    lab.restoreFaults = 0;
    lab.until('it runs', () => lab.job(job).value.tasks[0]?.phase === 'running', 10_000);
    lab.until('it is done', () => lab.isDone(job));
    expect(lab.job(job).value.tasks[0]?.restartsFromZero).toBe(0);
    expect(lab.shell.machines().map((machine) => machine.cordoned)).toEqual([false, false]);
  });

  test('and no older one: the task begins again, and says so', () => {
    const { lab, job, newest, older } = heldJob();
    lab.shell.blobDamaged(newest);
    lab.shell.blobDamaged(older);
    expect(lab.job(job).value.tasks[0]).toMatchObject({ state: 'queued', restartsFromZero: 1 });
    valueOf(lab.shell.resumeJob(job));
    lab.until('it runs', () => lab.job(job).value.tasks[0]?.phase === 'running');
    expect(taskWords(lab.job(job).value.tasks[0]!)).toBe(
      "no checkpoint of it is left: its bytes on the head's disk are damaged; it begins again",
    );
    lab.until('it is done', () => lab.isDone(job));
  });

  test('of nothing in the lab is no event', () => {
    const { lab } = heldJob();
    const events = lab.store.events.length;
    lab.shell.blobDamaged(blobHash('f'.repeat(64)));
    lab.advance(0);
    expect(lab.store.events.length).toBe(events);
  });
});
