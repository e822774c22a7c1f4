import { refuse } from '../../../shared/base/result.ts';
import type { DriveFault, DriveRefusal } from '../../ports/block-device.ts';

export function driveRefusal(
  fault: DriveFault,
  sentence: string,
): { readonly ok: false; readonly error: DriveRefusal } {
  const { error } = refuse(
    fault === 'busy' || fault === 'swapped' ? 'refused' : 'failed',
    sentence,
  );
  return { ok: false, error: { ...error, fault } };
}

/** What the system's error means for whoever stands beside the drive. errno(3). `rightsHint`: what lets this user write it. */
export function meaningOf(
  error: unknown,
  path: string,
  rightsHint = 'run the head as a user who may',
): ReturnType<typeof driveRefusal> {
  const code = codeOf(error);
  switch (code) {
    case 'ENOENT':
    case 'ENODEV':
    case 'ENXIO':
    case 'ENOMEDIUM':
      return driveRefusal('vanished', `${path} is not there any more; was it unplugged?`);
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return driveRefusal(
        'full',
        `There is no room left for ${path}; free some or write elsewhere.`,
      );
    case 'EROFS':
      return driveRefusal(
        'read-only',
        `${path} is write-protected; move its switch or take another.`,
      );
    case 'EACCES':
    case 'EPERM':
      return driveRefusal('read-only', `The head may not write ${path}; ${rightsHint}.`);
    case 'EBUSY':
    case 'ETXTBSY':
      return driveRefusal('busy', `${path} is in use; close what uses it and try again.`);
    default:
      return driveRefusal('broken', `${path} answered with an error (${code}); try another drive.`);
  }
}

function codeOf(error: unknown): string {
  if (error instanceof Error) return 'code' in error ? String(error.code) : error.message;
  return String(error);
}
