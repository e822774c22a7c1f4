import fc from 'fast-check';
import { expect, test } from 'vitest';
import { attemptName, type AttemptKey } from '../../../shared/domain/attempt-key.ts';
import { practiceTimings } from '../../../shared/domain/timings.ts';
import type { ToHead } from '../../../shared/wire/to-head.ts';
import type { ToMember } from '../../../shared/wire/to-member.ts';
import type { Outcome } from '../../../src-member/core/attempts/outcomes.ts';
import type { Directive } from '../../../src-member/core/attempts/turn.ts';
import { aCheckpoint, HeldMember, key, saved, specOf, target } from './held-member.ts';

/** What a step may be: an order of an arbitrary head, the outcome of something under way, or time and network. */
type Step =
  | { readonly order: number; readonly of: AttemptKey }
  | { readonly outcome: number; readonly well: boolean }
  | { readonly arrives: AttemptKey }
  | { readonly passes: number; readonly silent: boolean }
  | { readonly link: 'up' | 'down' };

const keys = [key(1, 1), key(1, 2), key(2, 1)];

const orders: readonly ((of: AttemptKey) => ToMember)[] = [
  (of) => ({ t: 'start', ...of, spec: specOf(of), checkpoint: null }),
  (of) => ({ t: 'start', ...of, spec: specOf(of), checkpoint: aCheckpoint }),
  (of) => ({ t: 'expect', ...of, spec: specOf(of), ticket: 't', from: target.id }),
  (of) => ({ t: 'send', ...of, toEpoch: key(1, 3).epoch, to: target, ticket: 't' }),
  (of) => ({ t: 'checkpoint', ...of, then: 'continue' }),
  (of) => ({ t: 'checkpoint', ...of, then: 'suspend' }),
  (of) => ({ t: 'stop', ...of, graceMs: 500 }),
  (of) => ({ t: 'keep', ...of }),
  (of) => ({ t: 'abandon', ...of }),
  (of) => ({ t: 'discard', ...of }),
  (of) => ({ t: 'discard', ...of, confirm: true }),
  (of) => ({ t: 'forget', ...of }),
];

/** What each directive may come to, well and not. */
function outcomesOf(directive: Directive): readonly [Outcome, Outcome] | undefined {
  if (!('of' in directive) || Array.isArray(directive.of)) return undefined;
  const of = directive.of as AttemptKey;
  const fault = { cause: 'machine', reason: 'simulated' } as const;
  switch (directive.d) {
    case 'start':
      return [
        { o: 'started', of },
        { o: 'start-failed', of, fault },
      ];
    case 'receive':
      return [
        { o: 'received', of, wallTimeLeft: null },
        { o: 'receive-failed', of, reason: 'broke' },
      ];
    case 'restore':
      return [
        { o: 'restored', of },
        { o: 'restore-failed', of, reason: 'broke' },
      ];
    case 'clear':
      return [
        { o: 'cleared', of },
        { o: 'cleared', of },
      ];
    case 'save':
      return [
        { o: 'saved', of, saved },
        { o: 'save-failed', of, reason: 'full' },
      ];
    case 'ship':
      return [
        { o: 'shipped', of, bytes: 1, freezeMs: 1, totalMs: 1 },
        { o: 'ship-failed', of, outcome: 'uncertain', reason: 'broke' },
      ];
    case 'collect':
      return [
        { o: 'collected', of, ending: directive.ending, outputs: [], log: null, cpuSeconds: 0 },
        { o: 'collect-failed', of, fault: { why: 'refused', reason: 'the disk is full' } },
      ];
    default:
      return undefined;
  }
}

/** How often each kind of thing was said in all runs: what never happens is not tested. */
const happened = new Map<string, number>();

/** A runtime that only remembers what runs, as the port guarantees it. */
class ModelledPrograms {
  readonly running = new Set<string>();
  readonly #there = new Set<string>();
  readonly underway: (readonly [Outcome, Outcome])[] = [];

  perform(directive: Directive, mayRun: boolean): void {
    if (directive.d === 'send') this.#heard(directive.message);
    const outcomes = outcomesOf(directive);
    if (outcomes) this.underway.push(outcomes);
    if (!('of' in directive) || Array.isArray(directive.of)) return;
    const name = attemptName(directive.of as AttemptKey);
    if (directive.d === 'freeze') this.running.delete(name);
    if (directive.d === 'thaw') {
      expect(mayRun, `${name} is thawed without a lease`).toBe(true);
      if (this.#there.has(name)) this.running.add(name);
    }
    if (directive.d === 'refuse-arrival')
      expect(this.running.has(name), `${name} is refused while it runs`).toBe(false);
    if (directive.d === 'clear' || directive.d === 'kill') {
      this.running.delete(name);
      this.#there.delete(name);
      // What was under way comes to nothing.
      for (let at = this.underway.length - 1; at >= 0; at -= 1) {
        const [first] = this.underway[at]!;
        if ((first.o === 'started' || first.o === 'restored') && attemptName(first.of) === name)
          this.underway.splice(at, 1);
      }
    }
  }

  #heard(said: ToHead): void {
    happened.set(said.t, (happened.get(said.t) ?? 0) + 1);
    const over =
      said.t === 'moved' || said.t === 'abandoned' || (said.t === 'checkpointed' && said.suspended);
    if (over)
      expect(this.running.has(attemptName(said)), `${said.t} is said of what runs`).toBe(false);
  }

  /** The program runs from the moment the runtime says so, before anybody hears it. */
  cameTo(outcome: Outcome, mayRun: boolean): void {
    const name = attemptName(outcome.of);
    if (outcome.o !== 'started' && outcome.o !== 'restored') return;
    expect(mayRun, `${name} begins to run without a lease`).toBe(true);
    this.#there.add(name);
    this.running.add(name);
  }
}

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ order: fc.nat(orders.length - 1), of: fc.constantFrom(...keys) }),
  },
  { weight: 1, arbitrary: fc.record({ arrives: fc.constantFrom(...keys) }) },
  { weight: 6, arbitrary: fc.record({ outcome: fc.nat(), well: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ passes: fc.nat(8000), silent: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ link: fc.constantFrom('up' as const, 'down' as const) }) },
);

function play(steps: readonly Step[]): void {
  const member = new HeldMember();
  const programs = new ModelledPrograms();
  const lease = (): boolean =>
    member.state.lease.from !== null &&
    member.now - member.state.lease.from < practiceTimings.freezeAfter;
  let linked = true;
  member.joins();
  const obey = (directives: readonly Directive[]): void => {
    for (const directive of directives) programs.perform(directive, lease());
    if (!lease()) expect([...programs.running], 'runs without a lease').toEqual([]);
  };
  for (const next of steps) {
    if ('link' in next) {
      linked = next.link === 'up';
      if (linked) {
        obey(member.feed({ i: 'link-opened' }));
        member.joins();
        obey(member.directives);
      } else obey(member.feed({ i: 'link-lost' }));
    } else if ('order' in next) {
      if (linked) obey(member.hears(orders[next.order]!(next.of)));
    } else if ('arrives' in next) {
      obey(member.learns({ o: 'arrival', of: next.arrives, ticket: 't', from: target.id }));
    } else if ('outcome' in next) {
      const [chosen] = programs.underway.splice(next.outcome % (programs.underway.length || 1), 1);
      if (!chosen) continue;
      const outcome = chosen[next.well ? 0 : 1];
      programs.cameTo(outcome, lease());
      obey(member.learns(outcome));
    } else obey(member.passes(next.passes, next.silent || !linked));
  }
}

test('whatever the head orders and however things come out, nothing runs without a lease or after it was said to be over', () => {
  fc.assert(fc.property(fc.array(step, { minLength: 10, maxLength: 80, size: 'max' }), play), {
    numRuns: 2000,
  });
  const said = ['started', 'ended', 'checkpointed', 'moved', 'move-failed', 'arrived', 'abandoned'];
  for (const kind of said) expect(happened.get(kind) ?? 0, kind).toBeGreaterThan(20);
});
