import { z } from 'zod';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { plainText } from '../../../shared/domain/plain-text.ts';
import { bytes } from '../../../shared/base/units.ts';
import { decodeSafely } from '../../../shared/wire/decode-safely.ts';
import type { Drive, DriveUse } from '../../../shared/domain/drive.ts';
import { unclearDrive } from './unclear-drive.ts';

export const lsblkColumns =
  'PATH,MAJ:MIN,SIZE,RO,RM,HOTPLUG,TRAN,TYPE,VENDOR,MODEL,SERIAL,MOUNTPOINTS,FSTYPE,LABEL,UUID,LOG-SEC';

/** A device and what is built upon it. Before 2.33 flags are "0" and "1" and numbers are texts. */
interface Device {
  readonly path: string;
  readonly 'maj:min': string;
  readonly size: number;
  readonly ro: boolean;
  readonly rm: boolean;
  readonly hotplug: boolean;
  readonly tran: string | null;
  readonly type: string;
  readonly vendor: string | null;
  readonly model: string | null;
  readonly serial: string | null;
  readonly mountpoints?: readonly (string | null)[] | undefined;
  /** Before 2.37, instead of the former. */
  readonly mountpoint?: string | null | undefined;
  readonly fstype: string | null;
  readonly label: string | null;
  readonly uuid?: string | null | undefined;
  readonly 'log-sec'?: number | undefined;
  readonly children?: readonly Device[] | undefined;
}

const flag = z.union([z.boolean(), z.enum(['0', '1']).transform((text) => text === '1')]);
const number = z.union([z.int().nonnegative(), z.string().regex(/^\d+$/).transform(Number)]);
const words = z
  .string()
  .nullable()
  .transform((text) => (text === null || text.trim() === '' ? null : text.trim()));
const deviceSchema: z.ZodType<Device> = z.lazy(() =>
  z.object({
    path: z.string().startsWith('/dev/'),
    'maj:min': z.string().transform((text) => text.trim()),
    size: number,
    ro: flag,
    rm: flag,
    hotplug: flag,
    tran: words,
    type: z.string(),
    vendor: words,
    model: words,
    serial: words,
    mountpoints: z.array(z.string().nullable()).optional(),
    mountpoint: z.string().nullable().optional(),
    fstype: words,
    label: words,
    uuid: words.optional(),
    'log-sec': number.optional(),
    children: z.array(deviceSchema).optional(),
  }),
);
/** One device that nobody understands hides none of the others. */
const outputSchema = z.object({ blockdevices: z.array(z.unknown()) });
const pathSchema = z.looseObject({ path: z.string() });

/** What `lsblk --json --bytes --output …` printed. `mounts`: /proc/self/mountinfo, where lsblk does not tell all of them. */
export function decodeLsblk(text: string, mounts = ''): Result<readonly Drive[]> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse('failed', 'lsblk printed no JSON; it may be too old (2.37 or newer is needed).');
  }
  const decoded = decodeSafely(outputSchema, value);
  if (!decoded.success) {
    const [issue] = decoded.error.issues;
    return refuse(
      'failed',
      `lsblk was not understood at ${issue?.path.join('.') ?? '$'}: ${issue?.message ?? 'unknown'}.`,
    );
  }
  return ok(
    decoded.data.blockdevices.map((device, index) => {
      const known = decodeSafely(deviceSchema, device);
      if (known.success) return driveOf(known.data, mountsIn(mounts));
      const [issue] = known.error.issues;
      const called = decodeSafely(pathSchema, device);
      const path = called.success ? plainText(called.data.path) : `drive ${index + 1} of lsblk`;
      return unclearDrive(path, `${issue?.path.join('.') ?? '$'}: ${issue?.message ?? '?'}`);
    }),
  );
}

/** By device number (proc(5): the third field, and the fifth with its spaces as \\040). */
function mountsIn(mounts: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const line of mounts.split('\n')) {
    const [, , number, , at] = line.split(' ');
    if (number === undefined || at === undefined) continue;
    const place = at.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    found.set(number, [...(found.get(number) ?? []), place]);
  }
  return found;
}

function driveOf(device: Device, mounts: ReadonlyMap<string, readonly string[]>): Drive {
  const name = [device.vendor, device.model]
    .filter((part) => part !== null)
    .join(' ')
    .replaceAll(/\s+/g, ' ');
  return {
    path: device.path,
    name: name === '' ? null : name,
    serial: device.serial,
    size: bytes(device.size),
    readOnly: device.ro,
    removable: device.rm,
    hotplug: device.hotplug,
    transport: device.tran,
    kind: device.type,
    deviceNumber: device['maj:min'],
    sequence: null,
    ...(device['log-sec'] === undefined ? {} : { logicalSector: device['log-sec'] }),
    uses: usesOf(device, mounts),
  };
}

function usesOf(
  device: Device,
  mounts: ReadonlyMap<string, readonly string[]>,
): readonly DriveUse[] {
  const said = device.mountpoints ?? [device.mountpoint ?? null];
  const own: DriveUse = {
    path: device.path,
    kind: device.type,
    fileSystem: device.fstype,
    uuid: device.uuid ?? null,
    label: device.label,
    mountedAt: [
      ...new Set([...said.filter((at) => at !== null), ...(mounts.get(device['maj:min']) ?? [])]),
    ],
  };
  return [own, ...(device.children ?? []).flatMap((child) => usesOf(child, mounts))];
}
