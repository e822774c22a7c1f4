import { refuse, type Refusal } from '../base/result.ts';

/**
 * Why a folder cannot be a lab's home, and what to do. `code`: what the OS said, such as `ENOTDIR` (errno(3)); `chosenBy`:
 * whoever named the folder by an option has to give another there.
 */
export function refuseHome(
  folder: string,
  code: string,
  chosenBy: 'NIGHTSHIFT_HOME' | '--home' = 'NIGHTSHIFT_HOME',
): { readonly ok: false; readonly error: Refusal } {
  const remedy =
    chosenBy === '--home'
      ? 'give --home a folder of yours'
      : 'set NIGHTSHIFT_HOME to a folder of yours';
  return refuse(
    'failed',
    `${folder} cannot hold the head's data, because ${reasonOf(code)}; ${remedy}.`,
  );
}

function reasonOf(code: string): string {
  switch (code) {
    case 'EEXIST':
    case 'ENOTDIR':
      return 'it is a file, or lies below one';
    case 'EACCES':
    case 'EPERM':
      return 'this user may not write there';
    case 'EROFS':
      return 'its disk is read-only';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'its disk is full';
    case 'ELOOP':
      return 'its links go round in circles';
    case 'ENAMETOOLONG':
      return 'its name is too long';
    // mkdir(2) in /proc and the like, where nobody can make anything.
    case 'ENOENT':
      return 'no file or folder can be made there';
    default:
      return `the system refuses it (${code})`;
  }
}
