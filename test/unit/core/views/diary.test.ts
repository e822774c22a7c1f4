import { diaryWords } from '../../../../shared/words/diary-words.ts';
import { expect, test } from 'vitest';
import { millis } from '../../../../shared/base/units.ts';
import { epoch, jobId, memberId, type TaskId } from '../../../../shared/domain/ids.ts';
import type { LabEvent } from '../../../../src-main/core/state/events.ts';
import { diaryLine } from '../../../../src-main/core/views/diary.ts';
import { factsOf } from '../../../../src-sim/simulated-lab.ts';
import { because, checkpointOf, hashOf, ToldLab } from '../told-lab.ts';

const member = memberId('a');
const [task, job] = ['1.0' as TaskId, jobId('1')];
const one = epoch(1);

/** PC a is called "desk" and runs task 1.0. */
function told(): ToldLab {
  const lab = new ToldLab();
  lab.pc('a').name = 'desk';
  lab.runs('a');
  return lab;
}

test.each<[LabEvent, object]>([
  [
    { e: 'night-opened', night: 3 },
    { facts: { night: 3 }, tone: 'plain' },
  ],
  [
    { e: 'member-arrived', member, facts: factsOf('a') },
    { facts: { pc: 'desk' }, tone: 'good' },
  ],
  [
    { e: 'member-lost', member },
    { facts: { pc: 'desk' }, tone: 'bad' },
  ],
  [{ e: 'member-lost', member: memberId('gone') }, { facts: { pc: 'gone' } }],
  [
    { e: 'member-cordoned', member, because },
    { facts: { pc: 'desk', because }, tone: 'plain' },
  ],
  [
    { e: 'member-banned', member, because: null },
    { facts: { because: null }, tone: 'bad' },
  ],
  [
    { e: 'member-came-back', member, facts: factsOf('a'), after: millis(5) },
    { facts: { pc: 'desk', after: 5 }, tone: 'bad' },
  ],
  [{ e: 'job-removed', job, because }, { facts: { job, because } }],
  [{ e: 'seats-given', seats: [{ machineKey: 'x', seat: null }] }, { facts: { pcs: 1 } }],
  [
    { e: 'task-started', task, epoch: one, resumed: true },
    { facts: { task, pc: 'desk' }, tone: 'good' },
  ],
  // Read again after a restart, the task may be elsewhere by now.
  [{ e: 'task-started', task, epoch: epoch(9), resumed: true }, { facts: { task, pc: null } }],
  [
    { e: 'task-move-failed', task, to: member, reason: because },
    { facts: { pc: 'desk' }, tone: 'bad' },
  ],
  [
    { e: 'task-attempt-lost', task, epoch: one, reason: because, lostMs: 5, avoid: null },
    { facts: { lostMs: 5 }, tone: 'bad' },
  ],
  [
    { e: 'task-saved', task, checkpoint: checkpointOf('a'), suspended: true, freezeMs: 1 },
    { facts: { bytes: 10 } },
  ],
  [
    { e: 'task-failed', task, exitCode: 1, reason: because, outputs: [], log: null, cpuSeconds: 1 },
    { tone: 'bad' },
  ],
])('the diary tells of %j', (event, expected) => {
  const line = diaryLine(told().state, event);
  expect(line).toMatchObject({ code: event.e, ...expected });
  expect(line && diaryWords(line).length).toBeGreaterThan(5);
});

test.each<LabEvent>([
  { e: 'task-started', task, epoch: one, resumed: false },
  { e: 'task-saved', task, checkpoint: checkpointOf('a'), suspended: false, freezeMs: 1 },
  { e: 'task-attempt-lost', task, epoch: one, reason: because, lostMs: 0, avoid: null },
  { e: 'task-placed', task, epoch: one, machine: member, from: hashOf('a') },
  { e: 'member-described', member, facts: factsOf('a') },
  { e: 'task-done', task, exitCode: 0, outputs: [], log: null, cpuSeconds: 1 },
])('and passes over what would only be noise: %j', (event) => {
  expect(diaryLine(told().state, event)).toBeUndefined();
});

test('an array is told with the number of its tasks, and one task as one', () => {
  const lab = new ToldLab();
  const tasks = (array: { first: number; last: number } | null) =>
    diaryLine(lab.state, { e: 'job-submitted', job: lab.job({ array }) })?.facts;
  expect([tasks(null), tasks({ first: 3, last: 7 })]).toMatchObject([{ tasks: 1 }, { tasks: 5 }]);
});
