import { expect, test } from 'vitest';
import { callIn, whySpoiled } from '../../../src-member/platform/snapshots/spoiled-waits.ts';

/** A line of /proc/PID/syscall: number, six arguments, stack, place. */
const line = (number: number, ...args: readonly string[]): string =>
  [
    number,
    ...args,
    ...Array.from({ length: 6 - args.length }, () => '0x0'),
    '0x7ffc1',
    '0x7f01',
  ].join(' ');
const thread = (text: string, state = 'S') => ({ state, call: callIn(text) });
const clockSleep = (clock: string, flags: string, rest: string) =>
  thread(line(230, clock, flags, '0x7ffc8', rest));

test('a thread that runs, or waits for nothing, tells of no call', () => {
  expect(callIn('running\n')).toBeNull();
  expect(callIn('-1 0x7ffc1 0x7f01\n')).toBeNull();
  expect(callIn('')).toBeNull();
  expect(callIn(`${line(35, '0x7ffc8')}\n`)).toEqual({
    number: 35,
    args: [0x7ffc8n, 0n, 0n, 0n, 0n, 0n],
  });
});

test.each([
  ['it runs', thread('running')],
  ['it sleeps', thread(line(35, '0x7ffc8'))],
  [
    'it sleeps by the clock of time, or that which stands still in a suspend',
    clockSleep('0x1', '0x0', '0x0'),
  ],
  ['it sleeps by the clock that goes on in a suspend', clockSleep('0x7', '0x0', '0x0')],
  ['it sleeps by processor time until a moment', clockSleep('0x2', '0x1', '0x0')],
  [
    'it sleeps by processor time and has the rest written down',
    clockSleep('0x2', '0x0', '0x7ffd0'),
  ],
  ['it was stopped, and waited for a lock', thread(line(202, '0x55', '0x0'), 'T')],
  ['it waits in poll', thread(line(7, '0x0', '0x0', '0x3e8'))],
])('nothing is felt: %s', (_, seen) => {
  expect(whySpoiled(false, [seen])).toBeNull();
});

test.each([
  ['by the processor time of the process', '0x2'],
  ['by the processor time of another process', '0xfffffffffffffeda'],
  ['by an alarm clock', '0x8'],
])('a sleep %s would end early', (_, clock) => {
  const others = [thread('running'), thread(line(35, '0x7ffc8'))];
  expect(whySpoiled(false, [...others, clockSleep(clock, '0x0', '0x0')])).toContain(
    'would wake early',
  );
});

test.each([
  ['nanosleep', 35],
  ['clock_nanosleep', 230],
  ['poll', 7],
  ['ppoll', 271],
  ['select', 23],
  ['pselect', 270],
])('%s of a process that was stopped would end early', (_, number) => {
  expect(whySpoiled(false, [thread(line(number, '0x1', '0x0', '0x7ffc8'), 'T')])).toContain(
    'SIGSTOP',
  );
});

test('the calls of a 32-bit program are not looked at: none of them could be kept', () => {
  expect(whySpoiled(true, [])).toContain('32-bit program');
  expect(whySpoiled(true, [thread('running')])).toContain('32-bit program');
});
