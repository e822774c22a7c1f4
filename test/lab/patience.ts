import { readdirSync, readFileSync } from 'node:fs';

/** Of a moment in which something waited for a processor all along, this share counts, so that every wait ends. */
const leastShare = 1 / 16;
const lookAgainEvery = 2000;
const nanosPerMilli = 1e6;

/**
 * Time that whoever is waited for could have used: a limit on it is a limit on their own progress, on an idle machine as on
 * one with a load of sixteen. What does not count is time in which somebody here stood in line for a processor, as the
 * kernel tells it: for the whole machine (Documentation/accounting/psi.rst), for this process, and for each thread of an
 * emulated PC (`schedstat`: time on a processor, time in line, turns).
 */
export class Patience {
  #spent = 0;
  #at = performance.now();
  #inLine = timesInLine([]);
  #emulators: readonly string[] = [];
  #listedAt = -Infinity;

  /** Milliseconds since it was made; to be asked again and again. */
  spent(): number {
    const now = performance.now();
    if (now - this.#listedAt > lookAgainEvery) {
      this.#emulators = emulators();
      this.#listedAt = now;
    }
    const inLine = timesInLine(this.#emulators);
    const waited = [...inLine].map(([who, since]) => since - (this.#inLine.get(who) ?? since));
    this.#spent += usable(now - this.#at, Math.max(0, ...waited));
    [this.#at, this.#inLine] = [now, inLine];
    return this.#spent;
  }
}

/** Of `passed` milliseconds, those in which nobody stood in line. */
export const usable = (passed: number, inLine: number): number =>
  Math.max(passed - inLine, passed * leastShare);

function timesInLine(emulated: readonly string[]): Map<string, number> {
  const times = new Map<string, number>();
  const total = /^some .*total=(\d+)/m.exec(read('/proc/pressure/cpu'))?.[1];
  if (total !== undefined) times.set('this machine', Number(total) / 1000);
  for (const path of ['/proc/self/schedstat', ...emulated.flatMap(threadsOf)]) {
    const [, inLine] = read(path).trim().split(' ');
    if (inLine !== undefined) times.set(path, Number(inLine) / nanosPerMilli);
  }
  return times;
}

const emulators = (): readonly string[] =>
  namesIn('/proc').filter(
    (pid) => /^\d+$/.test(pid) && read(`/proc/${pid}/comm`).startsWith('qemu-system'),
  );

const threadsOf = (pid: string): readonly string[] =>
  namesIn(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}/schedstat`);

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // it has ended meanwhile
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
