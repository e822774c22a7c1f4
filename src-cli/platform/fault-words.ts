/** Why a file of the person who types could not be used. */
export function faultWords(code: string): string {
  switch (code) {
    case 'ENOENT':
      return 'it does not exist, or is a link to nothing';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EISDIR':
      return 'it is a folder';
    case 'ENOTDIR':
      return 'a part of the path is a file';
    case 'EEXIST':
      return 'something else of that name is there';
    case 'ENAMETOOLONG':
      return 'its name is too long for this disk';
    case 'ENOSPC':
      return 'the disk is full';
    case 'EROFS':
      return 'the disk is read-only';
    case 'ELOOP':
      return 'its links go round in circles';
    default:
      return code;
  }
}
