// What a PC asks before its agent runs and when it is given back: `agent.mjs is-day HOURS [made=DATE] [zone=NAME]`,
// `agent.mjs own-system`.
// The answer is the exit code, for the scripts that start and end the member system.
import { readFileSync } from 'node:fs';
import { decodeBootEntry } from './core/own-system/boot-entry.ts';
import { ownSystems } from './core/own-system/choose-own-system.ts';
import { isDayAt } from './core/own-system/day-or-night.ts';
import { decodeTries, encodeTries, nextTry } from './core/own-system/next-try.ts';
import { FirmwareVariables } from './platform/pc/firmware-variables.ts';
import { hardwareClock } from './platform/pc/hardware-clock.ts';

const [yes, no] = [0, 1] as const;

/** undefined: these are no such words, and the agent is to run. */
export function answerFor(words: readonly string[]): number | undefined {
  switch (words[0]) {
    case 'is-day':
      return isDay(words.slice(1)) ? yes : no;
    case 'own-system':
      return nameOwnSystem() ? yes : no;
    default:
      return undefined;
  }
}

function isDay([hours = '', ...more]: readonly string[]): boolean {
  const said = (name: string): string | null =>
    more.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1) || null;
  return isDayAt({ hours, made: said('made'), zone: said('zone') }, hardwareClock());
}

/** Names this PC's own system as what the firmware boots next. */
function nameOwnSystem(): boolean {
  const firmware = new FirmwareVariables();
  const own = ownSystems({
    entries: firmware
      .bootOptions()
      .map(([number, option]) => decodeBootEntry(number, option))
      .filter((entry) => entry !== undefined),
    order: firmware.bootOrder(),
    current: firmware.bootCurrent(),
  });
  if (own.length === 0) {
    console.error('own-system: the firmware names no system that is surely on this PC’s own disk');
    return false;
  }
  const before = firmware.tries();
  // Not what the agent may have set the clock to.
  const now = numberIn(read('/sys/class/rtc/rtc0/since_epoch'));
  const up = numberIn(read('/proc/uptime'));
  const next = nextTry(own, before && decodeTries(before), { now, up });
  if (next === undefined) {
    const names = own.map(({ description }) => `"${description}"`).join(', ');
    console.error(`own-system: ${names} was named and did not start`);
    return false;
  }
  try {
    firmware.setTries(encodeTries(next.tries));
  } catch (error) {
    console.error(`own-system: the firmware does not keep a note: ${wordsOf(error)}`);
  }
  try {
    firmware.setBootNext(next.entry.number);
  } catch (error) {
    console.error(`own-system: the firmware does not take BootNext: ${wordsOf(error)}`);
    return false;
  }
  console.error(`own-system: "${next.entry.description}" starts next`);
  return true;
}

/** The first one; 0 where there is none. */
const numberIn = (text: string): number => Number(/^\s*(\d+(?:\.\d+)?)/.exec(text)?.[1] ?? 0);

const wordsOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
