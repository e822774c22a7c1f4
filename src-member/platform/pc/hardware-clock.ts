import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where Linux shows clocks that go on without power. */
const folder = '/sys/class/rtc';

/** This PC's own clock as it stands, whatever the system's was set to since; null where there is none. */
export function hardwareClock(
  from: string = folder,
): { readonly date: string; readonly time: string } | null {
  try {
    const [first] = readdirSync(from).sort();
    if (first === undefined) return null;
    const read = (name: string): string => readFileSync(join(from, first, name), 'utf8').trim();
    return { date: read('date'), time: read('time') };
  } catch {
    return null;
  }
}
