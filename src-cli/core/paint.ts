import { Chalk } from 'chalk';

/** Colours where they are wanted; the same texts without them elsewhere. */
export interface Paint {
  /** Columns of the terminal a person looks at; Infinity where none does, and nothing is cut to what is read at a glance. */
  readonly columns: () => number;
  readonly good: (text: string) => string;
  readonly busy: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly quiet: (text: string) => string;
  readonly strong: (text: string) => string;
}

/** The sixteen colours that every terminal has: what they look like is its owner's choice. */
export function paintFor(colours: boolean, columns: () => number = () => Infinity): Paint {
  const { green, cyan, yellow, red, dim, bold } = new Chalk({ level: colours ? 1 : 0 });
  return { columns, good: green, busy: cyan, warn: yellow, bad: red, quiet: dim, strong: bold };
}

/**
 * https://no-color.org: any value but the empty one turns colours off, which chalk does not know; FORCE_COLOR turns them on. Asked
 * for each stream, since one may be a pipe.
 */
export function coloursWanted(
  isTty: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  if ((environment['NO_COLOR'] ?? '') !== '') return false;
  const force = environment['FORCE_COLOR'] ?? '';
  if (force !== '') return force !== '0';
  return isTty && environment['TERM'] !== 'dumb';
}

export function paintState(paint: Paint, state: string): (text: string) => string {
  switch (state) {
    case 'ready':
    case 'done':
    case 'on':
      return paint.good;
    case 'running':
      return paint.busy;
    case 'draining':
    case 'suspect':
    case 'suspended':
    case 'held':
    case 'cordoned':
      return paint.warn;
    case 'lost':
    case 'failed':
    case 'unplugged':
      return paint.bad;
    default:
      return paint.quiet;
  }
}
