import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { canRun } from '../../../src-cli/platform/running-process.ts';

const status = (state: string, pending = '0', shared = '0'): string =>
  `Name:\tpython3\nState:\t${state}\nTracerPid:\t0\nSigPnd:\t${pending.padStart(16, '0')}\nShdPnd:\t${shared.padStart(16, '0')}\n`;
const stat = (flags: number): string => `7 (a) b) c) S 1 7 7 0 -1 ${flags} 120 0 0 0`;

describe('a process that a witness sees', () => {
  it('runs while it computes, waits or reads', () => {
    for (const state of ['R (running)', 'S (sleeping)', 'D (disk sleep)']) {
      expect(canRun(status(state), stat(4194304))).toBe(true);
    }
  });

  it('does not when a tracer holds it, or it is a zombie, or gone', () => {
    for (const state of ['t (tracing stop)', 'T (stopped)', 'Z (zombie)', 'X (dead)']) {
      expect(canRun(status(state), stat(4194304))).toBe(false);
    }
    expect(canRun('', '')).toBe(false);
  });

  it('does not when it was killed, by its own signal or its group’s, though it is not gone', () => {
    expect(canRun(status('S (sleeping)', '100'), stat(4194304))).toBe(false);
    expect(canRun(status('R (running)', '0', '100'), stat(4194304))).toBe(false);
    expect(canRun(status('R (running)'), stat(4194304 | 4))).toBe(false);
    expect(canRun(status('R (running)', '4000'), stat(4194304))).toBe(true); // another signal: SIGTERM
  });

  it.runIf(process.platform === 'linux')(
    'is told from what the kernel says of real ones',
    async () => {
      const look = (pid: number): boolean => {
        try {
          const folder = `/proc/${pid}`;
          return canRun(
            readFileSync(`${folder}/status`, 'utf8'),
            readFileSync(`${folder}/stat`, 'utf8'),
          );
        } catch {
          return canRun('', '');
        }
      };
      const child = spawn('sleep', ['60']);
      const ended = new Promise((resolve) => child.on('close', resolve));
      await expect.poll(() => look(child.pid ?? 0)).toBe(true);
      child.kill('SIGSTOP');
      await expect.poll(() => look(child.pid ?? 0)).toBe(false);
      child.kill('SIGKILL');
      await ended;
      expect(look(child.pid ?? 0)).toBe(false);
    },
  );
});
