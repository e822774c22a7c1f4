// What `mmdebstrap --verbose` says, as a share of the whole. It works in two rounds of fetching,
// unpacking and setting up: the essential packages first, then the rest.

type Phase = 'index' | 'essential' | 'rest' | 'cleaning';

export interface MmdebstrapProgress {
  readonly phase: Phase;
  /** Packages of this round, and their steps (fetched, unpacked, set up) done so far. */
  readonly packages: number;
  readonly steps: number;
  /** 0 to 1, never less than before. */
  readonly fraction: number;
  /** Names no host. */
  readonly line: string;
}

export const mmdebstrapStart: MmdebstrapProgress = {
  phase: 'index',
  packages: 0,
  steps: 0,
  fraction: 0,
  line: 'Reading the list of Debian packages',
};

/** Share of the wall time at which each phase begins, as measured; the next one's begin ends it. */
const begins: Readonly<Record<Phase, number>> = {
  index: 0,
  essential: 0.15,
  rest: 0.55,
  cleaning: 0.97,
};
const ends: Readonly<Record<Phase, number>> = {
  index: begins.essential,
  essential: begins.rest,
  rest: begins.cleaning,
  cleaning: 1,
};

const phaseBeginnings: readonly (readonly [RegExp, Phase, string])[] = [
  [/^I: downloading packages/, 'essential', 'Fetching the base system'],
  [/^I: installing remaining packages/, 'rest', 'Fetching packages'],
  [/^I: cleaning package lists/, 'cleaning', 'Cleaning up'],
];
const packageSteps: readonly (readonly [RegExp, string])[] = [
  [/^Get:\d+ \S+ \S+ \S+ (\S+)/, 'Fetching'],
  [/^Unpacking ([^ :]+)/, 'Unpacking'],
  [/^Setting up ([^ :]+)/, 'Setting up'],
];
const stepsPerPackage = packageSteps.length;

/** The state after one more line of output; lines that say nothing new leave it as it was. */
export function onMmdebstrapLine(before: MmdebstrapProgress, line: string): MmdebstrapProgress {
  for (const [pattern, phase, saying] of phaseBeginnings) {
    if (pattern.test(line)) {
      return { phase, packages: 0, steps: 0, fraction: begins[phase], line: saying };
    }
  }
  const count = /, (\d+) newly installed/.exec(line)?.[1];
  if (count !== undefined) return { ...before, packages: Number(count) };

  for (const [pattern, verb] of packageSteps) {
    const name = pattern.exec(line)?.[1];
    if (name === undefined || before.phase === 'index') continue;
    const steps = before.steps + 1;
    return { ...before, steps, line: `${verb} ${name}`, fraction: share(before, steps) };
  }
  return before;
}

function share({ phase, packages, fraction }: MmdebstrapProgress, steps: number): number {
  if (packages === 0) return fraction;
  const done = Math.min(1, steps / (packages * stepsPerPackage));
  return Math.max(fraction, begins[phase] + done * (ends[phase] - begins[phase]));
}
