import { bytes, epochMillis, millis, monotonicMillis } from '../../../shared/base/units.ts';
import { attemptName, type AttemptKey } from '../../../shared/domain/attempt-key.ts';
import { blobHash, epoch, jobId, memberId, taskIdOf } from '../../../shared/domain/ids.ts';
import { practiceTimings } from '../../../shared/domain/timings.ts';
import type { AttemptReport, TaskSpec } from '../../../shared/wire/task-spec.ts';
import type { ToHead } from '../../../shared/wire/to-head.ts';
import type { ToMember } from '../../../shared/wire/to-member.ts';
import { decide, newAgent, nextWakeAt } from '../../../src-member/core/agent/decide.ts';
import { reportOf } from '../../../src-member/core/attempts/attempt.ts';
import type { Outcome } from '../../../src-member/core/attempts/outcomes.ts';
import {
  headIsAbleTo,
  type AgentState,
  type Directive,
} from '../../../src-member/core/attempts/turn.ts';

export const key = (task: number, number: number): AttemptKey => ({
  task: taskIdOf(jobId(String(task)), 0),
  epoch: epoch(number),
});

export const specOf = (of: AttemptKey, wish: Partial<TaskSpec> = {}): TaskSpec => ({
  task: of.task,
  name: 'work',
  index: 0,
  command: ['true'],
  environment: {},
  cpus: 1,
  memory: bytes(1 << 28),
  wallTimeLeft: null,
  inputs: [],
  outputs: [],
  pack: 'base',
  portable: false,
  ...wish,
});

export const target = { id: memberId('pc-02'), name: 'pc-02', address: '10.0.0.2', port: 7412 };
export const aCheckpoint = { hash: blobHash('a'.repeat(64)), size: 10, cpuSeconds: 1 };

export const saved = {
  ...aCheckpoint,
  takenAt: epochMillis(1),
  log: null,
  freezeMs: 5,
};

/** The decider of one member, told a story; remembers what it asked for and said. */
export class HeldMember {
  readonly state: AgentState = newAgent(practiceTimings, []);
  now = 1000;
  /** Of the last input. */
  directives: readonly Directive[] = [];
  readonly said: ToHead[] = [];

  feed(input: Parameters<typeof decide>[1]): readonly Directive[] {
    this.directives = decide(this.state, input, monotonicMillis(this.now));
    for (const directive of this.directives)
      if (directive.d === 'send') this.said.push(directive.message);
    return this.directives;
  }

  hears(message: ToMember): readonly Directive[] {
    return this.feed({ i: 'message', message });
  }

  learns(outcome: Outcome): readonly Directive[] {
    return this.feed({ i: 'outcome', outcome });
  }

  /** Linked and welcomed; `can`: by a head that says it can do this. */
  joins(can?: readonly string[]): this {
    this.feed({ i: 'link-opened' });
    this.hears({
      t: 'welcome',
      member: memberId('pc-01'),
      name: 'pc-01',
      seat: null,
      lab: 'lab',
      wallClock: 0,
      timings: practiceTimings,
      ...(can && { can: [...can] }),
    });
    return this;
  }

  /** Time passes; every wake-up comes when it is due, and the head answers each heartbeat unless it is `silent`. */
  passes(span: number, silent = false): Directive[] {
    const all: Directive[] = [];
    const end = this.now + span;
    for (;;) {
      const wake = nextWakeAt(this.state, monotonicMillis(this.now));
      if (wake === null || wake > end) break;
      this.now = Math.max(this.now, wake);
      const directives = this.feed({ i: 'wake' });
      all.push(...directives);
      for (const directive of directives)
        if (directive.d === 'beat' && !silent)
          all.push(...this.hears({ t: 'lease', n: directive.n }));
    }
    this.now = end;
    return all;
  }

  /** Has a program that runs. */
  runs(of: AttemptKey, wish: Partial<TaskSpec> = {}): this {
    this.hears({ t: 'start', ...of, spec: specOf(of, wish), checkpoint: null });
    this.learns({ o: 'started', of });
    return this;
  }

  kinds(): string[] {
    return this.directives.map((directive) =>
      directive.d === 'send' ? `say ${directive.message.t}` : directive.d,
    );
  }

  /** What its next hello would say of it. */
  reports(of: AttemptKey): AttemptReport {
    const attempt = this.state.attempts.get(attemptName(of));
    if (!attempt) throw new Error('it holds no such attempt');
    return reportOf(attempt, headIsAbleTo(this.state, 'arrivesInSteps'));
  }

  stageOf(of: AttemptKey): string {
    return this.state.attempts.get(attemptName(of))?.stage.at ?? 'unheld';
  }
}

export const span = millis;
