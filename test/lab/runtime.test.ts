import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gibibytes, mebibytes } from '../../shared/base/units.ts';
import type { AttemptKey } from '../../shared/domain/attempt-key.ts';
import { blobHash, epoch } from '../../shared/domain/ids.ts';
import type { ProgramEnd } from '../../src-member/ports/container-runtime.ts';
import type { TaskSpec } from '../../shared/wire/task-spec.ts';
import {
  anAttempt,
  containerRuntimeContract,
  programSpec,
} from '../contracts/container-runtime-contract.ts';
import type { RemoteRuntime } from './runtime/remote-runtime.ts';
import { RuntimeRig } from './runtime/runtime-rig.ts';
import { waitUntil } from './wait-until.ts';

let rig: RuntimeRig;
let one: RemoteRuntime;
let two: RemoteRuntime;

beforeAll(async () => {
  rig = await RuntimeRig.open(2);
  [one, two] = rig.runtimes as [RemoteRuntime, RemoteRuntime];
});
afterAll(async () => rig[Symbol.asyncDispose]());

containerRuntimeContract('containers of a practice PC', () => ({
  runtime: one,
  until: async (what, holds) => {
    await waitUntil(what, async () => {
      await one.poll();
      return holds();
    });
  },
  during: (operation) => operation,
  async pass(span) {
    const end = performance.now() + span;
    await waitUntil('time has passed', async () => {
      await one.poll();
      return performance.now() > end;
    });
  },
}));

async function run(command: readonly string[], wish: Partial<TaskSpec> = {}): Promise<ProgramEnd> {
  const of = anAttempt();
  const started = await one.start(of, programSpec(of, command, wish));
  if (!started.ok) throw new Error(started.error.reason);
  const end = await ended(one, of);
  await one.remove(of);
  return end;
}

const ended = (runtime: RemoteRuntime, of: AttemptKey): Promise<ProgramEnd> =>
  waitUntil('the program ends', () => runtime.endOf(of));

const later = (of: AttemptKey): AttemptKey => ({ ...of, epoch: epoch(of.epoch + 1) });

/** Freezes a program here, and lets it go on there under the next number. */
async function move(
  from: RemoteRuntime,
  to: RemoteRuntime,
  of: AttemptKey,
  spec: TaskSpec,
): Promise<AttemptKey> {
  await from.freeze(of);
  const { cpuSeconds } = await from.usageOf(of);
  const taken = await from.snapshot(of, { cpuSeconds, wallTimeLeft: null }, false);
  if (!taken.ok) throw new Error(taken.error.reason);
  const next = later(of);
  const unpacked = await to.unpack(next, spec, taken.value.bytes());
  await taken.value.drop();
  if (!unpacked.ok) throw new Error(taken.value.trouble() ?? unpacked.error.reason);
  const restored = await to.restore(next);
  if (!restored.ok) throw new Error(restored.error.reason);
  await from.remove(of);
  return next;
}

/** Runs a program, moves it once in the middle, and gives its end. */
async function runsThroughMove(command: readonly string[], ready = 'ready'): Promise<ProgramEnd> {
  const of = anAttempt();
  const spec = programSpec(of, command, { outputs: ['out'] });
  const started = await one.start(of, spec);
  if (!started.ok) throw new Error(started.error.reason);
  await waitUntil(`it says ${ready}`, async () => (await one.outputs(of, [ready])).ok);
  const next = await move(one, two, of, spec);
  const end = await ended(two, next);
  if (end.exitCode !== 0) console.error(await two.logOf(next));
  await two.remove(next);
  return end;
}

describe('a program', () => {
  test('ends with its own exit code, or 128 and the signal that ended it', async () => {
    expect(await run(['sh', '-c', 'exit 3'])).toEqual({ exitCode: 3, because: null });
    expect(await run(['sh', '-c', 'kill -SEGV $$'])).toEqual({ exitCode: 139, because: null });
  });

  test('runs as a user without rights, in a system of its own', async () => {
    const script =
      'test $(id -u) = 1000 && ! touch /etc/x 2>/dev/null; test $(ls /proc | grep -c "^[0-9]*$") -lt 8 && test ! -e /dev/mem && ! mount -t tmpfs x /tmp 2>/dev/null';
    expect(await run(['sh', '-c', script])).toEqual({ exitCode: 0, because: null });
  });

  // Of the same kind: virtual machines' sockets, pairs of them, and the 32-bit call whose family no filter can see.
  test('gets no socket of the kernel’s cryptography, whichever way it asks', async () => {
    const script = `import ctypes, errno, mmap, socket
for family in (38, 40):
    for ask in (socket.socket, socket.socketpair):
        try: ask(family, socket.SOCK_SEQPACKET, 0); raise SystemExit(1)
        except OSError as e: assert e.errno == errno.EAFNOSUPPORT, e
libc = ctypes.CDLL(None); libc.mmap.restype = ctypes.c_void_p
at = libc.mmap(ctypes.c_void_p(0), ctypes.c_size_t(4096), 7, 0x62, -1, ctypes.c_long(0))
ctypes.memmove(at, (38).to_bytes(4, "little") + (5).to_bytes(4, "little") + bytes(8), 16)
code = b"\\x53\\xb8\\x66\\0\\0\\0\\xbb\\x01\\0\\0\\0\\xb9" + at.to_bytes(4, "little") + b"\\xcd\\x80\\x5b\\xc3"
ctypes.memmove(at + 64, code, len(code))
assert ctypes.CFUNCTYPE(ctypes.c_int)(at + 64)() == -errno.ENOSYS`;
    expect(await run(['python3', '-c', script])).toEqual({ exitCode: 0, because: null });
  });

  test('finds its inputs and its environment', async () => {
    const hash = blobHash('ab'.repeat(32));
    const end = await run(['sh', '-c', 'test "$(cat in)" = "$WANTED" && test -w in || true'], {
      inputs: [{ path: 'in', hash, size: 64, executable: false }],
      environment: { WANTED: hash },
    });
    expect(end.exitCode).toBe(0);
  });

  test('that is not in the pack is named', async () => {
    expect((await run(['povray'])).because).toEqual({
      cause: 'unstartable',
      reason: 'there is no command "povray" in the software pack base',
    });
    expect((await run(['./missing.sh'])).because?.reason).toContain('"./missing.sh"');
    expect((await run(['/etc/hosts'])).because?.reason).toContain('not an executable file');
  });

  test('that itself ends with 127 is not taken for a missing one', async () => {
    expect(await run(['sh', '-c', 'exit 127'])).toEqual({ exitCode: 127, because: null });
  });

  test('over its memory limit is ended, and the limit named', async () => {
    const hungry = 'b = bytearray(200 << 20); import time; time.sleep(20)';
    expect((await run(['python3', '-c', hungry], { memory: mebibytes(64) })).because).toEqual({
      cause: 'limit',
      reason: 'over its memory limit of 64 MiB',
    });
  });

  test('takes everything it started with it when it ends', async () => {
    expect((await run(['sh', '-c', 'setsid sleep 54321 & exit 0'])).exitCode).toBe(0);
    expect(rig.programsOn('pc-01', '54321')).toBe(0);
  });

  test('uses processor time, which is counted on through a move', async () => {
    const of = anAttempt();
    const spec = programSpec(of, ['awk', 'BEGIN { for (;;) i++ }']);
    await one.start(of, spec);
    const used = await waitUntil('half a second is used', async () => {
      const { cpuSeconds } = await one.usageOf(of);
      return cpuSeconds > 0.5 && cpuSeconds;
    });
    const next = await move(one, two, of, spec);
    expect((await two.usageOf(next)).cpuSeconds).toBeGreaterThanOrEqual(used);
    await two.remove(next);
  });
});

/** PCs of 1 GiB; what a program has when it names no memory is what its PC can spare. */
describe('a program is always bounded', () => {
  const unnamed = { memory: null };

  // Every place a program can write to; with a limit of its own and without one; few large files and many empty ones.
  test.each(['/task/f', '/var/tmp/f', '/tmp/f', '/dev/shm/f', '/task/many/'])(
    'it alone is told that %s is full, and goes on',
    async (place) => {
      const script = `import errno, os
try:
    if "${place}".endswith("/"):
        os.mkdir("${place}")
        for n in range(1 << 20): open("${place}%d" % n, "w").close()
    else:
        with open("${place}", "wb", 0) as f:
            while True: f.write(bytes(1 << 20))
    raise SystemExit(1)
except OSError as e: assert e.errno == errno.ENOSPC, e
open("/.nightshift/begun", "a").write("x"); print("still here")`;
      const other = anAttempt();
      await one.start(other, programSpec(other, ['sleep', '60']));
      for (const wish of [{ memory: mebibytes(96) }, unnamed])
        expect(await run(['python3', '-c', script], wish)).toEqual({ exitCode: 0, because: null });
      expect(await one.endOf(other)).toBeUndefined();
      await one.remove(other);
    },
  );

  test('what it had comes back to the PC with it, files and all', async () => {
    const before = await one.spareMemory();
    const of = anAttempt();
    const script =
      'head -c 300M /dev/zero >f; head -c 100M /dev/zero >/dev/shm/f; touch ready; sleep 60';
    await one.start(of, programSpec(of, ['bash', '-c', script], unnamed));
    await waitUntil('it has filled them', async () => (await one.outputs(of, ['ready'])).ok);
    expect((await one.usageOf(of)).memory).toBeGreaterThan(mebibytes(400));
    await one.remove(of);
    await waitUntil(
      'it is free again',
      async () => (await one.spareMemory()) > before - mebibytes(32),
    );
  });

  // The first process itself, a child of a shell that goes on, one that nobody waits for, and files in memory.
  test.each([
    ['exec python3 -c "b = bytearray(4 << 30)"'],
    ['python3 -c "b = bytearray(4 << 30)"; echo goes on; exit 0'],
    ['python3 -c "b = bytearray(4 << 30)" & sleep 20'],
    [
      'head -c 80M /dev/zero >f; head -c 80M /dev/zero >/tmp/f; head -c 80M /dev/zero >/dev/shm/f; sleep 20',
    ],
  ])('over its memory it is ended whole, and told why: %s', async (script) => {
    expect((await run(['bash', '-c', script], { memory: mebibytes(96) })).because).toEqual({
      cause: 'limit',
      reason: 'over its memory limit of 96 MiB',
    });
    if (script.startsWith('head')) return;
    expect((await run(['bash', '-c', script], unnamed)).because?.reason).toMatch(
      /^over the \d+ MiB of memory that its PC could spare; submit it with --memory/,
    );
  });

  test('has 1,024 processes at the most, and takes none from another', async () => {
    const bomb = anAttempt();
    const script = `import os, time
n = 0
try:
    while True:
        if os.fork() == 0: time.sleep(60); os._exit(0)
        n += 1
except BlockingIOError: open("full-%d" % n, "w").close()
time.sleep(60)`;
    await one.start(bomb, programSpec(bomb, ['python3', '-c', script], unnamed));
    await waitUntil('it has all', async () => (await one.outputs(bomb, ['full-*'])).ok);
    const [made] = await one
      .outputs(bomb, ['full-*'])
      .then((found) => (found.ok ? found.value : []));
    expect(Number(made?.slice(5))).toBeGreaterThan(900);
    expect(Number(made?.slice(5))).toBeLessThan(1024);
    const several = 'for i in $(seq 200); do sleep 1 & done; wait';
    expect((await run(['bash', '-c', several])).exitCode).toBe(0);
    await one.remove(bomb);
  });

  test('is what the kernel ends first when a PC has no memory left, whatever it says itself', async () => {
    const script =
      'test $(cat /proc/self/oom_score_adj) = 500; ! (echo -900 >/proc/self/oom_score_adj) 2>/dev/null || test $(cat /proc/self/oom_score_adj) -ge 0';
    expect((await run(['bash', '-c', script])).exitCode).toBe(0);
  });

  test('with a file of holes it moves as small as it is', async () => {
    const script =
      'truncate -s 6G d; echo end >>d; truncate -s 6G /tmp/d; touch ready; sleep 1; test $(du -k d | cut -f1) -lt 100 && test $(du -k /tmp/d | cut -f1) -lt 100 && test "$(tail -c 4 d)" = end';
    expect(await runsThroughMove(['bash', '-c', script])).toEqual({ exitCode: 0, because: null });
  });

  test('does not go where there is no room for it: that PC says so before it takes a byte', async () => {
    const of = anAttempt();
    let asked = 0;
    const bytes = async function* (): AsyncGenerator<Uint8Array> {
      asked += 1;
      yield new Uint8Array(1);
    };
    const spec = programSpec(of, ['true'], unnamed);
    expect(await two.unpack(of, spec, bytes(), gibibytes(2))).toEqual({
      ok: false,
      error: {
        cause: 'machine',
        reason: 'this PC has too little free memory for it, which is 2 GiB',
      },
    });
    expect(asked).toBeLessThan(2);
    await two.remove(of);
  });

  test('with inputs larger than its memory is told so before they are fetched', async () => {
    const of = anAttempt();
    const hash = blobHash('ab'.repeat(32));
    const inputs = [{ path: 'in', hash, size: mebibytes(300), executable: false }];
    const spec = programSpec(of, ['true'], { inputs, memory: mebibytes(256) });
    expect(await one.start(of, spec)).toEqual({
      ok: false,
      error: {
        cause: 'unstartable',
        reason:
          'its inputs take 300 MiB of memory and it may have 256 MiB; submit it with more --memory',
      },
    });
    await one.remove(of);
  });
});

describe('what a program says', () => {
  const said = async (command: readonly string[]): Promise<string> => {
    const of = anAttempt();
    await one.start(of, programSpec(of, command, { memory: mebibytes(64) }));
    await ended(one, of);
    const log = await one.logOf(of);
    await one.remove(of);
    return log;
  };

  // Every way to open one's own output again that empties a file; and those that would reach the file itself.
  test('is there in its order, however it opens its output', async () => {
    const script = `echo 1; echo 2 >/dev/stdout; echo 3 >/dev/stderr; echo 4 >/proc/self/fd/1; echo 5 >>/dev/stdout
python3 -c 'open("/dev/stderr", "w").write("6\\n"); import os; os.write(os.open("/proc/self/fd/2", os.O_WRONLY | os.O_TRUNC), b"7\\n")'
(echo 8 >/.nightshift/log || rm -f /.nightshift/out || mv /.nightshift/out /task) 2>/dev/null
truncate -s 0 /dev/stdout 2>/dev/null; echo 9; (sleep 0.2; echo 10) & wait; echo 11 | tee /dev/stderr >/dev/null`;
    expect(await said(['bash', '-c', script])).toBe(
      `${[1, 2, 3, 4, 5, 6, 7, 9, 10, 11].join('\n')}\n`,
    );
  });

  test('as a flood keeps its beginning and its end, and is not counted as memory of the program', async () => {
    const log = await said(['bash', '-c', 'seq 12000000; echo "FATAL: why"; exit 9']);
    expect(log.slice(0, 4)).toBe('1\n2\n');
    expect(log).toMatch(/\n\[nightshift: \d+ bytes of output \(.+\) were left out here\]\n\d+\n/);
    expect(log.slice(-30).split('\n').slice(-3)).toEqual(['12000000', 'FATAL: why', '']);
    expect(log.length).toBeLessThan(mebibytes(70));
  });

  test('goes on through a move, what was still on its way too', async () => {
    const of = anAttempt();
    const script =
      'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo $i; [ $i = 300 ] && echo >ready; [ $((i % 20)) = 0 ] && sleep 0.01; done >/dev/stdout';
    const spec = programSpec(of, ['bash', '-c', script]);
    await one.start(of, spec);
    await waitUntil('it has begun', async () => (await one.outputs(of, ['ready'])).ok);
    const next = await move(one, two, of, spec);
    await ended(two, next);
    expect((await two.logOf(next)).split('\n').map(Number)).toEqual([
      ...Array.from({ length: 3000 }, (_, at) => at + 1),
      0,
    ]);
    await two.remove(next);
  });
});

describe('outputs', () => {
  test('are what the patterns match; a link is a link, and nothing is read through one that leads out of the task', async () => {
    const of = anAttempt();
    const script =
      'mkdir -p d/e; echo 1 >a.txt; echo 2 >d/b.txt; echo 3 >d/e/c.txt; ln -s /etc/passwd leak; ln -s a.txt alias; ln -s / root; echo >"[x]"';
    await one.start(of, programSpec(of, ['sh', '-c', script]));
    await ended(one, of);
    const matched = async (...patterns: string[]): Promise<unknown> => {
      const found = await one.outputs(of, patterns);
      return found.ok ? found.value : found.error.reason;
    };
    expect(await matched('*.txt')).toEqual(['a.txt']);
    expect(await matched('**/*.txt')).toEqual(['a.txt', 'd/b.txt', 'd/e/c.txt']);
    expect(await matched('d')).toEqual(['d/b.txt', 'd/e/c.txt']);
    expect(await matched('./a.txt', '/task/d/*')).toEqual(['a.txt', 'd/b.txt', 'd/e/c.txt']);
    expect(await matched('[x]')).toEqual(['[x]']);
    expect(await matched('alias')).toEqual(['alias']);
    // The link comes back as a link; what it points to is no file of the task.
    expect(await matched('leak')).toEqual([]);
    for (const outside of ['root/etc/passwd', 'root/etc/*', '../*', '/etc/passwd', 'no*'])
      expect(await matched(outside)).toBe(
        `the output pattern "${outside}" matched no file in the task's directory`,
      );
    await one.remove(of);
  });
});

describe('a move', () => {
  test('ten times over leaves a Python program with the right answer', async () => {
    const steps = 400;
    const of = anAttempt();
    const program = [
      'import hashlib, time',
      'state = b"nightshift"',
      `for step in range(${steps}):`,
      '    state = hashlib.sha256(state).digest()',
      '    time.sleep(0.01)',
      '    open("ready", "w").write(str(step))',
      'open("answer-" + state.hex(), "w").write("x")',
    ].join('\n');
    const spec = programSpec(of, ['python3', '-c', program]);
    await one.start(of, spec);
    await waitUntil('it has begun', async () => (await one.outputs(of, ['ready'])).ok);
    let at = of;
    let [here, there] = [one, two];
    for (let number = 0; number < 10; number += 1) {
      at = await move(here, there, at, spec);
      [here, there] = [there, here];
    }
    expect((await ended(here, at)).exitCode).toBe(0);
    let state = Buffer.from('nightshift');
    for (let step = 0; step < steps; step += 1) state = createHash('sha256').update(state).digest();
    expect(await here.outputs(at, [`answer-${state.toString('hex')}`])).toMatchObject({ ok: true });
    await here.remove(at);
  });

  test.each([
    [
      'files it deleted and holds open, here and in the pack',
      `import os, time
f = open("gone", "w+b"); f.write(b"x" * 3000000); f.flush(); os.unlink("gone")
g = open("/var/tmp/gone", "w+b"); g.write(b"y" * 100); g.flush(); os.unlink("/var/tmp/gone")
open("ready", "w").close(); time.sleep(1.5)
f.seek(0); g.seek(0); assert f.read() == b"x" * 3000000 and g.read() == b"y" * 100`,
    ],
    [
      // As mail folders, git and package managers have them, wherever they lie; a named semaphore is one, too.
      'files whose name it deleted while they have another, open or mapped',
      `import ctypes, mmap, os, time
held = []
for folder in "/task", "/var/tmp", "/tmp", "/dev/shm":
    os.chdir(folder); open("a", "w").write("x" * 4096); os.link("a", "b")
    f = open("a", "r+b"); m = mmap.mmap(f.fileno(), 4096)
    if folder == "/task": f.close(); f = None
    os.unlink("a"); held.append((folder, f, m))
libc = ctypes.CDLL(None); libc.sem_open.restype = ctypes.c_void_p
sem = ctypes.c_void_p(libc.sem_open(b"/night", os.O_CREAT, 0o600, 0))
open("/task/ready", "w").close(); time.sleep(1.5)
for folder, f, m in held:
    os.chdir(folder); m[:1] = b"y"
    if f: f.seek(1); f.write(b"z"); f.flush()
    assert open("b").read()[:3] == ("yzx" if f else "yxx"), folder
    assert set(os.listdir()) - {"ready", "sem.night"} == {"b"}, os.listdir()
libc.sem_post(ctypes.c_void_p(libc.sem_open(b"/night", 0)))
assert libc.sem_trywait(sem) == 0`,
    ],
    [
      'its lack of rights, of every thread, and a child that nobody has waited for',
      `import os, threading, time
if os.fork() == 0: os._exit(3)
threading.Thread(target=time.sleep, args=(2,)).start()
def rights():
    return [line for tid in sorted(os.listdir("/proc/self/task")) for line in open("/proc/self/task/%s/status" % tid)
        if line.split(":")[0] in ("Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Seccomp_filters")]
before = rights(); open("ready", "w").close(); time.sleep(1.5)
assert rights() == before and len(before) == 2 * 11, (before, rights())
assert os.waitstatus_to_exitcode(os.wait()[1]) == 3`,
    ],
    [
      'changes to the pack, deletions included',
      `import os, time
open("/var/tmp/new", "w").write("new"); os.makedirs("/tmp/a"); open("/tmp/a/b", "w").write("b")
open("ready", "w").close(); time.sleep(1.5)
assert open("/var/tmp/new").read() == "new" and open("/tmp/a/b").read() == "b"`,
    ],
    [
      'locks, pipes, threads, timers and shared memory',
      `import os, time, threading, signal, fcntl, mmap
rang = []
signal.signal(signal.SIGALRM, lambda *_: rang.append(1)); signal.setitimer(signal.ITIMER_REAL, 1.2)
lock = open("lock", "w"); fcntl.flock(lock, fcntl.LOCK_EX)
shared = mmap.mmap(-1, 4096); r, w = os.pipe(); os.write(w, b"in the pipe")
if os.fork() == 0:
    time.sleep(1.4); shared[:5] = b"child"; os._exit(0)
done = []; t = threading.Thread(target=lambda: (time.sleep(1.3), done.append(1))); t.start()
open("ready", "w").close(); t.join(); os.wait()
while not rang: time.sleep(0.05)
assert rang and done and shared[:5] == b"child" and os.read(r, 100) == b"in the pipe"`,
    ],
    [
      'a compressor that locks itself in',
      `import subprocess, time
open("data", "wb").write(bytes(range(256)) * 4000)
p = subprocess.Popen(["sh", "-c", "(cat data; sleep 1.5; cat data) | xz -9 | xz -d >copy"])
time.sleep(0.3); open("ready", "w").close(); assert p.wait() == 0
assert open("copy", "rb").read() == bytes(range(256)) * 8000`,
    ],
  ])('carries %s', async (_what, program) => {
    expect(await runsThroughMove(['python3', '-c', program])).toEqual({
      exitCode: 0,
      because: null,
    });
  });

  test('that cannot be names the obstacle, and the program goes on unharmed', async () => {
    const of = anAttempt();
    const program = `import os, time
def lost(other):
    open("a", "w").write(other); os.link("a", other); f = open("a"); os.unlink("a"); return f
f, g = lost("b"), lost("c")
open("ready", "w").close(); time.sleep(1.5); assert f.read() + g.read() == "bc"
assert sorted(os.listdir()) == ["b", "c", "ready"]`;
    await one.start(of, programSpec(of, ['python3', '-c', program]));
    await waitUntil('it has begun', async () => (await one.outputs(of, ['ready'])).ok);
    await one.freeze(of);
    const carried = { cpuSeconds: 0, wallTimeLeft: null };
    expect(await one.snapshot(of, carried, true)).toEqual({
      ok: false,
      error: {
        reason:
          'it cannot be saved: it holds several files open that were called /task/a and that it deleted while other links to them exist',
      },
    });
    const streamed = await one.snapshot(of, carried, false);
    if (!streamed.ok) throw new Error('a stream begins before it can fail');
    const read = async (): Promise<void> => {
      for await (const _chunk of streamed.value.bytes());
    };
    await expect(read()).rejects.toThrow();
    await streamed.value.drop();
    expect(streamed.value.trouble()).toContain('/task/a');
    await one.thaw(of);
    expect(await ended(one, of)).toEqual({ exitCode: 0, because: null });
    await one.remove(of);
  });

  test.each([
    ['open', ''],
    ['for later', 'os.close(q)'],
  ])('of a program that has a POSIX message queue %s is none, and says why', async (_how, then) => {
    const of = anAttempt();
    const program = `import ctypes, os, time
q = ctypes.CDLL(None).mq_open(b"/night", os.O_CREAT | os.O_RDWR, 0o600, None); assert q >= 0
${then}
open("ready", "w").close(); time.sleep(60)`;
    await one.start(of, programSpec(of, ['python3', '-c', program]));
    await waitUntil('it has begun', async () => (await one.outputs(of, ['ready'])).ok);
    await one.freeze(of);
    expect(await one.snapshot(of, { cpuSeconds: 0, wallTimeLeft: null }, false)).toEqual({
      ok: false,
      error: { reason: 'it cannot be saved: it uses a POSIX message queue (mq_open)' },
    });
    await one.remove(of);
  });

  test('that breaks off halfway leaves the program where it was', async () => {
    const of = anAttempt();
    const spec = programSpec(of, [
      'python3',
      '-c',
      'import os, time; b = os.urandom(30 << 20); open("ready", "w").close(); time.sleep(1.5)',
    ]);
    await one.start(of, spec);
    await waitUntil('it has begun', async () => (await one.outputs(of, ['ready'])).ok);
    await one.freeze(of);
    const taken = await one.snapshot(of, { cpuSeconds: 0, wallTimeLeft: null }, false);
    if (!taken.ok) throw new Error(taken.error.reason);
    let received = 0;
    const half = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of taken.value.bytes()) {
        received += chunk.length;
        if (received > 5 << 20) throw new Error('the cable');
        yield chunk;
      }
    };
    const next = later(of);
    expect((await two.unpack(next, spec, half())).ok).toBe(false);
    await two.remove(next);
    await taken.value.drop();
    await one.thaw(of);
    expect((await ended(one, of)).exitCode).toBe(0);
    await one.remove(of);
  });
});

describe('an agent that is killed and started again', () => {
  test('finds its programs, frozen, and hears of their ends', async () => {
    const [runs, ends] = [anAttempt(), anAttempt()];
    await one.start(runs, programSpec(runs, ['sh', '-c', 'sleep 5; exit 5']));
    await one.start(ends, programSpec(ends, ['sh', '-c', 'sleep 0.1; exit 6']));
    await rig.killAgent('pc-01');
    const adopted = await one.adopt();
    expect(adopted.map(({ task }) => task).sort()).toEqual([runs.task, ends.task].sort());
    expect((await ended(one, ends)).exitCode).toBe(6);
    expect(await one.endOf(runs)).toBeUndefined();
    await one.thaw(runs);
    expect((await ended(one, runs)).exitCode).toBe(5);
    await one.remove(runs);
    await one.remove(ends);
  });
});
