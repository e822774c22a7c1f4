// How a person without root's rights gets to practice: what each way needs of this machine.
import { asRoot } from './as-root.ts';
import { installLine, isHere, missingOsPackages } from '../../../shared/node/os-packages.ts';

export interface PracticeMeans {
  /** A script of this checkout with root's rights. */
  asRoot(script: string, ...words: readonly string[]): string;
  /** Debian packages that virtual PCs lack. */
  readonly missing: readonly string[];
  /** Whether what virtual PCs boot has been built. */
  readonly hasImage: boolean;
}

/** Both ways, each with what it needs and does not have yet. */
export function practiceWays(means: PracticeMeans): string {
  const { missing, hasImage } = means;
  const needs = [
    ...(missing.length > 0 ? [`first, once:  ${installLine(missing)}`] : []),
    ...(hasImage
      ? []
      : [
          `first, once:  ${means.asRoot('scripts/build-system.ts')}   (what the PCs boot; minutes)`,
        ]),
  ];
  return [
    'a practice night is played in containers, and making those takes the rights of root. There are two ways:',
    '',
    '  the whole night, as root (namespaces and a network of its own, nothing outside its own folder):',
    `    ${means.asRoot('scripts/start.mjs', '--practice')}`,
    '',
    '  a practice lab of virtual PCs, without any rights, to do by hand what the night does:',
    ...needs.map((line) => `    ${line}`),
    '    npx nightshift practice up --driver vm --pcs 3',
  ].join('\n');
}

export const practiceMeans = (hasImage: boolean): PracticeMeans => ({
  asRoot,
  missing: missingOsPackages(['practice-vms'], isHere),
  hasImage,
});
