// Writes drives for a head that has not the right to (`src-main/platform/drives/drive-writer-process.ts`), and does nothing else. It
// judges each drive itself, so that whoever starts it can erase no other than the sticks that the head offers.
import { driveRules, drivesName, judgeDrive } from './core/boot-image/drive-safety.ts';
import { linuxDrives } from './platform/drives/linux-drives.ts';
import { serveDrives } from './platform/drives/serve-drives.ts';
import { SystemDrives } from './platform/drives/system-drives.ts';

const drives = new SystemDrives(linuxDrives, driveRules);
// Whoever is at the other end has had the name confirmed; the identity says that it is the same drive still.
await serveDrives(process.stdin, process.stdout, drives, (drive, identity, all) =>
  judgeDrive(drive, { identity, typedName: drivesName(drive) }, all),
);
process.exit(0);
