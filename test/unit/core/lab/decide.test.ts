import { describe, expect, test } from 'vitest';
import { epoch, memberId } from '../../../../shared/domain/ids.ts';
import { practiceTimings } from '../../../../shared/domain/timings.ts';
import { protocolVersion } from '../../../../shared/wire/codec.ts';
import type { AttemptReport } from '../../../../shared/wire/task-spec.ts';
import type { ToHead } from '../../../../shared/wire/to-head.ts';
import { onClosed, onMessage, onTick, settle } from '../../../../src-main/core/lab/decide.ts';
import { seenOf } from '../../../../src-main/core/state/state.ts';
import { factsOf } from '../../../../src-sim/simulated-lab.ts';
import { because, kinds, others, said, ToldLab } from '../told-lab.ts';

const member = memberId('a');

function told(): ToldLab {
  const lab = new ToldLab();
  for (const name of ['a', 'b']) lab.pc(name);
  return lab.happens({ e: 'night-opened', night: 1 });
}
const hears = (lab: ToldLab, message: ToHead, from = 'a') => {
  const turn = lab.decides((turn) => onMessage(turn, lab.member(from), message));
  return { events: kinds(turn), says: said(turn), did: others(turn).map(({ d }) => d) };
};
const hello = (wish: object = {}, attempts: AttemptReport[] = []): ToHead => ({
  ...{ t: 'hello', protocol: protocolVersion, facts: factsOf('a'), attempts },
  ...wish,
});

describe('a hello', () => {
  test('of a PC of ours is answered last of all, when its tasks are settled', () => {
    const lab = told();
    const task = lab.runs('b');
    const report = { task: task.id, epoch: epoch(0), state: 'frozen' } as const;
    expect(hears(lab, hello({}, [report]))).toEqual({
      events: [],
      says: ['a: discard', 'a: welcome'],
      did: [],
    });
  });

  test('brings it work at once', () => {
    const lab = told().happens({ e: 'member-lost', member });
    lab.job({ resources: { cpus: 2, memory: null, wallTime: null } });
    lab.runs('b');
    expect(hears(lab, hello())).toEqual({
      ...{ events: ['member-arrived', 'task-placed'], says: ['a: welcome', 'a: start'], did: [] },
    });
  });

  test.each<[string, (lab: ToldLab) => unknown, ToHead, object]>([
    [
      'in another language is refused',
      () => undefined,
      hello({ protocol: 0 }),
      { says: ['a: refused'], did: ['close'] },
    ],
    [
      'of another PC is refused',
      () => undefined,
      hello({ facts: factsOf('z') }),
      { says: ['a: refused'], did: ['close'] },
    ],
    [
      'of one that knows more than the log is refused',
      () => undefined,
      hello({}, [{ task: '7.0' as never, epoch: epoch(1), state: 'running' }]),
      { says: ['a: refused'], did: ['close'] },
    ],
    [
      'of one that is banned is not heard',
      (lab) => lab.happens({ e: 'member-banned', member, because: null }),
      hello(),
      { says: [], did: ['hang-up'] },
    ],
    [
      'of one that was given back sends it away again',
      (lab) => lab.happens({ e: 'member-released', member }),
      hello(),
      { says: ['a: go'], did: [] },
    ],
  ])('%s', (_what, change, message, expected) => {
    const lab = told();
    change(lab);
    expect(hears(lab, message)).toEqual({ events: [], ...expected });
  });
});

describe('a message', () => {
  test('of a PC that is lost counts only after a hello', () => {
    const lab = told();
    const task = lab.starts('a');
    lab.happens({ e: 'member-lost', member });
    const started = { t: 'started', task: task.id, epoch: epoch(1), resumed: false } as const;
    expect(hears(lab, started)).toEqual({ events: [], says: [], did: [] });
  });

  test('of a silent one brings it back', () => {
    const lab = told().happens({ e: 'member-suspected', member });
    expect(hears(lab, { t: 'leaving' }).events).toEqual(['member-returned']);
  });

  test('that a task has started is heard once, and of an attempt that is over it is told to drop it', () => {
    const lab = told();
    const task = lab.starts('a');
    const started = (number: number) =>
      ({ t: 'started', task: task.id, epoch: epoch(number), resumed: false }) as const;
    expect(hears(lab, started(1)).events).toEqual(['task-started']);
    expect(hears(lab, started(1)).events).toEqual([]);
    expect(hears(lab, started(0)).says).toEqual(['a: discard']);
  });

  test('of usage is believed of what runs there, and never less than before', () => {
    const lab = told();
    const task = lab.runs('a');
    const usage = (cpuSeconds: number, number = 1, from = 'a') =>
      hears(
        lab,
        { t: 'usage', of: [{ task: task.id, epoch: epoch(number), cpuSeconds, memory: 5 }] },
        from,
      );
    const used = () => lab.state.transient.usage.get(task.id)?.cpuSeconds;
    usage(3, 0);
    usage(3, 1, 'b');
    expect(used()).toBeUndefined();
    usage(7);
    usage(3);
    expect(used()).toBe(7);
  });

  test('that somebody wants the PC empties it', () => {
    const lab = told();
    const { events, says } = hears(lab, { t: 'reclaim', by: 'keypress' });
    expect([events, says]).toEqual([['member-draining', 'member-released'], ['a: go']]);
  });

  test('that it knows no such attempt is as if its hello had left it out', () => {
    const lab = told();
    const task = lab.runs('a');
    const unknown = (number: number) =>
      ({ t: 'unknown-attempt', task: task.id, epoch: epoch(number) }) as const;
    expect(hears(lab, unknown(0)).events).toEqual([]);
    expect(hears(lab, unknown(1)).events).toEqual(['task-attempt-lost', 'task-placed']);
    lab.happens({ e: 'task-started', task: task.id, epoch: epoch(2), resumed: false });
    lab.moves(task, 'b');
    expect(hears(lab, unknown(3), 'b').events[0]).toBe('task-move-failed');
  });
});

test('a link that closes makes nobody lost', () => {
  const lab = told();
  const turn = lab.decides((turn) => onClosed(turn, lab.member('a')));
  expect([turn.events, seenOf(lab.state, lab.member('a')).linked]).toEqual([[], false]);
});

describe('a tick', () => {
  test('of a quiet lab does nothing', () => {
    const lab = told();
    lab.decides(onTick);
    const turn = lab.passes(1).decides(onTick);
    expect([turn.events, turn.directives]).toEqual([[], []]);
  });

  test('gives what a lost PC had to another one, in the same turn', () => {
    const lab = told();
    lab.runs('a');
    lab.passes(practiceTimings.lostAfter).hears('b');
    expect(kinds(lab.decides(onTick))).toEqual([
      ...['member-suspected', 'member-lost', 'task-attempt-lost', 'task-blamed', 'task-placed'],
    ]);
  });

  test('balances every second heartbeat, and not more often', () => {
    const lab = told();
    lab.decides(onTick);
    const next = lab.state.transient.nextBalance;
    expect(next - lab.now).toBe(2 * practiceTimings.heartbeat);
    lab.passes(1).decides(onTick);
    expect(lab.state.transient.nextBalance).toBe(next);
  });
});

describe('what follows from any change', () => {
  test('settled twice is settled once', () => {
    const lab = told();
    lab.job({ array: { first: 1, last: 9 } });
    expect(kinds(lab.decides(settle))).toHaveLength(4);
    expect(kinds(lab.decides(settle))).toEqual([]);
  });

  test('of a cancelled job is that what came back to the queue is cancelled', () => {
    const lab = told();
    const task = lab.runs('a');
    lab.happens({ e: 'job-cancelled', job: task.job });
    const lost = {
      e: 'task-attempt-lost',
      task: task.id,
      epoch: task.epoch,
      reason: because,
    } as const;
    lab.happens({ ...lost, lostMs: 0, avoid: null });
    expect(kinds(lab.decides(settle))).toEqual(['task-cancelled']);
  });
});
