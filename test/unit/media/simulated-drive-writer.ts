// A helper for drives as its own process, with one stick in memory: `node simulated-drive-writer.ts BYTES`.
import { bytes } from '../../../shared/base/units.ts';
import { drivesName, judgeDrive } from '../../../src-main/core/boot-image/drive-safety.ts';
import { serveDrives } from '../../../src-main/platform/drives/serve-drives.ts';
import { driveOf } from './drives.ts';
import { SimulatedDrive, SimulatedDrives } from './simulated-drive.ts';

const size = bytes(Number(process.argv[2]));
const drives = new SimulatedDrives(
  new SimulatedDrive(driveOf('/dev/sdb', { size })),
  new SimulatedDrive(driveOf('/dev/sda', { size, transport: 'nvme' })),
);
await serveDrives(process.stdin, process.stdout, drives, (drive, identity, all) =>
  judgeDrive(drive, { identity, typedName: drivesName(drive) }, all),
);
