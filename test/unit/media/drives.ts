import { bytes } from '../../../shared/base/units.ts';
import type { Drive, DriveUse } from '../../../shared/domain/drive.ts';

export const useOf = (path: string, more: Partial<DriveUse> = {}): DriveUse => ({
  path,
  kind: 'part',
  fileSystem: null,
  label: null,
  mountedAt: [],
  ...more,
});

/** An ordinary USB stick of 16 GB. */
export const driveOf = (path: string, more: Partial<Drive> = {}): Drive => ({
  path,
  name: 'SanDisk Ultra',
  serial: `serial of ${path}`,
  size: bytes(15_500_000_000),
  readOnly: false,
  removable: true,
  hotplug: true,
  transport: 'usb',
  kind: 'disk',
  deviceNumber: '8:16',
  sequence: 12,
  uses: [useOf(path, { kind: 'disk' })],
  ...more,
});
