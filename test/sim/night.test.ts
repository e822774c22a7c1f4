import { taskWords } from '../../shared/words/task-words.ts';
import { expect, test } from 'vitest';
import { seconds } from '../../shared/base/units.ts';
import { epoch, memberId } from '../../shared/domain/ids.ts';
import { plainSpec, SimulatedLab, valueOf } from '../../src-sim/simulated-lab.ts';

test('six tasks fill the slots of three PCs and are done', () => {
  const lab = new SimulatedLab(1);
  lab.boot(3);
  const job = lab.submit(6, seconds(20));
  lab.until('all six run', () => lab.job(job).value.counts.running === 6);
  expect(lab.shell.machines().map((machine) => machine.tasks.length)).toEqual([2, 2, 2]);
  lab.until('the job is done', () => lab.isDone(job));
  expect(lab.violations).toEqual([]);
});

test('a PC whose plug is pulled is suspect, then lost, and its tasks go on elsewhere', () => {
  const lab = new SimulatedLab(2);
  lab.boot(2);
  const job = lab.submit(2, seconds(60));
  lab.until('both run', () => lab.job(job).value.counts.running === 2);
  lab.advance(seconds(40));
  lab.pc(1).unplug();
  lab.until('suspect', () => lab.statusOf(1) === 'suspect');
  lab.until('lost', () => lab.statusOf(1) === 'lost');
  lab.until('done', () => lab.isDone(job));
  expect(lab.violations).toEqual([]);
  expect(lab.job(job).value.tasks.every((task) => task.restartsFromZero === 0)).toBe(true);
});

test('a cut member freezes its tasks before the head gives them away, and drops them when it is back', () => {
  const lab = new SimulatedLab(3);
  lab.boot(2);
  const job = lab.submit(4, seconds(90));
  lab.until('all run', () => lab.job(job).value.counts.running === 4);
  lab.pc(2).cutCable();
  lab.until('lost', () => lab.statusOf(2) === 'lost');
  expect([...lab.pc(2).attempts.values()].map((attempt) => attempt.state)).toEqual([
    'frozen',
    'frozen',
  ]);
  lab.pc(2).heal();
  lab.until('back', () => lab.statusOf(2) === 'ready');
  lab.until('done', () => lab.isDone(job));
  expect(lab.violations).toEqual([]);
});

test('a short cut costs nothing: the lease is renewed and the tasks thaw', () => {
  const lab = new SimulatedLab(4);
  lab.boot(1);
  const job = lab.submit(1, seconds(30));
  lab.until('runs', () => lab.job(job).value.counts.running === 1);
  lab.pc(1).cutCable();
  lab.advance(seconds(7));
  lab.pc(1).heal();
  lab.until('done', () => lab.isDone(job));
  expect(lab.job(job).value.tasks[0]?.attempt).toBe(1);
});

test('a task moves on request and is measured', () => {
  const lab = new SimulatedLab(5);
  lab.boot(2);
  const job = lab.submit(1, seconds(60));
  lab.until('runs', () => lab.job(job).value.tasks[0]?.phase === 'running');
  const from = lab.job(job).value.tasks[0]?.machine;
  const to = from === 'pc-01' ? 'pc-02' : 'pc-01';
  expect(valueOf(lab.shell.migrate(job, to))).toEqual({ task: `${job}.0`, from, to });
  lab.until('moved', () => (lab.job(job).value.tasks[0]?.migrations[0]?.totalMs ?? 0) > 0);
  expect(lab.job(job).value.tasks[0]?.machine).toBe(to);
  lab.until('done', () => lab.isDone(job));
  expect(lab.violations).toEqual([]);
});

test('release saves every task on the head, the PCs leave, and the next night goes on where it was', () => {
  const lab = new SimulatedLab(6);
  lab.boot(3);
  const job = lab.submit(6, seconds(120));
  lab.until('all run', () => lab.job(job).value.counts.running === 6);
  lab.advance(seconds(30));
  valueOf(lab.shell.release('all', 'checkpoint'));
  lab.until('released', () => [1, 2, 3].every((pc) => lab.statusOf(pc) === 'released'));
  expect(lab.job(job).value.counts.suspended).toBe(6);
  expect(lab.shell.report().minutesLost).toBe(0);
  lab.advance(seconds(3600));
  for (const member of lab.members()) member.boot();
  lab.until('done', () => lab.isDone(job));
  expect(lab.shell.report().night).toBe(2);
  expect(lab.job(job).value.tasks.every((task) => task.restartsFromZero === 0)).toBe(true);
  expect(lab.violations).toEqual([]);
});

test('the head is killed and restarted; running tasks never notice', () => {
  const lab = new SimulatedLab(7);
  lab.boot(3);
  const job = lab.submit(6, seconds(60));
  lab.until('all run', () => lab.job(job).value.tasks.every((task) => task.phase === 'running'));
  lab.killHead();
  lab.advance(seconds(3));
  lab.startHead();
  lab.until('done', () => lab.isDone(job));
  expect(lab.job(job).value.tasks.map((task) => task.attempt)).toEqual([1, 1, 1, 1, 1, 1]);
});

test('evacuating a PC moves its tasks to others with room and leaves it cordoned', () => {
  const lab = new SimulatedLab(8);
  lab.boot(2);
  const job = lab.submit(2, seconds(90));
  lab.until('both run', () => lab.job(job).value.tasks.every((task) => task.phase === 'running'));
  valueOf(lab.shell.evacuate(['pc-01']));
  lab.until('empty', () =>
    lab.shell
      .machines()
      .some((machine) => machine.id === 'pc-01' && machine.cordoned && machine.tasks.length === 0),
  );
  lab.until('done', () => lab.isDone(job));
  expect(lab.violations).toEqual([]);
});

test('a faster PC that arrives later takes over a long task, once', () => {
  const lab = new SimulatedLab(9);
  lab.boot(2, [500, 1000]);
  lab.pc(2).unplug();
  const job = lab.submit(1, seconds(600));
  lab.until('runs on the slow one', () => lab.job(job).value.tasks[0]?.machine === 'pc-01');
  lab.advance(seconds(60));
  lab.pc(2).boot();
  lab.until('on the fast one', () => lab.job(job).value.tasks[0]?.machine === 'pc-02');
  lab.until('done', () => lab.isDone(job), 3_000_000);
  expect(lab.job(job).value.tasks[0]?.migrations.length).toBe(1);
});

test('a held job leaves its machines and goes on when it is resumed', () => {
  const lab = new SimulatedLab(10);
  lab.boot(1);
  const job = lab.submit(2, seconds(60));
  lab.until('runs', () => lab.job(job).value.tasks.every((task) => task.phase === 'running'));
  valueOf(lab.shell.holdJob(job));
  lab.until('suspended', () => lab.job(job).value.counts.suspended === 2);
  expect(lab.job(job).value.tasks[0]?.waitingBecause?.code).toBe('job-held');
  valueOf(lab.shell.resumeJob(job));
  lab.until('done', () => lab.isDone(job));
  expect(lab.violations).toEqual([]);
});

test('cancelling ends what runs and what waits', () => {
  const lab = new SimulatedLab(11);
  lab.boot(1);
  const job = lab.submit(5, seconds(60));
  lab.until('two run', () => lab.job(job).value.counts.running === 2);
  valueOf(lab.shell.cancelJob(job));
  lab.until('cancelled', () => lab.job(job).value.counts.cancelled === 5);
});

test('a full disk refuses a command and nothing of it has happened; space lets the night go on', () => {
  const lab = new SimulatedLab(12);
  lab.boot(1);
  lab.until('ready', () => lab.statusOf(1) === 'ready');
  lab.store.full = true;
  const refused = lab.shell.submit(plainSpec);
  expect(refused.ok).toBe(false);
  expect(lab.shell.jobs()).toEqual([]);
  lab.store.full = false;
  const job = lab.submit(1, seconds(5));
  lab.until('done', () => lab.isDone(job));
});

test('a task whose results the head has no room for says so, until they are there', () => {
  const lab = new SimulatedLab(13);
  lab.boot(1);
  lab.until('ready', () => lab.statusOf(1) === 'ready');
  const job = lab.submit(1, seconds(5));
  const task = () => lab.job(job).value.tasks[0]!;
  lab.until('running', () => task().phase === 'running');
  const { id, attempt } = task();
  const reason = "the head's disk is full; free some space in /srv/blobs.";
  lab.links.sendToHead(memberId('pc-01'), {
    ...{ t: 'results-wait', task: id, epoch: epoch(attempt), reason },
  });
  lab.until('told', () => task().phase === 'storing');
  expect(task().state).toBe('running');
  expect(taskWords(task())).toBe(
    "it has ended and its results wait on its PC: the head's disk is full; free some space in /srv/blobs",
  );
  lab.until('done', () => lab.isDone(job));
  expect(task()).toMatchObject({ phase: 'done', reason: null });
});

test('a task that cannot be saved says so on its own page, and what that means', () => {
  const lab = new SimulatedLab(21);
  lab.boot(1);
  const job = lab.submit(1, seconds(300));
  lab.saveFaults = 1;
  const reason = (): string => taskWords(lab.job(job).value.tasks[0]!) ?? '';
  lab.until('it says so', () => reason().includes('if its PC goes'), seconds(90));
  expect(reason()).toMatch(/; if its PC goes, it begins again$/);
  lab.saveFaults = 0;
  lab.until('it is saved after all', () => lab.saved.size > 0);
  lab.until('nothing is left to say', () => reason() === '');
});
