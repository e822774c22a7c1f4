/** Rounds of the mixed loop below that the reference PC does in a millisecond; it has speed 1000. */
const referenceRoundsPerMs = 60_000;
const runs = 3;
const budgetMs = 90;

/** Integer and floating-point work in about equal parts, with branches; the result is returned so that it has to be done. */
function work(rounds: number): number {
  let bits = 0x9e37_79b9 | 0;
  let real = 0.5;
  for (let at = 0; at < rounds; at += 1) {
    bits ^= bits << 13;
    bits ^= bits >>> 17;
    bits ^= bits << 5;
    real = (bits & 1) === 0 ? real * 3.57 * (1 - real) : Math.sqrt(real + 1) - 0.5;
    if (!(real > 0 && real < 1)) real = 0.5;
  }
  return bits + real;
}

/** Milliseconds of processor time of this thread: what others take away from it does not make the PC slower. */
const threadTime = (): number => process.threadCpuUsage().user / 1000;

/** Speed of one processor, 1000 for the reference PC: the best of three short runs, since others may disturb one. */
export function calibrate(now: () => number = threadTime): number {
  let best = 0;
  work(200_000); // until it is compiled
  const chunk = 200_000;
  for (let run = 0; run < runs; run += 1) {
    const began = now();
    let rounds = 0;
    let took: number;
    do {
      work(chunk);
      rounds += chunk;
      took = now() - began;
    } while (took < budgetMs / runs);
    best = Math.max(best, rounds / took);
  }
  return Math.max(1, Math.round((best / referenceRoundsPerMs) * 1000));
}
