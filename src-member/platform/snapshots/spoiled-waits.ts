/** What /proc shows of one thread of a program. */
export interface ThreadSeen {
  /** The letter of proc_pid_stat(5): `T` was stopped by a signal. */
  readonly state: string;
  /** Number of the call it waits in and the call's arguments (proc_pid_syscall(5)); null: it runs. */
  readonly call: { readonly number: number; readonly args: readonly bigint[] } | null;
}

/** The line of /proc/PID/syscall. */
export function callIn(line: string): ThreadSeen['call'] {
  const words = line.trim().split(' ');
  const [number = '', ...rest] = words;
  if (words.length !== 9 || !/^\d+$/.test(number)) return null;
  if (!rest.every((word) => /^0x[0-9a-f]{1,16}$/.test(word))) return null;
  return { number: Number(number), args: rest.slice(0, 6).map(BigInt) };
}

/** x86-64: nanosleep, poll, select, pselect6, ppoll. */
const sleeps = new Set([35, 7, 23, 270, 271]);
const clockNanosleep = 230;
/** Real time, monotonic, and both again as alarms and with the time asleep: those whose rest can be told from outside. */
const clocksOfTime = new Set([0n, 1n, 7n]);

/**
 * Why a save or a move would spoil what a program waits for: the call would end early, with EINTR, which programs rarely
 * expect of a sleep. Null where nothing would be felt. `is32Bit`: of any of its processes; `threads`: of x86-64.
 */
export function whySpoiled(is32Bit: boolean, threads: readonly ThreadSeen[]): string | null {
  if (is32Bit)
    return 'it is a 32-bit program (or runs one), whose waiting calls would end early; a 64-bit build of it can be saved';
  for (const { state, call } of threads) {
    if (!call) continue;
    const isSleep = sleeps.has(call.number) || call.number === clockNanosleep;
    if (state === 'T' && isSleep)
      return 'it was stopped (SIGSTOP) in the middle of a sleep, which would end early; it is tried again later';
    if (call.number !== clockNanosleep) continue;
    const [clock = 0n, flags = 0n, , rest = 0n] = call.args;
    // One "until" is made again by the kernel, and one that has its rest written down goes on with that.
    if (!clocksOfTime.has(BigInt.asIntN(32, clock)) && (flags & 1n) === 0n && rest === 0n)
      return 'it sleeps by a clock of processor time at the moment, and would wake early; it is tried again later';
  }
  return null;
}
