import type { DriveView } from '../../../shared/api/media-views.ts';
import type { Drive } from '../../../shared/domain/drive.ts';
import { driveFault, driveIdentity, drivesName, nameToType } from './drive-safety.ts';

/** A drive as faces show it. */
export function driveView(drive: Drive, all: readonly Drive[] = []): DriveView {
  const fault = driveFault(drive, all);
  const holds = drive.uses
    .filter(({ fileSystem, label }) => fileSystem !== null || label !== null)
    .map(({ fileSystem, label }) => [label, fileSystem].filter((part) => part !== null).join(' '));
  return {
    path: drive.path,
    name: drivesName(drive),
    size: drive.size,
    transport: drive.transport,
    holds: holds.length === 0 ? null : holds.join(', '),
    mountedAt: drive.uses.flatMap(({ mountedAt }) => mountedAt),
    erasable: fault === undefined,
    because: fault ?? null,
    typeName: fault === undefined ? nameToType(drive) : null,
    identity: driveIdentity(drive),
  };
}
