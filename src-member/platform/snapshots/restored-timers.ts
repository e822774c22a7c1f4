import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeImage, encodeImage, type Image, type Message } from './criu-images.ts';

const second = 1_000_000_000n;

/** Fields of images/fdinfo.proto and timerfd.proto. */
const fileType = 1;
const timerfdType = 17n;
const timerfd = 12;
const clock = 4;
const setFlags = 6;
/** Seconds and nanoseconds: of what is left, and from one time to the next. */
const timerfdTimes = { left: [7, 8], every: [9, 10] } as const;
/** CLOCK_REALTIME and its alarm, which belong to the world outside. */
const worldClocks = [0n, 8n];
/** TFD_TIMER_ABSTIME and TFD_TIMER_CANCEL_ON_SET (linux/timerfd.h). */
const [untilFlag, cancelFlag] = [1n, 2n];
/**
 * A timer "until" of the world's clock, restored as one "for what is left". Without TFD_TIMER_ABSTIME the kernel keeps this flag and
 * does nothing about it (fs/timerfd.c), so that the next restore knows the timer again; whoever sets it anew takes the mark away.
 */
const wasUntil = cancelFlag;

/** Fields of images/core.proto and timer.proto; the parts of these seconds are microseconds. */
const taskCore = 3;
const taskTimers = 7;
const intervalTimers = [1, 2, 3];

/**
 * Makes CRIU's images say what the program has a right to. A periodic timer that came due while the program stood still has
 * nothing left to wait, which CRIU would restore as a timer that is off: the next time is one interval away. A timer that
 * is set to a time of day keeps it, however long the program lay still: `slept` milliseconds.
 */
export function mendTimers(folder: string, slept: number): void {
  for (const name of readdirSync(folder)) {
    const isFiles = name === 'files.img';
    if (!isFiles && !/^core-\d+\.img$/.test(name)) continue;
    const path = join(folder, name);
    const image = decodeImage(readFileSync(path));
    if (isFiles ? mendFiles(image, BigInt(Math.round(slept)) * 1_000_000n) : mendCore(image))
      writeFileSync(path, encodeImage(image));
  }
}

/** Whether something is another now. */
export function mendFiles(image: Image, slept: bigint): boolean {
  let changed = false;
  for (const file of image.entries) {
    const timer = file.number(fileType) === timerfdType ? file.message(timerfd) : undefined;
    if (!timer) continue;
    const { left, every } = timerfdTimes;
    const before = timeOf(timer, left);
    const flags = timer.number(setFlags) ?? 0n;
    const isOfWorld = worldClocks.includes(timer.number(clock) ?? 0n);
    const isUntil = (flags & untilFlag) !== 0n;
    let now = before === 0n ? timeOf(timer, every) : before;
    if (before > 0n && isOfWorld && (isUntil || flags === wasUntil)) now = atLeast(before - slept);
    // CRIU adds only whole seconds of the time it is, so a timer "until" comes due up to a second early. "For what is left" is exact.
    let restoredAs = isUntil ? flags & ~untilFlag : flags;
    if (isUntil && isOfWorld) {
      restoredAs = wasUntil;
      // One that is to hear of a clock that is set has to stay "until": better late than early.
      if (flags === (untilFlag | cancelFlag)) {
        restoredAs = flags;
        if (now > 0n) now += second;
      }
    }
    if (now === before && restoredAs === flags) continue;
    timer.set(setFlags, restoredAs);
    timer.set(left[0], now / second);
    timer.set(left[1], now % second);
    file.set(timerfd, timer);
    changed = true;
  }
  return changed;
}

/** Nothing left would be a timer that is off. */
const atLeast = (left: bigint): bigint => (left > 0n ? left : 1n);

export function mendCore(image: Image): boolean {
  let changed = false;
  for (const core of image.entries) {
    const task = core.message(taskCore);
    const timers = task?.message(taskTimers);
    if (!task || !timers) continue;
    for (const which of intervalTimers) {
      const timer = timers.message(which);
      if (!timer || timeOf(timer, [3, 4]) > 0n || timeOf(timer, [1, 2]) === 0n) continue;
      timer.set(3, timer.number(1) ?? 0n);
      timer.set(4, timer.number(2) ?? 0n);
      timers.set(which, timer);
      changed = true;
    }
    task.set(taskTimers, timers);
    core.set(taskCore, task);
    changed = interruptForSignal(core, task) || changed;
  }
  return changed;
}

/** Fields of images/core.proto, core-x86.proto, siginfo.proto and sa.proto. */
const threadInfo = 2;
const registers = 2;
const [ax, origAx, ip] = [11, 16, 17];
const threadCore = 5;
const [pendingShared, pendingOwn, actions] = [10, 9, 15];
const [blockedByThread, blockedByTask] = [6, 5];
/** Those that CRIU writes no action for: SIGKILL and SIGSTOP. */
const uncatchable = [9, 19];
/**
 * nanosleep, pause, semop, sigtimedwait, sigsuspend, semtimedop, clock_nanosleep: a handler ends them with EINTR, whatever
 * its flags, and none of them gives its own number as a result.
 */
const endedByHandlers = [35n, 34n, 65n, 128n, 130n, 220n, 230n];

/**
 * A signal with a handler that came while the program stood still: CRIU makes the call again after the handler, and a
 * program would wait for ever for what it has just been told. Only the first thread, which the kernel hands such signals.
 */
function interruptForSignal(core: Message, task: Message): boolean {
  const info = core.message(threadInfo);
  const regs = info?.message(registers);
  const thread = core.message(threadCore);
  if (!info || !regs || !thread) return false;
  const call = regs.number(origAx) ?? -1n;
  if (!endedByHandlers.includes(call) || regs.number(ax) !== call) return false;
  const blocked = thread.number(blockedByThread) ?? task.number(blockedByTask) ?? 0n;
  const handlers = task.messages(actions).map((action) => (action.number(1) ?? 0n) > 1n);
  const isHandled = (signal: number): boolean =>
    ((blocked >> BigInt(signal - 1)) & 1n) === 0n &&
    handlers[signal - 1 - uncatchable.filter((other) => other < signal).length] === true;
  const pending = [task.message(pendingShared), thread.message(pendingOwn)]
    .flatMap((queue) => queue?.messages(1) ?? [])
    .map((entry) => entry.bytes(1)?.readInt32LE(0) ?? 0);
  if (!pending.some((signal) => signal > 0 && signal <= 64 && isHandled(signal))) return false;
  regs.set(ax, BigInt.asUintN(64, -4n)); // EINTR
  regs.set(ip, (regs.number(ip) ?? 0n) + 2n); // behind the two bytes of `syscall`
  info.set(registers, regs);
  core.set(threadInfo, info);
  return true;
}

const timeOf = (timer: Message, [seconds, parts]: readonly [number, number]): bigint =>
  (timer.number(seconds) ?? 0n) * second + (timer.number(parts) ?? 0n);
