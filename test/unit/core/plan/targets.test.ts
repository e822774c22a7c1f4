import { bytes } from '../../../../shared/base/units.ts';
import { describe, expect, test } from 'vitest';
import { epoch, memberId, type TaskId } from '../../../../shared/domain/ids.ts';
import type { MemberSnapshot, TaskSnapshot } from '../../../../src-main/core/plan/load-snapshot.ts';
import { Targets } from '../../../../src-main/core/plan/targets.ts';

const pc = (id: string, wish: Partial<MemberSnapshot> = {}): MemberSnapshot => ({
  ...{ id: memberId(id), speed: 1000, processors: 2, usedProcessors: 0, freeMemory: bytes(4000) },
  ...{ packs: ['base'], cpuFeatures: ['avx', 'sse'] },
  ...wish,
});
const task = (wish: Partial<TaskSnapshot> = {}): TaskSnapshot => ({
  ...{
    id: '1.0' as TaskId,
    epoch: epoch(1),
    on: memberId('here'),
    cpus: 1,
    memory: bytes(100),
    resident: bytes(1),
  },
  ...{ cpuSeconds: 1, pack: 'base', cpuFeatures: [] },
  ...wish,
});
const best = (members: readonly MemberSnapshot[], wish: Partial<TaskSnapshot> = {}) =>
  new Targets(members).bestFor(task(wish))?.member.id;

describe('the best target', () => {
  test.each<[string, readonly MemberSnapshot[], Partial<TaskSnapshot>, string | undefined]>([
    ['is none where there is none', [], {}, undefined],
    ['is the fastest', [pc('a'), pc('b', { speed: 1500 })], {}, 'b'],
    ['is the emptier one of two', [pc('a', { usedProcessors: 1 }), pc('b')], {}, 'b'],
    ['is the first among equals', [pc('a'), pc('b')], {}, 'a'],
    ['is never where the task is', [pc('here', { speed: 9000 }), pc('b')], {}, 'b'],
    [
      'has the processors',
      [pc('a', { speed: 9000, usedProcessors: 1 }), pc('b')],
      { cpus: 2 },
      'b',
    ],
    ['is no full PC', [pc('a', { usedProcessors: 2 })], {}, undefined],
    [
      'has the memory, to the byte',
      [pc('a', { freeMemory: bytes(99) }), pc('b', { freeMemory: bytes(100) })],
      {},
      'b',
    ],
    ['has the software', [pc('a', { packs: [] }), pc('b')], {}, 'b'],
    [
      'has every feature the program may use',
      [pc('a', { cpuFeatures: ['sse'] }), pc('b')],
      { cpuFeatures: ['avx'] },
      'b',
    ],
  ])('%s', (_what, members, wish, id) => {
    expect(best(members, wish)).toBe(id);
  });

  test('takes part in no other move of the plan', () => {
    const [a, b] = [pc('a'), pc('b')];
    const targets = new Targets([a, b]);
    targets.take(a);
    expect([targets.isTaken(a), targets.isTaken(b)]).toEqual([true, false]);
    expect(targets.bestFor(task())?.member.id).toBe('b');
    targets.take(b);
    expect(targets.bestFor(task())).toBeUndefined();
  });

  test('of one task is still there for the next, also where the first could not stay', () => {
    const targets = new Targets([pc('a', { speed: 2000 }), pc('b')]);
    expect(targets.bestFor(task({ on: memberId('a') }))?.member.id).toBe('b');
    expect(targets.bestFor(task({ on: memberId('b') }))?.member.id).toBe('a');
    expect(targets.bestFor(task({ on: memberId('a') }))?.member.id).toBe('b');
  });
});

test('no task can get more than the fastest free PC gives, and nothing where none is free', () => {
  expect(new Targets([pc('a'), pc('b', { speed: 3000, usedProcessors: 2 })]).fastest).toBe(1);
  expect(new Targets([pc('b', { usedProcessors: 2 })]).fastest).toBe(0);
});
