import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeImage,
  encodeImage,
  Message,
  type Image,
} from '../../../src-member/platform/snapshots/criu-images.ts';
import { mendCore, mendFiles } from '../../../src-member/platform/snapshots/restored-timers.ts';

const head = Buffer.from('1943565412345678', 'hex');
const message = (values: Readonly<Record<number, number | Message>>): Message => {
  const made = new Message([]);
  for (const [number, value] of Object.entries(values))
    made.set(Number(number), typeof value === 'number' ? BigInt(value) : value);
  return made;
};
/** What is written is what is read. */
const again = (image: Image): Image => decodeImage(encodeImage(image));

const [realtime, monotonic, boottime] = [0, 1, 7];
interface Timer {
  readonly clock: number;
  /** TFD_TIMER_ABSTIME, and TFD_TIMER_CANCEL_ON_SET. */
  readonly until?: boolean;
  readonly cancel?: boolean;
  readonly left: readonly [number, number];
  readonly every: readonly [number, number];
}
function files({ clock, until = false, cancel = false, left, every }: Timer): Image {
  const timer = message({
    ...{ 1: 5, 2: 2, 3: message({ 1: 0 }), 4: clock, 5: 3, 6: (until ? 1 : 0) + (cancel ? 2 : 0) },
    ...{ 7: left[0], 8: left[1], 9: every[0], 10: every[1] },
  });
  return { head, entries: [message({ 1: 1, 2: 1 }), message({ 1: 17, 2: 5, 12: timer })] };
}
const leftOf = (image: Image): readonly number[] => {
  const timer = again(image).entries[1]?.message(12);
  return [Number(timer?.number(7)), Number(timer?.number(8)), Number(timer?.number(5))];
};

describe('a timer of a program that lay still', () => {
  test.each<[string, Timer, readonly [number, number]]>([
    [
      'that came due comes again one interval on',
      { clock: monotonic, left: [0, 0], every: [0, 1e8] },
      [0, 1e8],
    ],
    ['of a day, too', { clock: boottime, left: [0, 0], every: [86_400, 0] }, [86_400, 0]],
    ['that is due later is left alone', { clock: monotonic, left: [0, 5], every: [1, 0] }, [0, 5]],
    ['that is off stays off', { clock: monotonic, left: [0, 0], every: [0, 0] }, [0, 0]],
    [
      'that waits for so long waits for the rest',
      { clock: realtime, left: [60, 0], every: [0, 0] },
      [60, 0],
    ],
    [
      'that waits for a time of day keeps it',
      { clock: realtime, until: true, left: [60, 0], every: [0, 0] },
      [49, 5e8],
    ],
    [
      'whose time of day has passed is due',
      { clock: realtime, until: true, left: [10, 0], every: [0, 0] },
      [0, 1],
    ],
    [
      'that waits until a time of its own clock is left alone',
      { clock: monotonic, until: true, left: [60, 0], every: [0, 0] },
      [60, 0],
    ],
  ])('%s', (_what, timer, left) => {
    const image = files(timer);
    mendFiles(image, 10_500_000_000n);
    // And what was counted already is still to be read.
    expect(leftOf(image)).toEqual([...left, 3]);
  });

  const flagsOf = (image: Image): number => Number(again(image).entries[1]?.message(12)?.number(6));

  test('that waits for a time of day is exact, and known again at the next restore', () => {
    const image = files({ clock: realtime, until: true, left: [60, 0], every: [0, 0] });
    mendFiles(image, 10_000_000_000n);
    // TFD_TIMER_CANCEL_ON_SET alone: CRIU sets it for what is left.
    expect(flagsOf(image)).toBe(2);
    mendFiles(image, 20_000_000_000n);
    expect(leftOf(image)).toEqual([30, 0, 3]);
    expect(flagsOf(image)).toBe(2);
  });

  test('is as far behind as the clock it waits by, where that is behind', () => {
    const image = files({ clock: realtime, until: true, left: [60, 0], every: [0, 0] });
    mendFiles(image, -5_000_000_000n);
    expect(leftOf(image)).toEqual([65, 0, 3]);
  });

  test('that is to hear of a clock that is set stays so, and is late rather than early', () => {
    const image = files({
      clock: realtime,
      until: true,
      cancel: true,
      left: [60, 0],
      every: [0, 0],
    });
    mendFiles(image, 10_000_000_000n);
    expect([flagsOf(image), leftOf(image)]).toEqual([3, [51, 0, 3]]);
    const off = files({ clock: realtime, until: true, cancel: true, left: [0, 0], every: [0, 0] });
    mendFiles(off, 10_000_000_000n);
    expect(leftOf(off)).toEqual([0, 0, 3]);
  });

  test('of setitimer is not switched off, whichever it is', () => {
    const timers = message({
      1: message({ 1: 0, 2: 150_000, 3: 0, 4: 0 }),
      2: message({ 1: 0, 2: 0, 3: 0, 4: 0 }),
      3: message({ 1: 2, 2: 0, 3: 1, 4: 7 }),
    });
    const image = { head, entries: [message({ 1: 1, 3: message({ 1: 1, 7: timers }) })] };
    expect(mendCore(image)).toBe(true);
    const mended = again(image).entries[0]?.message(3)?.message(7);
    const fields = (which: number): readonly unknown[] =>
      [1, 2, 3, 4].map((number) => Number(mended?.message(which)?.number(number)));
    expect([1, 2, 3].map(fields)).toEqual([
      [0, 150_000, 0, 150_000],
      [0, 0, 0, 0],
      [2, 0, 1, 7],
    ]);
  });
});

/** A program in pause (34) with an alarm that came while it stood still; without a handler it would have been ended. */
function pausing(wish: {
  blocked?: boolean;
  handler?: number;
  call?: number;
  result?: number;
}): Image {
  const { blocked = false, handler = 4096, call = 34, result = call } = wish;
  const timers = message({ 1: message({ 1: 0 }), 2: message({ 1: 0 }), 3: message({ 1: 0 }) });
  const alarm = Buffer.alloc(128);
  alarm.writeInt32LE(14);
  const pending = new Message([
    { number: 1, wire: 2, value: new Message([{ number: 1, wire: 2, value: alarm }]).encode() },
  ]);
  const task = message({ 1: 1, 7: timers, 10: pending });
  for (let signal = 1; signal <= 64; signal += 1)
    if (signal !== 9 && signal !== 19)
      task.fields.push({
        ...{ number: 15, wire: 2 },
        value: message({ 1: signal === 14 ? handler : 0, 2: 0 }).encode(),
      });
  const info = message({ 1: 0, 2: message({ 11: result, 16: call, 17: 1000 }) });
  const thread = message({ 6: blocked ? 1 << 13 : 0 });
  return { head, entries: [message({ 1: 1, 2: info, 3: task, 5: thread })] };
}

test.each<[string, Parameters<typeof pausing>[0], readonly [bigint, bigint]]>([
  ['is ended by a signal that came meanwhile', {}, [BigInt.asUintN(64, -4n), 1002n]],
  ['is not by one that it has blocked', { blocked: true }, [34n, 1000n]],
  ['is not by one without a handler', { handler: 0 }, [34n, 1000n]],
  ['is not when it is over', { result: 0 }, [0n, 1000n]],
  ['is made again when that is what it would be', { call: 0 }, [0n, 1000n]],
])('a call that waits for a signal %s', (_what, wish, expected) => {
  const image = pausing(wish);
  mendCore(image);
  const regs = again(image).entries[0]?.message(2)?.message(2);
  expect([regs?.number(11), regs?.number(17)]).toEqual(expected);
});

describe('an image that somebody made up', () => {
  const valid = encodeImage(files({ clock: realtime, left: [1, 2], every: [3, 4] }));

  test('is read, or refused with an error, and never hangs or crashes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 8 }),
        fc.nat(valid.length),
        (changes, length) => {
          const bytes = Buffer.from(valid.subarray(0, length));
          for (const [at, byte] of changes) if (at < length) bytes[at] = byte;
          try {
            const image = decodeImage(bytes);
            mendFiles(image, 1n);
            mendCore(image);
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('that is one is the same after reading and writing', () => {
    expect(encodeImage(decodeImage(valid))).toEqual(valid);
  });
});
