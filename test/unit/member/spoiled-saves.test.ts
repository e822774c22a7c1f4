import { expect, test } from 'vitest';
import type { BlobFault } from '../../../src-member/ports/task-files.ts';
import type { Result } from '../../../shared/base/result.ts';
import { saveTask } from '../../../src-member/shells/save-task.ts';
import { shipTask } from '../../../src-member/shells/ship-task.ts';
import { ManualClock } from '../../../src-sim/manual-clock.ts';
import { anAttempt, programSpec } from '../../contracts/container-runtime-contract.ts';
import { SimulatedContainerRuntime } from '../../sim/simulated-container-runtime.ts';

const reason = 'it cannot be saved: it sleeps';

/** A PC on which a program runs that a save would harm, and what is done to the program. */
async function running() {
  const clock = new ManualClock();
  const stops: string[] = [];
  const runtime = new SimulatedContainerRuntime(clock, {
    work: () => 60_000,
    exitCode: () => 0,
    fails: () => false,
    obstacle: () => reason,
    runs: () => undefined,
    standsStill: ({ task }) => stops.push(task),
    ended: () => undefined,
  });
  const of = anAttempt();
  const started = runtime.start(of, programSpec(of, ['true']));
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  for (let passed = 0; passed < 100; passed += 1) {
    await settled();
    clock.advance(1);
  }
  expect((await started).ok).toBe(true);
  return { clock, runtime, of, stops };
}

const never = (): Promise<Result<never, BlobFault>> => {
  throw new Error('nothing is to be sent');
};
const blobs = { store: never, read: never };
const files = {
  collect: never,
  giveUp: () => undefined,
  storeLog: never,
  readLog: never,
};

test.each(['continue', 'suspend'] as const)(
  'a save (%s) that would harm a program does not even stop it',
  async (then) => {
    const { clock, runtime, of, stops } = await running();
    const told: unknown[] = [];
    const ports = { runtime, blobs, files: files as never, clock };
    await saveTask(ports, { d: 'save', of, then, wallTimeLeft: null }, (said) => told.push(said));
    expect(told).toEqual([{ o: 'save-failed', of, reason }]);
    expect(stops).toEqual([]);
  },
);

test('a move that would harm a program does not even stop it', async () => {
  const { clock, runtime, of, stops } = await running();
  const transfers = { listen: () => undefined, send: never };
  const told = await new Promise((resolve) => {
    const to = { address: '10.0.0.2:7412', member: 'pc-02', ticket: 't' } as never;
    const as = { ...of, epoch: (of.epoch + 1) as typeof of.epoch };
    const order = { d: 'ship', of, as, to, wallTimeLeft: null } as const;
    shipTask({ runtime, transfers: transfers as never, clock }, order, resolve);
  });
  expect(told).toEqual({ o: 'ship-failed', of, outcome: 'refused', reason });
  expect(stops).toEqual([]);
});
