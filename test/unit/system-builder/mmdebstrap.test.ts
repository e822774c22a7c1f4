import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  mmdebstrapStart,
  onMmdebstrapLine,
} from '../../../src-main/platform/system-builder/mmdebstrap-progress.ts';
import {
  mmdebstrapCommand,
  mmdebstrapFailure,
} from '../../../src-main/platform/system-builder/mmdebstrap.ts';

const round = (packages: readonly string[]): readonly string[] => [
  `0 upgraded, ${packages.length} newly installed, 0 to remove and 0 not upgraded.`,
  ...packages.map(
    (name, index) =>
      `Get:${index + 1} http://debian.example/debian trixie/main amd64 ${name} amd64 1.2-3 [52 kB]`,
  ),
  ...packages.map((name) => `Unpacking ${name}:amd64 (1.2-3) ...`),
  ...packages.map((name) => `Setting up ${name}:amd64 (1.2-3) ...`),
];
/** What a run says, shortened to two packages a round. */
const wholeRun = [
  "I: chroot architecture amd64 is equal to the host's architecture",
  'I: running apt-get update...',
  'Get:1 http://debian.example/debian trixie InRelease [140 kB]',
  'Fetched 10.2 MB in 1s (8494 kB/s)',
  'I: downloading packages with apt...',
  ...round(['libc6', 'dash']),
  'I: installing essential packages...',
  'I: installing remaining packages inside the chroot...',
  ...round(['criu', 'crun']),
  'I: cleaning package lists and apt cache...',
  'I: success in 19.4580 seconds',
];
const progressOf = (lines: readonly string[]) => {
  let progress = mmdebstrapStart;
  return lines.map((line) => (progress = onMmdebstrapLine(progress, line)));
};

describe('the progress of mmdebstrap', () => {
  it('grows from the first line to nearly the whole', () => {
    const fractions = progressOf(wholeRun).map(({ fraction }) => fraction);
    expect(fractions[0]).toBe(0);
    expect(fractions.at(-1)).toBeGreaterThan(0.95);
    expect(new Set(fractions).size).toBeGreaterThan(8);
  });

  it('says what is done now and names no host', () => {
    const lines = progressOf(wholeRun).map(({ line }) => line);
    expect(lines).toContain('Fetching crun');
    expect(lines).toContain('Unpacking crun');
    expect(lines).toContain('Setting up crun');
    expect(lines.join('\n')).not.toContain('debian.example');
  });

  it('stays as it was at a line that says nothing new', () => {
    expect(onMmdebstrapLine(mmdebstrapStart, 'Reading package lists...')).toBe(mmdebstrapStart);
  });

  it('never leaves 0 to 1 and, within a run, never goes back', () => {
    const noise = fc.oneof(fc.string(), ...wholeRun.map((line) => fc.constant(line)));
    fc.assert(
      fc.property(fc.array(noise), (lines) => {
        for (const { fraction } of progressOf(lines)) {
          expect(fraction).toBeGreaterThanOrEqual(0);
          expect(fraction).toBeLessThanOrEqual(1);
        }
      }),
    );
    const withNoise = fc.array(fc.nat(wholeRun.length - 1)).map((picked) => {
      const twice = new Set(picked);
      return wholeRun.flatMap((line, index) => (twice.has(index) ? [line, 'noise', line] : [line]));
    });
    fc.assert(
      fc.property(withNoise, (lines) => {
        const fractions = progressOf(lines).map(({ fraction }) => fraction);
        expect([...fractions].sort((a, b) => a - b)).toEqual(fractions);
      }),
    );
  });
});

describe('the command line of mmdebstrap', () => {
  const recipe = {
    suite: 'trixie',
    variant: 'essential' as const,
    packages: ['criu', 'crun'],
    withoutPaths: ['/usr/share/doc/*'],
    butWithPaths: ['/usr/share/doc/*/copyright'],
    remove: [],
  };

  it('excludes before it includes, since the last one counts', () => {
    const command = mmdebstrapCommand(recipe, '/cache/tree', undefined);
    const excludes = command.indexOf('--dpkgopt=path-exclude=/usr/share/doc/*');
    const includes = command.indexOf('--dpkgopt=path-include=/usr/share/doc/*/copyright');
    expect(excludes).toBeGreaterThan(0);
    expect(includes).toBeGreaterThan(excludes);
    expect(command).toContain('--include=criu,crun');
  });

  it('names a mirror only when one is set', () => {
    expect(mmdebstrapCommand(recipe, '/cache/tree', undefined).slice(-2)).toEqual([
      'trixie',
      '/cache/tree',
    ]);
    expect(mmdebstrapCommand(recipe, '/cache/tree', 'http://debian.example').at(-1)).toBe(
      'http://debian.example',
    );
  });

  it('leaves no mount and no process behind', () => {
    const command = mmdebstrapCommand(recipe, '/cache/tree', undefined).join(' ');
    expect(command).toMatch(/^setpriv --pdeathsig KILL unshare .*--kill-child .*mmdebstrap/);
    expect(command).toContain('--mount --propagation private');
  });
});

describe('a failed build', () => {
  it.each([
    ["E: Could not resolve 'debian.example'", 'set NIGHTSHIFT_DEBIAN_MIRROR'],
    ['W: Failed to fetch … Temporary failure resolving …', 'set NIGHTSHIFT_DEBIAN_MIRROR'],
    ['dpkg: error: cannot copy: No space left on device', 'the disk is full'],
    ['E: Unable to locate package criuu', 'mmdebstrap ended with 25'],
  ])('that ends with "%s" is told as "%s"', (line, sentence) => {
    const told = mmdebstrapFailure('member system', 25, ['I: running', '', line]);
    expect(told).toContain(`Building the member system failed: `);
    expect(told).toContain(sentence);
    expect(told).toContain(line);
  });
});
