// `desktop.json` in the head's home: what the app remembers and what a person chose. No secrets are in it.
import { z } from 'zod';
import { decodeSafely } from '../../../shared/wire/decode-safely.ts';
import { readIfThere, writePrivateFile } from '../identity/private-file.ts';

const pixels = z.number().int().min(-100_000).max(100_000);
const settingsSchema = z.object({
  window: z
    .object({
      x: pixels,
      y: pixels,
      width: pixels.min(200),
      height: pixels.min(200),
      maximized: z.boolean(),
    })
    .optional(),
  /** Native notifications. */
  notify: z.boolean().default(true),
  /** Start with the computer, in the tray. */
  startWithComputer: z.boolean().default(false),
  /** Where new versions of the app are looked for; null: nowhere. */
  updates: z
    .url({ protocol: /^https$/ })
    .nullable()
    .default(null),
});
export type DesktopSettings = z.infer<typeof settingsSchema>;

/** What cannot be read is as if nothing had been chosen. */
export function decodeDesktopSettings(text: string): DesktopSettings {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = {};
  }
  const decoded = decodeSafely(settingsSchema, value);
  return decoded.success ? decoded.data : settingsSchema.parse({});
}

export class SettingsFile {
  readonly #path: string;
  #now: DesktopSettings;

  constructor(path: string) {
    this.#path = path;
    this.#now = decodeDesktopSettings(readIfThere(path) ?? '{}');
  }

  get now(): DesktopSettings {
    return this.#now;
  }

  /** A disk that refuses costs the memory of it, and nothing else. */
  change(change: Partial<DesktopSettings>): void {
    this.#now = { ...this.#now, ...change };
    try {
      writePrivateFile(this.#path, `${JSON.stringify(this.#now, null, 1)}\n`);
    } catch {
      // It holds until the app ends.
    }
  }
}
