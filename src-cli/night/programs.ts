import type { Submit } from '../../shared/api/contract.ts';

/** Primes below `limit`, the known answer of the long program (OEIS A000720 counts them). */
export const longAnswer = { limit: 12_000_000, primes: 788_060 } as const;

/**
 * The long program: an ordinary Python script with its state in memory only. It says `begin` once, so that a start from
 * zero shows in its output, and counts primes by trial division, slowly on purpose.
 */
export const longProgram = `
limit = ${longAnswer.limit}
print("begin", flush=True)
base, count = [3], 2
for n in range(5, limit, 2):
    prime = True
    for p in base:
        if p * p > n:
            break
        if n % p == 0:
            prime = False
            break
    if prime:
        count += 1
        if n * n < 4 * limit:
            base.append(n)
    if n % 50000 == 1:
        print("below", n, count, flush=True)
print("primes", count, flush=True)
`;

/** CID's calibration job: loops that only burn processor time, more of them than there are processors. */
export const calibration = { tasks: 8, rounds: 120_000_000 } as const;

export const calibrationJob: Submit = {
  name: 'calibrate',
  command: ['awk', `BEGIN { for (i = 0; i < ${calibration.rounds}; i++) s += i % 7; print s }`],
  array: { first: 1, last: calibration.tasks },
};

/** What each loop prints: the sum over i < rounds of i mod 7. */
export const calibrationAnswer = String(
  Math.floor(calibration.rounds / 7) * 21 +
    Array.from({ length: calibration.rounds % 7 }, (_, rest) => rest).reduce(
      (sum, rest) => sum + rest,
      0,
    ),
);

export const longJob = (script: { readonly hash: string; readonly size: number }): Submit => ({
  name: 'primes',
  command: ['python3', 'primes.py'],
  priority: 10,
  inputs: [{ path: 'primes.py', hash: script.hash, size: script.size, executable: false }],
});

/** Each task gets one slice of real files and returns it compressed. */
export const archiveJob = (
  slices: readonly { readonly index: number; readonly hash: string; readonly size: number }[],
): Submit => ({
  name: 'archives',
  command: ['sh', '-c', 'xz -9 --keep slice-{task}.tar'],
  array: { first: 1, last: slices.length },
  inputs: slices.map(({ index, hash, size }) => ({
    path: `slice-${index}.tar`,
    hash: hash as never,
    size,
    executable: false,
    onlyTask: index,
  })),
  outputs: ['slice-{task}.tar.xz'],
});
