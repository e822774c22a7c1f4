import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findHierarchies } from '../../../src-member/platform/containers/cgroups.ts';
import { coalesce, framed } from '../../../src-member/platform/snapshots/coalesce.ts';
import { obstacleIn } from '../../../src-member/platform/snapshots/criu-obstacles.ts';
import { cutNote, logFirst, readCutNote } from '../../../shared/domain/log-bounds.ts';
import { logBytes } from '../../../src-member/platform/task-files/log-file.ts';
import { LogFollower } from '../../../src-member/platform/task-files/log-follower.ts';
import { PageProtocol } from '../../../src-member/platform/snapshots/page-sink.ts';
import { processorIn, wishesIn } from '../../../src-member/platform/pc/pc-facts.ts';
import { screenLines, TextScreen } from '../../../src-member/platform/pc/text-screen.ts';

describe('CRIU’s log', () => {
  test.each([
    [
      '(00.012) Error (criu/fsnotify.c:284): fsnotify: \tHandle 0x1e:0x2 cannot be opened',
      'it watches a file of the software pack (inotify), which cannot be moved',
    ],
    [
      "(00.01) Error (criu/files-reg.c:1): Can't create link remap for /task/la. Use link-remap option.\n(00.02) Error (criu/cr-dump.c:1681): Dump files (pid: 5) failed with -1",
      'it holds a file open whose name it deleted while another hard link to it exists',
    ],
    [
      "(00.03) Error (criu/sockets.c:1): Can't get 1:16 opt: Operation not supported\n(00.02) Error (criu/cr-dump.c:1681): Dump files (pid: 559) failed with -1",
      'it has a network connection or listens on a network port, which this kernel cannot save',
    ],
    [
      "(00.000641) Error (criu/util.c:1533): rlimit: Can't setup RLIMIT_NOFILE for self: Operation not permitted\n(00.005) Error (criu/files-reg.c:1790): Can't lookup mount=170 for fd=1 path=/run/x",
      'it has a file open that came from outside of its container',
    ],
    ['(00.1) Error (criu/odd.c:1): something new', 'CRIU says: something new'],
    ['', 'CRIU did not say why'],
  ])('%j becomes a sentence', (log, sentence) => {
    expect(obstacleIn(log, '')).toBe(sentence);
  });
});

test('control groups are found wherever they are mounted, but only our own part of them', () => {
  const mountInfo = [
    '31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755',
    '41 31 0:38 /../.. /outside rw - cgroup2 cgroup2 rw',
    '42 31 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw',
    '35 31 0:32 / /control-groups/memory rw - cgroup cgroup rw,memory',
    '32 31 0:29 / /control-groups/cpu rw - cgroup cgroup rw,cpu',
    '33 31 0:29 / /control-groups/cpuset rw - cgroup cgroup rw,cpuset',
  ].join('\n');
  expect(findHierarchies(mountInfo)).toMatchObject({
    unified: '/sys/fs/cgroup',
    memory: '/control-groups/memory',
    cpu: '/control-groups/cpu',
  });
  expect(findHierarchies('')).toBeUndefined();
});

describe('CRIU’s page-server protocol', () => {
  const command = (what: number, flags = 0, pages = 0): Buffer => {
    const bytes = Buffer.alloc(24);
    bytes.writeUInt16LE(what, 0);
    bytes.writeUInt16LE(flags, 2);
    bytes.writeUInt32LE(pages, 4);
    return bytes;
  };
  const stream = Buffer.concat([
    command(4),
    command(6, 4, 3),
    Buffer.alloc(3 * 4096, 0x23),
    command(6, 1, 500),
    command(4),
    command(6, 4, 1),
    Buffer.alloc(4096, 4),
    command(0x1023),
  ]);

  test('is followed in whatever pieces it comes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1 }), (sizes) => {
        const protocol = new PageProtocol();
        const answers: Buffer[] = [];
        let at = 0;
        for (let turn = 0; at < stream.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          expect(protocol.closed).toBe(false);
          const answer = protocol.answerTo(stream.subarray(at, at + size));
          if (answer) answers.push(answer);
          at += size;
        }
        expect(protocol.closed).toBe(true);
        // One byte for each image that is opened, a status of four at the end.
        expect(Buffer.concat(answers)).toEqual(Buffer.alloc(6));
      }),
    );
  });
});

test('pieces are joined without a byte more or less', async () => {
  const pieces = Array.from({ length: 100 }, (_, at) => new Uint8Array(10_000).fill(at));
  const source = async function* (): AsyncGenerator<Uint8Array> {
    yield* pieces;
  };
  const joined: Buffer[] = [];
  for await (const chunk of coalesce(source())) joined.push(chunk);
  expect(joined.length).toBeLessThan(6);
  expect(Buffer.concat(joined)).toEqual(Buffer.concat(pieces));
  let read = 0;
  for await (const chunk of framed(source())) {
    expect(chunk.readUInt32LE(0)).toBe(chunk.length - 4);
    read += chunk.length - 4;
  }
  expect(read).toBe(1_000_000);
});

describe('a program’s output', () => {
  const collect = (path: string, offset: number, follow: boolean) => {
    let text = '';
    let finish: (text: string) => void;
    const over = new Promise<string>((resolve) => (finish = resolve));
    const follower = new LogFollower(path, offset, follow, {
      piece: async (_at, base64) => {
        text += Buffer.from(base64, 'base64').toString();
      },
      end: () => finish(text),
    });
    return { follower, over, soFar: () => text };
  };

  test('is followed to its end, also when it does not exist yet', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nightshift-log-'));
    const path = join(folder, 'log');
    const { follower, over, soFar } = collect(path, 0, true);
    writeFileSync(path, 'one\n');
    await expect.poll(soFar).toBe('one\n');
    appendFileSync(path, 'x'.repeat(100_000));
    await expect.poll(() => soFar().length).toBe(100_004);
    appendFileSync(path, 'last words');
    follower.finish();
    expect((await over).endsWith('last words')).toBe(true);
    expect(await collect(path, 4, false).over).toHaveLength(100_010);
    rmSync(folder, { recursive: true });
  });

  test('whose middle was dropped is read up to there, and from its next whole line on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nightshift-log-'));
    const path = join(folder, 'log');
    writeFileSync(path, 'one\n');
    truncateSync(path, logFirst + 4096);
    appendFileSync(path, 'half a line\nlast words\n');
    writeFileSync(`${path}.cut`, `${logFirst + 4096}\n`);
    expect(await collect(path, logFirst, false).over).toBe('last words\n');
    expect(await collect(path, logFirst + 10, false).over).toBe('last words\n');
    expect(await collect(path, logFirst + 4096 + 12, false).over).toBe('last words\n');
    let text = '';
    for await (const piece of logBytes(path)) text += Buffer.from(piece).toString('latin1');
    expect(text.slice(logFirst)).toBe(`${cutNote(4096 + 12)}last words\n`);
    expect(readCutNote(text.slice(logFirst))).toEqual({
      dropped: 4108,
      length: cutNote(4108).length,
    });
    rmSync(folder, { recursive: true });
  });

  test('that nobody wants any more is read no further', async () => {
    const { follower, over } = collect('/nowhere/log', 0, true);
    follower.stop();
    expect(await over).toBe('');
  });
});

describe('the screen', () => {
  const text = {
    lab: 'Lab Room 101',
    who: 'pc-07, seat 101/2/3',
    address: '10.0.0.7',
    state: 'This PC is part of the lab and waits for work.',
    tasks: [],
  };

  test('says who it is, what it does and how to take it back', () => {
    expect(screenLines(text, 40)).toMatchInlineSnapshot(`
      [
        "  NIGHTSHIFT",
        "  ────────────────────────────────────",
        "  Lab Room 101",
        "  pc-07, seat 101/2/3  ·  10.0.0.7",
        "",
        "  This PC is part of the lab and waits",
        "  for work.",
        "  ────────────────────────────────────",
        "  Press any key to take this PC back.",
      ]
    `);
  });

  test('is drawn only when it says something new', () => {
    const drawn: string[] = [];
    const screen = new TextScreen({ write: (piece) => drawn.push(piece) });
    screen.show(text);
    screen.show({ ...text });
    screen.show({ ...text, tasks: ['task 1.0  render  running'] });
    expect(drawn).toHaveLength(2);
    expect(drawn[1]).toMatch(/^=== screen ===\n[^]*task 1\.0[^]*\n=== end ===\n$/);
  });
});

test('what a practice PC pretends to have is read from its environment, nonsense is passed over', () => {
  expect(
    wishesIn({
      NIGHTSHIFT_DRIVER: 'container',
      NIGHTSHIFT_CPUS: '4',
      NIGHTSHIFT_MEMORY: '2147483648',
    }),
  ).toMatchObject({ driver: 'container', processors: 4, memory: 2 ** 31 });
  expect(wishesIn({ NIGHTSHIFT_CPUS: 'many', NIGHTSHIFT_MEMORY: 'much' })).toMatchObject({
    driver: 'pc',
    processors: null,
    memory: null,
  });
});

test('a processor’s features come from either kind of /proc/cpuinfo', () => {
  expect(processorIn('model name\t: AMD EPYC\nflags\t\t: sse avx2 sse\n')).toEqual({
    model: 'AMD EPYC',
    flags: ['avx2', 'sse'],
  });
  expect(processorIn('Features\t: fp asimd\nCPU implementer\t: 0x41\n')).toEqual({
    model: '0x41',
    flags: ['asimd', 'fp'],
  });
});
