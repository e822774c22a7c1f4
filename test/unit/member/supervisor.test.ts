// The task supervisor by itself: the real Perl process, and programs that have nothing to do with containers.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { logFirst, logLast } from '../../../shared/domain/log-bounds.ts';
import {
  Supervisor,
  supervisorCommand,
} from '../../../src-member/platform/containers/supervisor.ts';

let folder: string;
let process_: ChildProcess;
let supervisor: Supervisor;
let lost: string[];
const open: Supervisor[] = [];

const agent = async (name: string): Promise<Supervisor> => {
  const found = await Supervisor.find(folder, () => lost.push(name));
  open.push(found);
  return found;
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-supervisor-'));
  lost = [];
  const path = join(folder, 'supervisor.sock');
  const [program, ...words] = supervisorCommand(path, join(folder, 'restore.conf'));
  process_ = spawn(program, words, { stdio: ['ignore', 'inherit', 'inherit'] });
  await vi.waitUntil(() => existsSync(path), { timeout: 30_000 });
  supervisor = await agent('first');
});
afterEach(async () => {
  for (const one of open.splice(0)) one.close();
  const gone = once(process_, 'exit');
  process_.kill('SIGKILL');
  await gone;
  rmSync(folder, { recursive: true, force: true });
});

const inside = (name: string): string => join(folder, name);
const order = (id: string, ...argv: readonly string[]) => ({
  ...{ id, exitFile: inside(`${id}.exit`), errorFile: inside(`${id}.err`), groups: [], argv },
});
const sh = (id: string, script: string) => order(id, 'sh', '-c', script);
const textOf = (name: string): string => readFileSync(inside(name), 'utf8');

describe('a program', () => {
  test.each<[string, string, number]>([
    ['its own exit code', 'exit 7', 7],
    ['128 and the signal that ended it', 'kill -TERM $$', 143],
    ['nothing wrong', 'true', 0],
  ])('ends with %s, which is kept in a file as well', async (_what, script, code) => {
    expect(await supervisor.run(sh('a', script))).toBe(code);
    expect(textOf('a.exit')).toBe(String(code));
  });

  test('that is not there ends with 127', async () => {
    expect(await supervisor.run(order('a', inside('no-such-program')))).toBe(127);
  });

  test('is killed with all that it started', async () => {
    const ended = supervisor.run(sh('a', `sleep 600 & echo $! > ${inside('child')}; wait`));
    await vi.waitUntil(() => existsSync(inside('child')) && textOf('child') !== '');
    supervisor.killChild('a');
    expect(await ended).toBe(137);
    const child = Number(textOf('child'));
    await vi.waitUntil(() => hasEnded(child));
  });

  test('says on its error output what went wrong before it was a program of its own', async () => {
    expect(await supervisor.run(sh('a', 'echo broken >&2; exit 1'))).toBe(1);
    expect(textOf('a.err')).toBe('broken\n');
  });
});

describe('an agent that dies', () => {
  test('is followed by one that finds the programs and hears of their ends', async () => {
    void supervisor.run(sh('a', `while ! test -e ${inside('go')}; do sleep 0.02; done; exit 3`));
    void supervisor.run(sh('b', 'exit 0'));
    await vi.waitUntil(() => existsSync(inside('b.exit')));
    supervisor.close();
    const next = await agent('next');
    expect(await next.children()).toEqual(['a']);
    const ended = next.watch('a');
    expect(await next.run(sh('c', `touch ${inside('go')}`))).toBe(0);
    expect(await ended).toBe(3);
    expect(await next.children()).toEqual([]);
  });

  test('is forgotten for the newest one, which alone is obeyed', async () => {
    const next = await agent('next');
    expect(await next.children()).toEqual([]);
    await vi.waitUntil(() => lost.includes('first'));
    expect(lost).toEqual(['first']);
  });

  test('leaves the exit codes of what ended meanwhile in files', async () => {
    const began = inside('began');
    void supervisor.run(
      sh('a', `touch ${began}; while ! test -e ${inside('go')}; do sleep 0.02; done; exit 9`),
    );
    await vi.waitUntil(() => existsSync(began));
    supervisor.close();
    const other = spawn('touch', [inside('go')]);
    await once(other, 'exit');
    await vi.waitUntil(() => existsSync(inside('a.exit')));
    expect(textOf('a.exit')).toBe('9');
  });
});

describe('what a program writes', () => {
  const log = (id: string): void => {
    supervisor.openLog(id, {
      pipe: inside(`${id}.out`),
      file: inside(`${id}.log`),
      owner: process.getuid?.() ?? 0,
    });
  };

  test('lies in the file in the order in which it was written, however often the pipe is opened', async () => {
    log('a');
    const out = inside('a.out');
    expect(
      await supervisor.run(
        sh('a', `exec > ${out}; echo one; echo two > ${out}; echo three >> ${out}; echo four`),
      ),
    ).toBe(0);
    expect(textOf('a.log')).toBe('one\ntwo\nthree\nfour\n');
  });

  test('is all in the file once it was drained, while the program goes on', async () => {
    log('a');
    const ended = supervisor.run(
      sh(
        'a',
        `exec > ${inside('a.out')}; echo first; touch ${inside('said')}; while ! test -e ${inside('go')}; do sleep 0.02; done; echo last`,
      ),
    );
    await vi.waitUntil(() => existsSync(inside('said')));
    await supervisor.drainLog('a');
    expect(textOf('a.log')).toBe('first\n');
    expect(await supervisor.run(sh('b', `touch ${inside('go')}`))).toBe(0);
    expect(await ended).toBe(0);
    expect(textOf('a.log')).toBe('first\nlast\n');
  });

  test('of a flood keeps its beginning and its end, and a hole between, whose end is noted', async () => {
    log('a');
    const mebibyte = 1024 * 1024;
    const flood = 2 * (logFirst + logLast);
    const script = `exec > ${inside('a.out')}; echo begins; head -c ${flood} /dev/zero | tr '\\0' x; echo; echo ends`;
    expect(await supervisor.run(sh('a', script))).toBe(0);
    const file = statSync(inside('a.log'));
    expect(file.size).toBe('begins\n'.length + flood + '\nends\n'.length);
    const cut = Number(textOf('a.log.cut'));
    expect(file.size - cut).toBeGreaterThanOrEqual(logLast);
    expect(file.size - cut).toBeLessThan(logLast + logLast / 8 + mebibyte);
    const bytes = readFileSync(inside('a.log'));
    expect(bytes.subarray(0, 8).toString()).toBe('begins\nx');
    expect(bytes.subarray(-6).toString()).toBe('\nends\n');
    const x = 'x'.charCodeAt(0);
    expect(bytes.subarray(7, logFirst).every((byte) => byte === x)).toBe(true);
    expect(bytes.subarray(logFirst, cut).every((byte) => byte === 0)).toBe(true);
    expect(bytes.subarray(cut, -6).every((byte) => byte === x)).toBe(true);
    expect(file.blocks * 512).toBeLessThan(logFirst + logLast + logLast / 8 + 2 * mebibyte);
  });
});

test('what cannot be mounted is refused with the number of the error', async () => {
  const errno = await supervisor.mount('none', inside('no-such-folder'), 'tmpfs', 0, '');
  // ENOENT; for people without rights EPERM.
  expect([1, 2]).toContain(errno);
  expect([1, 2, 22]).toContain(await supervisor.unmount(inside('no-such-folder')));
});

/** Of a process that may be gone by now. */
function hasEnded(pid: number): boolean {
  try {
    return /^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}
