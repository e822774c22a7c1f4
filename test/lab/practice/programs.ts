/** A shell loop that counts to `last`, a line a step; it begins with `begin`, so that a start from zero shows. */
export const counting = (last: number, pause = 0.05): readonly string[] => [
  'sh',
  '-c',
  `echo begin; i=0; while [ $i -lt ${last} ]; do i=$((i+1)); echo $i; sleep ${pause}; done; echo end`,
];

/**
 * Counts until it has gone on under another kernel so many times, that is in another PC of its own or after that was started anew, and
 * a hundred steps more: however long a slow machine takes for a move, the program is there to be moved.
 */
export const countingUntilMoved = (times = 1, pause = 0.1): readonly string[] => [
  'sh',
  '-c',
  [
    'kernel() { read -r id < /proc/sys/kernel/random/boot_id; }',
    `kernel; last=$id; moves=${times}; i=0; left=100; echo begin`,
    'while [ $left -gt 0 ]; do',
    `  i=$((i+1)); echo $i; sleep ${pause}; kernel`,
    '  [ "$id" = "$last" ] || { last=$id; moves=$((moves-1)); }',
    '  [ $moves -gt 0 ] || left=$((left-1))',
    'done; echo end',
  ].join('\n'),
];

/** A Python program whose state is a long chain of hashes: its answer is right only if not one step is lost or done twice. */
export const chainOfHashes = (steps: number, pause = 0.01): readonly string[] => [
  'python3',
  '-c',
  [
    'import hashlib, time',
    'print("begin", flush=True)',
    'state = b"nightshift"',
    `for step in range(${steps}):`,
    '    state = hashlib.sha256(state).digest()',
    `    time.sleep(${pause})`,
    '    if step % 20 == 0: print("step", step, flush=True)',
    'print("answer", state.hex(), flush=True)',
  ].join('\n'),
];

/** Holds this much memory, filled with what does not compress, and checks now and then that it is as it was. */
export const holding = (mebibytes: number, seconds: number): readonly string[] => [
  'python3',
  '-c',
  [
    'import os, time, hashlib',
    `block = os.urandom(1 << 20); memory = bytearray(block) * ${mebibytes}`,
    'digest = hashlib.sha256(memory).hexdigest()',
    'print("holding", flush=True)',
    `for _ in range(${seconds * 20}): time.sleep(0.05)`,
    'print("same" if hashlib.sha256(memory).hexdigest() == digest else "CHANGED", flush=True)',
  ].join('\n'),
];

/** Lines `1`, `2`, … in the order of a program that ran once without a gap. */
export function countedRight(log: string, last: number): boolean {
  return (
    log.trim() ===
    ['begin', ...Array.from({ length: last }, (_, at) => String(at + 1)), 'end'].join('\n')
  );
}

/** The same of a program that chose itself how far it counts. */
export const countedWithoutGap = (log: string): boolean =>
  countedRight(log, log.trim().split('\n').length - 2);
