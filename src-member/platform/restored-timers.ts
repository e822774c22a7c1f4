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
const untilFlag = 1n;

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
    let now = before === 0n ? timeOf(timer, every) : before;
    const isUntil = ((timer.number(setFlags) ?? 0n) & untilFlag) !== 0n;
    if (before > 0n && isUntil && worldClocks.includes(timer.number(clock) ?? 0n) && slept > 0n)
      now = before > slept ? before - slept : 1n;
    if (now === before) continue;
    timer.set(left[0], now / second);
    timer.set(left[1], now % second);
    file.set(timerfd, timer);
    changed = true;
  }
  return changed;
}

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
  }
  return changed;
}

const timeOf = (timer: Message, [seconds, parts]: readonly [number, number]): bigint =>
  (timer.number(seconds) ?? 0n) * second + (timer.number(parts) ?? 0n);
