import { expect, test } from 'vitest';
import { minutes, seconds } from '../../shared/base/units.ts';
import { blobHash, epoch, type Epoch, type TaskId } from '../../shared/domain/ids.ts';
import type { ToHead } from '../../shared/wire/to-head.ts';
import { HandMadeMember } from './hand-made-member.ts';
import type { SeededRng } from '../../src-sim/seeded-rng.ts';
import { SimulatedLab } from '../../src-sim/simulated-lab.ts';
import { disagreements } from './told-by-the-log.ts';

interface Spoken {
  readonly task: TaskId;
  readonly epoch: Epoch;
}

const states = [
  ...(['starting', 'running', 'frozen', 'leaving'] as const),
  ...(['uncertain', 'arriving', 'ended'] as const),
];
const stored = blobHash('a'.repeat(64));
const absent = blobHash('b'.repeat(64));

/** Any task of the lab, its own or another PC's, and an attempt that is, was, or will be. */
function anyAttempt(lab: SimulatedLab, rng: SeededRng): Spoken {
  const { tasks } = lab.shell.state;
  const task = rng.pick([...tasks.values()]);
  if (task === undefined || rng.below(20) === 0)
    return { task: '77.7' as TaskId, epoch: epoch(rng.below(5)) };
  const now = task.attempt?.epoch ?? 0;
  const of = rng.pick([now, now, now, task.attempt?.move?.toEpoch ?? now, now + 1, now - 1]) ?? 0;
  return { task: task.id, epoch: epoch(Math.max(0, of)) };
}

/** Whatever its language has words for. */
function anything(lab: SimulatedLab, rng: SeededRng, pc: HandMadeMember): ToHead {
  const one = anyAttempt(lab, rng);
  const hash = rng.pick([stored, absent]) ?? absent;
  const odd = rng.pick([0, 1, 1e15, 1.7e308]) ?? 0;
  const reason = 'because';
  const toEpoch = epoch(Math.max(0, one.epoch + rng.below(3) - 1));
  const file = { path: 'a', hash, size: rng.pick([1000, 7]) ?? 0, executable: false };
  const outputs = rng.below(2) === 0 ? [] : [file, file];
  const log = rng.pick([null, hash]) ?? null;
  const end = rng.pick([
    { cause: 'exit' as const, exitCode: rng.pick([0, 1, -1, 2 ** 53 - 1]) ?? 0 },
    { cause: 'stopped' as const },
    ...(['limit', 'unstartable', 'machine'] as const).map((cause) => ({ cause, reason })),
    { cause: 'no-output' as const, exitCode: 0, reason },
  ]);
  const ending = end ?? { cause: 'stopped' as const };
  const attempts = Array.from({ length: rng.below(4) }, () => ({
    ...anyAttempt(lab, rng),
    state: rng.pick(states) ?? 'running',
  }));
  const list = { hash, size: 9 };
  const saved = { hash, size: 1000, takenAt: odd as never, log, cpuSeconds: odd, freezeMs: odd };
  const says: readonly ToHead[] = [
    { t: 'hello', protocol: 1, facts: pc.facts, attempts },
    { t: 'started', ...one, resumed: rng.below(2) === 0 },
    { t: 'usage', of: [{ ...one, cpuSeconds: odd, memory: odd }] },
    { t: 'ended', ...one, ending, outputs, log, cpuSeconds: odd },
    { t: 'ended', ...one, ending, outputs: [], list, log, cpuSeconds: odd },
    { t: 'results-wait', ...one, reason },
    { t: 'checkpointed', ...one, suspended: rng.below(2) === 0, ...saved },
    { t: 'checkpoint-failed', ...one, reason },
    { t: 'expecting', ...one },
    { t: 'arrived', ...one },
    { t: 'moved', ...one, toEpoch, bytes: odd, freezeMs: odd, totalMs: odd },
    { t: 'move-failed', ...one, toEpoch, outcome: 'thawed', reason },
    { t: 'move-failed', ...one, toEpoch, outcome: 'uncertain', reason },
    { t: 'abandoned', ...one, reason },
    { t: 'discarded', ...one },
    { t: 'unknown-attempt', ...one },
    { t: 'log-piece', request: rng.below(5), offset: Math.min(odd, 1e15), piece: '%%%', end: true },
    { t: 'leaving' },
    { t: 'reclaim', by: 'keypress' },
  ];
  const isRare = rng.below(40) > 0;
  return says[rng.below(says.length - (isRare ? 2 : 0))] ?? { t: 'leaving' };
}

/** People go about their work meanwhile. */
function somebodyActs(lab: SimulatedLab, rng: SeededRng, job: string): void {
  const task = rng.pick([...lab.shell.state.tasks.keys()]) ?? '';
  const acts = [
    () => lab.shell.migrate(task, rng.pick(['pc-01', 'pc-02', 'pc-91']) ?? ''),
    () => lab.shell.holdJob(job),
    () => lab.shell.resumeJob(job),
    () => lab.shell.evacuate(['pc-91']),
    () => lab.shell.uncordon(['pc-91']),
    () => lab.shell.release(['pc-91'], 'now', false),
  ];
  rng.pick(acts)?.();
}

function playNight(seed: number): string[] {
  const lab = new SimulatedLab(seed);
  const { rng } = lab;
  lab.stored.set(stored, 1000);
  lab.boot(2);
  const pc = new HandMadeMember(lab, 'pc-91').links();
  pc.lives(seconds(1));
  const job = lab.submit(8, seconds(20), { retries: 3 });
  for (let turn = 0; turn < 150; turn += 1) {
    if (rng.below(5) > 0) pc.says(anything(lab, rng, pc));
    else if (rng.below(4) === 0) pc.links();
    else pc.beats();
    if (rng.below(12) === 0) somebodyActs(lab, rng, job);
    lab.advance(rng.below(400));
  }
  lab.links.silence(pc.id);
  lab.advance(minutes(2));
  lab.killHead();
  lab.startHead(); // what it made the head store can be read again
  lab.shell.resumeJob(job);
  lab.until('nothing is left to do', () => lab.job(job).value.finishedAt !== null, 600_000);
  return [...lab.violations, ...disagreements(lab.store, lab.shell.state)];
}

/**
 * One PC of three may say what it likes, of its own tasks and of everybody's: it can waste what it was given and spoil the
 * tasks it had, but no word of it ends the head, moves a task that others have, or makes two of one.
 */
test('a member that says anything spoils no more than what it was given', () => {
  const nights = Number(process.env['NIGHTSHIFT_HOSTILE_NIGHTS'] ?? 60);
  for (let seed = 7000; seed < 7000 + nights; seed += 1)
    expect(playNight(seed), `seed ${seed}`).toEqual([]);
}, 3_600_000);
