import { z } from 'zod';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { bytes } from '../../../shared/base/units.ts';
import { decodeSafely } from '../../../shared/wire/decode-safely.ts';
import type { Drive, DriveUse } from '../../../shared/domain/drive.ts';

export const lsblkColumns =
  'PATH,MAJ:MIN,SIZE,RO,RM,HOTPLUG,TRAN,TYPE,VENDOR,MODEL,SERIAL,MOUNTPOINTS,FSTYPE,LABEL';

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
  readonly mountpoints: readonly (string | null)[];
  readonly fstype: string | null;
  readonly label: string | null;
  readonly children?: readonly Device[] | undefined;
}

const flag = z.union([z.boolean(), z.enum(['0', '1']).transform((text) => text === '1')]);
const words = z
  .string()
  .nullable()
  .transform((text) => (text === null || text.trim() === '' ? null : text.trim()));
const deviceSchema: z.ZodType<Device> = z.lazy(() =>
  z.object({
    path: z.string().startsWith('/dev/'),
    'maj:min': z.string().transform((text) => text.trim()),
    size: z.union([z.int().nonnegative(), z.string().regex(/^\d+$/).transform(Number)]),
    ro: flag,
    rm: flag,
    hotplug: flag,
    tran: words,
    type: z.string(),
    vendor: words,
    model: words,
    serial: words,
    mountpoints: z.array(z.string().nullable()),
    fstype: words,
    label: words,
    children: z.array(deviceSchema).optional(),
  }),
);
const outputSchema = z.object({ blockdevices: z.array(deviceSchema) });

/** What `lsblk --json --bytes --output …` printed. */
export function decodeLsblk(text: string): Result<readonly Drive[]> {
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
  return ok(decoded.data.blockdevices.map(driveOf));
}

function driveOf(device: Device): Drive {
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
    uses: usesOf(device),
  };
}

function usesOf(device: Device): readonly DriveUse[] {
  const own: DriveUse = {
    path: device.path,
    kind: device.type,
    fileSystem: device.fstype,
    label: device.label,
    mountedAt: device.mountpoints.filter((at) => at !== null),
  };
  return [own, ...(device.children ?? []).flatMap(usesOf)];
}
