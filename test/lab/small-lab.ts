import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect } from 'vitest';
import type { JobSpec } from '../../shared/domain/job.ts';
import { scenes } from '../../src-sim/scenes/scenes.ts';
import { plainProgram, type SimulatedProgram } from '../../src-sim/simulated-program.ts';
import { evening, ServedHead } from '../served-head.ts';

/** A head with two idle PCs and a folder to work in, new for each test of the file that asks for it. */
export class SmallLab {
  readonly #folder = mkdtempSync(join(tmpdir(), 'nightshift-cli-'));
  head!: ServedHead;
  here = '';

  constructor() {
    beforeEach(async () => {
      this.here = mkdtempSync(join(this.#folder, 'work-'));
      this.head = new ServedHead(mkdtempSync(join(this.#folder, 'home-')), scenes.small(evening));
      await this.head.start();
    });
    afterEach(() => this.head.stop());
    afterAll(() => rmSync(this.#folder, { recursive: true, force: true }));
  }

  /** Writes a file to submit; its path. */
  file(path: string, text: string, mode = 0o644): string {
    const full = join(this.here, path);
    mkdirSync(join(full, '..'), { recursive: true });
    writeFileSync(full, text, { mode });
    return full;
  }

  /** What each program does of a job that is submitted by typing. */
  programs(...each: readonly Partial<SimulatedProgram>[]): void {
    this.head.lab.anyProgram = (task) => {
      const job = Number(task.split('.')[0]);
      return { ...plainProgram(1000), ...(each[job - 1] ?? each.at(-1)) };
    };
  }

  /** Job 1, of this program, which runs. */
  running(name: string, program: Partial<SimulatedProgram>): void {
    const { lab } = this.head;
    lab.submitProgram(1, () => ({ ...plainProgram(600_000), ...program }), { name });
    lab.until('it runs', () => lab.job('1').value.tasks[0]?.phase === 'running');
  }

  /** Tasks 1 … of job 1, each of its program, or task 0 of one; until none of them runs any more but those that go on. */
  ended(name: string, ...programs: readonly Partial<SimulatedProgram>[]): void {
    const { lab } = this.head;
    const one = programs.length === 1;
    lab.submitProgram(
      programs.length,
      (index) => ({ ...plainProgram(1000), ...programs[one ? 0 : index - 1] }),
      { name },
    );
    lab.until('they have ended', () =>
      lab
        .job('1')
        .value.tasks.every(
          (task, at) => task.finishedAt !== null || (programs[at]?.work ?? 0) > 60_000,
        ),
    );
  }

  /** What was submitted, as the lab was told. */
  submitted(): readonly JobSpec[] {
    return this.head.calls.flatMap(({ call, input }) =>
      call === 'lab.submit' ? [input[0] as JobSpec] : [],
    );
  }

  /** Lets time pass until this is what is seen. */
  async comes(seen: () => string, text: string | RegExp, step = 100): Promise<void> {
    const now = (): string => {
      this.head.lab.advance(step);
      return seen();
    };
    const poll = expect.poll(now, { interval: 2, timeout: 20_000 });
    await (typeof text === 'string' ? poll.toBe(text) : poll.toMatch(text));
  }
}
