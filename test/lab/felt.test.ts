import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AttemptKey } from '../../shared/domain/attempt-key.ts';
import { epoch } from '../../shared/domain/ids.ts';
import type { TaskSpec } from '../../shared/wire/task-spec.ts';
import { anAttempt, programSpec } from '../contracts/container-runtime-contract.ts';
import type { RemoteRuntime } from './runtime/remote-runtime.ts';
import { RuntimeRig } from './runtime/runtime-rig.ts';
import { timersProgram, waitingProgram } from './runtime/waiting-program.ts';
import { waitUntil } from './wait-until.ts';

let rig: RuntimeRig;
beforeAll(async () => {
  rig = await RuntimeRig.open(2);
});
afterAll(async () => rig[Symbol.asyncDispose]());

const carried = { cpuSeconds: 0, wallTimeLeft: null };

class Wanderer {
  of: AttemptKey = anAttempt();
  readonly spec: TaskSpec;
  here: RemoteRuntime;
  there: RemoteRuntime;

  constructor(program: string) {
    this.spec = programSpec(this.of, ['python3', '-c', program]);
    [this.here, this.there] = rig.runtimes as [RemoteRuntime, RemoteRuntime];
  }

  async start(): Promise<void> {
    const started = await this.here.start(this.of, this.spec);
    if (!started.ok) throw new Error(started.error.reason);
    await waitUntil('it has begun', async () => (await this.here.outputs(this.of, ['ready'])).ok);
  }

  /** As a PC does whose cable is cut for a moment. */
  async standStill(): Promise<void> {
    await this.here.freeze(this.of);
    await this.here.thaw(this.of);
  }

  async save(): Promise<void> {
    await this.here.freeze(this.of);
    const taken = await this.here.snapshot(this.of, carried, true);
    if (!taken.ok) return; // it has just ended
    await taken.value.drop();
    await this.here.thaw(this.of);
  }

  async move(): Promise<void> {
    const next = { ...this.of, epoch: epoch(this.of.epoch + 1) };
    await this.here.freeze(this.of);
    const taken = await this.here.snapshot(this.of, carried, false);
    if (!taken.ok) return;
    const unpacked = await this.there.unpack(next, this.spec, taken.value.bytes());
    await taken.value.drop();
    if (!unpacked.ok) throw new Error(taken.value.trouble() ?? unpacked.error.reason);
    const restored = await this.there.restore(next);
    if (!restored.ok) throw new Error(restored.error.reason);
    await this.here.remove(this.of);
    this.of = next;
    [this.here, this.there] = [this.there, this.here];
  }
}

/** So often at most a program is interfered with: one whose waiting began anew each time would wait on and on. */
const interferences = 14;

async function endures(program: string): Promise<readonly string[]> {
  const wanderer = new Wanderer(program);
  await wanderer.start();
  let done = 0;
  let next = performance.now() + 300;
  const isOver = (): Promise<unknown> => wanderer.here.endOf(wanderer.of);
  await waitUntil('it ends, or was interfered with often enough', async () => {
    if (await isOver()) return true;
    if (performance.now() < next) return false;
    done += 1;
    if (done > interferences) return true;
    if (done % 3 === 1) await wanderer.standStill();
    else if (done % 3 === 2) await wanderer.save();
    else await wanderer.move();
    next = performance.now() + 450;
    return false;
  });
  const said = (await wanderer.here.logOf(wanderer.of)).trim().split('\n');
  await wanderer.here.remove(wanderer.of);
  return said.filter((line) => !line.includes('Warning'));
}

const namesIn = (program: string): number => program.match(/^ {4}"[\w ,]+": \(/gm)?.length ?? 0;

describe('a program that is frozen, saved and moved again and again', () => {
  test('does not notice it in whatever way it waits', async () => {
    const said = await endures(waitingProgram(3));
    expect(said.filter((line) => !line.endsWith(' ok'))).toEqual([]);
    expect(said).toHaveLength(namesIn(waitingProgram(3)));
  });

  test('hears every timer it has set', async () => {
    const said = await endures(timersProgram(3));
    expect(said.filter((line) => !line.endsWith(' ok'))).toEqual([]);
    expect(said).toHaveLength(3 * (4 * 2 + 2 + 1) + 3 + 3 * 2);
  });
});
