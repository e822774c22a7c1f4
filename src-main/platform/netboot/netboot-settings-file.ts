import { epochMillis } from '../../../shared/base/units.ts';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { NetbootSettingsStore } from '../../ports/netboot.ts';
import { writePrivateFile } from '../identity/private-file.ts';

const settingsSchema = z.object({
  on: z.boolean(),
  interfaces: z.array(z.string()).nullable(),
  hours: z.string().nullable(),
  atOnce: z.number().int().positive(),
  kernelOptions: z.string(),
  since: z.number().transform(epochMillis),
  floppies: z
    .object({ until: z.number().transform(epochMillis), address: z.string().nullable() })
    .nullable()
    .default(null),
});

/** `<NIGHTSHIFT_HOME>/netboot/settings.json`: a head that is started again goes on where it was. */
export function netbootSettingsFile(
  folder: string,
  log: (line: string) => void,
): NetbootSettingsStore {
  const path = join(folder, 'settings.json');
  return {
    load: () => {
      if (netbootSettingsFault(folder) === null) return readSettings(path);
      log(`${path} cannot be read, so network boot is off; switch it on again.`);
      return undefined;
    },
    save: (settings) => {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writePrivateFile(path, `${JSON.stringify(settings)}\n`);
    },
  };
}

/** Why the settings cannot be read, and what to do: PCs that find nothing to boot are no way to learn it. Null: they can. */
export function netbootSettingsFault(folder: string): string | null {
  const path = join(folder, 'settings.json');
  try {
    readSettings(path);
    return null;
  } catch {
    return `The settings of network boot ${path} are damaged; put the file back from a backup, or delete it and say nightshift netboot on again.`;
  }
}

function readSettings(path: string): z.infer<typeof settingsSchema> | undefined {
  if (!existsSync(path)) return undefined;
  return settingsSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
}
