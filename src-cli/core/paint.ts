/** Colours where they are wanted; the same texts without them elsewhere. */
export interface Paint {
  /** Whether a person looks at it: only then is a table cut to what is read at a glance. */
  readonly isTty: boolean;
  readonly good: (text: string) => string;
  readonly busy: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly quiet: (text: string) => string;
  readonly strong: (text: string) => string;
}

const sgr =
  (wanted: boolean, on: number, off: number) =>
  (text: string): string =>
    wanted && text !== '' ? `\u001b[${on}m${text}\u001b[${off}m` : text;

export function paintFor(colours: boolean, isTty = false): Paint {
  return {
    isTty,
    good: sgr(colours, 32, 39),
    busy: sgr(colours, 36, 39),
    warn: sgr(colours, 33, 39),
    bad: sgr(colours, 31, 39),
    quiet: sgr(colours, 2, 22),
    strong: sgr(colours, 1, 22),
  };
}

/** https://no-color.org: any value but the empty one turns colours off; FORCE_COLOR turns them on. */
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
