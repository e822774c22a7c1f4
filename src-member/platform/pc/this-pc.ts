import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EpochMillis } from '../../../shared/base/units.ts';
import type { MemberFacts, MemberLoad } from '../../../shared/domain/member.ts';
import type { MemberPc, ReclaimSign } from '../../ports/member-pc.ts';
import { pcFacts, pcLoad, type MeasuredPc, type PcWishes } from './pc-facts.ts';

/** init powers the PC off when the agent ends with this code, and starts the agent again after any other. */
export const leaveCode = 42;

/** A clock that is off by less is left alone: programs dislike jumps. */
const clockTolerance = 2000;

/** What `give-back` looks for. */
const sentHome = 'by-day';

export interface ThisPcOptions {
  /** `/run/nightshift`. */
  readonly folder: string;
  readonly wishes: PcWishes;
  readonly measured: MeasuredPc;
  /** As the head reaches it; empty while unknown. */
  address(): string;
  /** Running tasks and the memory they have. */
  ownTasks(): { readonly running: number; readonly memory: number };
  log(line: string): void;
  leave(code: number): void;
}

export class ThisPc implements MemberPc {
  readonly #options: ThisPcOptions;

  constructor(options: ThisPcOptions) {
    this.#options = options;
  }

  facts(): MemberFacts {
    const { wishes, measured } = this.#options;
    return pcFacts(wishes, measured, this.#options.address());
  }

  load(): MemberLoad {
    return pcLoad(this.#options.wishes, this.#options.ownTasks());
  }

  /** Any key, init's messages for the power button (TERM) and Ctrl-Alt-Del (INT). Told at most once in two seconds. */
  onReclaim(listener: (by: ReclaimSign) => void): void {
    let last = -Infinity;
    const tell = (by: ReclaimSign): void => {
      const now = performance.now();
      if (now - last < 2000) return;
      last = now;
      this.#options.log(`someone wants this PC: ${by}`);
      listener(by);
    };
    const keyboard = process.stdin;
    if (keyboard.isTTY) keyboard.setRawMode(true);
    keyboard.on('data', () => tell('keypress'));
    keyboard.on('error', () => undefined); // no keyboard
    process.on('SIGTERM', () => tell('power-button'));
    process.on('SIGINT', () => tell('ctrl-alt-del'));
  }

  setWallClock(head: EpochMillis): void {
    // In a container it is the clock of the whole machine.
    if (this.#options.wishes.driver === 'container') return;
    if (Math.abs(Date.now() - head) <= clockTolerance) return;
    this.#options.log(`the clock is set to the head's, it was off by ${Date.now() - head} ms`);
    const setting = spawn('date', ['-s', `@${(head / 1000).toFixed(3)}`], { stdio: 'ignore' });
    setting.on('error', () => undefined);
  }

  leave(byDay: boolean): void {
    if (byDay) writeFileSync(join(this.#options.folder, sentHome), '');
    this.#options.leave(leaveCode);
  }
}
