import type { Result } from '../../../shared/base/result.ts';
import { epochMillis, monotonicMillis } from '../../../shared/base/units.ts';
import {
  blobHash,
  epoch,
  jobId,
  memberId,
  taskIdOf,
  type JobId,
  type MemberId,
  type TaskId,
} from '../../../shared/domain/ids.ts';
import type { Checkpoint, Job, JobSpec, Task } from '../../../shared/domain/job.ts';
import type { Member, MemberFacts } from '../../../shared/domain/member.ts';
import { saidReason } from '../../../shared/domain/reasons.ts';
import { practiceTimings } from '../../../shared/domain/timings.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import type { ToMember } from '../../../shared/wire/to-member.ts';
import { hearOfAttempt, type AboutAttempt } from '../../../src-main/core/lab/hear.ts';
import type { LabEvent } from '../../../src-main/core/state/events.ts';
import { emptyLab, seenOf, type LabState } from '../../../src-main/core/state/state.ts';
import { beginTurn, type Directive, type Turn } from '../../../src-main/core/state/turn.ts';
import { SeededRng } from '../../../src-sim/seeded-rng.ts';
import { factsOf, plainSpec } from '../../../src-sim/simulated-lab.ts';

export const because = saidReason('so');
export const hashOf = (letter: string) => blobHash(letter.repeat(64));
export const kinds = (turn: Turn): string[] => turn.events.map(({ e }) => e);

/** What was said to whom. */
export const sent = (turn: Turn): [MemberId, ToMember][] =>
  turn.directives.flatMap((one) => (one.d === 'send' ? [[one.member, one.message]] : []));
export const said = (turn: Turn): string[] => sent(turn).map(([to, { t }]) => `${to}: ${t}`);
export const others = (turn: Turn): Directive[] => turn.directives.filter(({ d }) => d !== 'send');

/** `kind: what a person reads`; empty where it was no refusal. */
export const refusalOf = (result: Result<unknown>): string =>
  result.ok ? '' : `${result.error.kind}: ${refusalWords(result.error)}`;

export const checkpointOf = (letter: string, wish: Partial<Checkpoint> = {}): Checkpoint => ({
  hash: hashOf(letter),
  size: 10,
  takenAt: epochMillis(0),
  epoch: epoch(1),
  cpuSeconds: 1,
  log: null,
  cpuFeatures: [],
  ...wish,
});

/** A lab of which events tell, for one decider at a time; its clocks stand still until they are put forward. */
export class ToldLab {
  readonly state: LabState = emptyLab();
  /** Monotonic and wall, milliseconds. */
  now = 1_000_000;
  wall = 1_800_000_000_000;
  /** `hh:mm` on the lab's wall; null: nobody knows. */
  clock: string | null = null;
  readonly #rng = new SeededRng(1);

  /** What is decided when that PC says this of an attempt; `absent`: what it names that the head does not have. */
  listensTo(on: string, message: AboutAttempt, absent: readonly string[] = []): Turn {
    return this.decides(
      (turn) => void hearOfAttempt(turn, this.member(on), message, new Set(absent.map(hashOf))),
    );
  }

  passes(span: number): this {
    this.now += span;
    this.wall += span;
    return this;
  }

  turn(timings = practiceTimings): Turn {
    const [hour = 0, minute = 0] = (this.clock ?? '').split(':').map(Number);
    return beginTurn(
      this.state,
      timings,
      this.#rng,
      monotonicMillis(this.now),
      epochMillis(this.wall),
      this.clock === null ? null : hour * 60 + minute,
    );
  }

  /** One decider's turn. */
  decides(decider: (turn: Turn) => void): Turn {
    const turn = this.turn();
    decider(turn);
    return turn;
  }

  happens(...events: readonly LabEvent[]): this {
    const turn = this.turn();
    for (const event of events) turn.emit(event);
    return this;
  }

  /** One more PC that is here, linked and heard just now: two processors, 4 GiB. */
  pc(name: string, wish: Partial<MemberFacts> = {}): Member {
    const facts = { ...factsOf(name), ...wish };
    const member = memberId(name);
    this.happens(
      { e: 'member-enrolled', member, name, seat: null, facts },
      { e: 'member-arrived', member, facts },
    );
    this.hears(name);
    return this.member(name);
  }

  /** Its link is up, and it has said something. */
  hears(name: string): this {
    Object.assign(seenOf(this.state, this.member(name)), {
      linked: true,
      heardAt: monotonicMillis(this.now),
    });
    return this;
  }

  member(name: string): Member {
    const member = this.state.members.get(memberId(name));
    if (!member) throw new Error(`there is no PC ${name}`);
    return member;
  }

  job(wish: Partial<JobSpec> = {}, more: Partial<Job> = {}): Job {
    const id = jobId(String(this.state.nextJob));
    const spec = { ...plainSpec, ...wish };
    const submittedAt = epochMillis(this.wall);
    this.happens({
      e: 'job-submitted',
      job: { id, spec, submittedAt, held: false, cancelled: false, ...more },
    });
    return this.jobOf(id);
  }

  jobOf(id: JobId | string): Job {
    const job = this.state.jobs.get(jobId(id));
    if (!job) throw new Error(`there is no job ${id}`);
    return job;
  }

  task(id: TaskId | string): Task {
    const task = this.state.tasks.get(id as TaskId);
    if (!task) throw new Error(`there is no task ${id}`);
    return task;
  }

  /** Of this job, or of a new one, the first task or the one of that index, as its PC has it but not begun. */
  starts(on: string, job: Job = this.job(), index = job.spec.array?.first ?? 0): Task {
    const task = taskIdOf(job.id, index);
    const { epoch: before, checkpoints } = this.task(task);
    this.happens({
      ...{ e: 'task-placed', task, machine: memberId(on) },
      ...{ epoch: epoch(before + 1), from: checkpoints[0]?.hash ?? null },
    });
    return this.task(task);
  }

  runs(on: string, job: Job = this.job(), index = job.spec.array?.first ?? 0): Task {
    const task = this.starts(on, job, index);
    this.happens({ e: 'task-started', task: task.id, epoch: task.epoch, resumed: false });
    return task;
  }

  /** Its move to that PC was begun; nobody has said anything yet. */
  moves(task: Task, to: string): Task {
    const toEpoch = epoch(task.epoch + 1);
    return this.tells(task, {
      ...{ e: 'task-move-begun', task: task.id, to: memberId(to), toEpoch, because },
    });
  }

  saves(task: Task, checkpoint: Checkpoint, suspended = false): Task {
    const event = { e: 'task-saved', task: task.id, checkpoint, suspended, freezeMs: 1 } as const;
    return this.tells(task, event);
  }

  ends(task: Task, how: 'done' | 'failed' = 'done'): Task {
    const end = { task: task.id, outputs: [], log: null, cpuSeconds: 1 };
    return this.tells(
      task,
      how === 'done'
        ? { e: 'task-done', ...end, exitCode: 0 }
        : { e: 'task-failed', ...end, exitCode: 1, reason: because },
    );
  }

  tells(task: Task, event: LabEvent): Task {
    this.happens(event);
    return this.task(task.id);
  }
}
