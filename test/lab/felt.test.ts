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

/** So often at most a program is interfered with: one whose waiting began anew each time would never end. */
const interferences = 14;

async function endures(program: string): Promise<readonly string[]> {
  const wanderer = new Wanderer(program);
  await wanderer.start();
  let done = 0;
  let next = performance.now() + 300;
  const isOver = (): Promise<unknown> => wanderer.here.endOf(wanderer.of);
  await waitUntil('it ends', async () => {
    if (await isOver()) return true;
    if (performance.now() < next || done >= interferences) return false;
    done += 1;
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

/** `pause` for ever, in a file for 32-bit processors that the program writes itself; then it runs it. */
const of32Bit = `import os, struct, time
code = bytes([0xb8, 29, 0, 0, 0, 0xcd, 0x80, 0xeb, 0xf7]); base = 0x8048000
head = b"\\x7fELF" + bytes([1, 1, 1]) + bytes(9) + struct.pack("<HHIIIIIHHHHHH", 2, 3, 1, base + 84, 52, 0, 0, 52, 32, 1, 0, 0, 0)
part = struct.pack("<IIIIIIII", 1, 0, base, base, 84 + len(code), 84 + len(code), 5, 4096)
open("small", "wb").write(head + part + code); os.chmod("small", 0o755)
open("ready", "w").close(); os.execv("./small", ["small"])`;

const ofProcessorTime = `import ctypes, struct, threading, time
def spin():
    while not os.path.exists("over"): pass
import os
libc = ctypes.CDLL(None); open("ready", "w").close()
threading.Thread(target=spin).start()
said = libc.clock_nanosleep(2, 0, struct.pack("qq", 2, 0), None)
open("over", "w").close(); print("slept", said, flush=True)
while True: time.sleep(0.1)`;

const ofStopped = `import ctypes, os, signal, struct, time
libc = ctypes.CDLL(None); began = time.monotonic(); child = os.fork()
if child == 0:
    said = libc.nanosleep(struct.pack("qq", 3, 0), None); print("slept", said, time.monotonic() - began >= 2.9, flush=True); os._exit(0)
time.sleep(0.3); os.kill(child, signal.SIGSTOP); open("ready", "w").close(); time.sleep(2)
os.kill(child, signal.SIGCONT); os.wait()
while True: time.sleep(0.1)`;

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

describe('a program that would feel a save', () => {
  test('is told as such and left alone for good when it is for 32-bit processors', async () => {
    const wanderer = new Wanderer(of32Bit);
    await wanderer.start();
    const { here, of } = wanderer;
    const why = await waitUntil('it is seen', async () => (await here.obstacle(of)) ?? undefined);
    expect(why).toBe(
      'it cannot be saved: it is a 32-bit program (or runs one), whose waiting calls would end early; a 64-bit build of it can be saved',
    );
    await here.freeze(of);
    const taken = await here.snapshot(of, carried, true);
    expect(taken).toEqual({ ok: false, error: { reason: why } });
    await here.thaw(of);
    expect(await here.endOf(of)).toBeUndefined();
    await here.remove(of);
  });

  test.each([
    ['sleeps by processor time', ofProcessorTime, 'would wake early', 'slept 0\n'],
    ['was stopped in a sleep', ofStopped, 'SIGSTOP', 'slept 0 True\n'],
  ])('and only %s is left alone until it has slept', async (_, program, words, said) => {
    const wanderer = new Wanderer(program);
    await wanderer.start();
    const { here, of } = wanderer;
    expect(
      await waitUntil('it is seen', async () => (await here.obstacle(of)) ?? undefined),
    ).toContain(words);
    await waitUntil('it has slept', async () => (await here.logOf(of)) !== '');
    expect(await here.obstacle(of)).toBeNull();
    await wanderer.save();
    await wanderer.move();
    expect(await wanderer.here.logOf(wanderer.of)).toBe(said);
    expect(await wanderer.here.endOf(wanderer.of)).toBeUndefined();
    await wanderer.here.remove(wanderer.of);
  });
});
