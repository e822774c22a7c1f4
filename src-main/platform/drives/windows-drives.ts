import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import type { Drive } from '../../../shared/domain/drive.ts';
import type { DriveResult } from '../../ports/block-device.ts';
import { driveRefusal } from './drive-refusal.ts';
import type { DriveSystem } from './drive-system.ts';
import { runToLines, type ToolLines } from './run-to-lines.ts';
import { decodeWindowsDisks, windowsQuery } from './windows-disks.ts';

/** Runs a script of PowerShell; a test plays what it prints. */
export type RunPowerShell = (script: string) => Promise<ToolLines>;

/** Exit code of `clearScript` when another disk has the number now. */
const isAnother = 3;

/** Disks as PowerShell tells them, cleared by diskpart. Writing them needs an administrator. */
export const windowsDrives = (run: RunPowerShell = powerShell): DriveSystem => ({
  async list(): Promise<Result<readonly Drive[]>> {
    const { code, lines } = await run(windowsQuery);
    // The list is one line; whatever else a PC's PowerShell has to say stands around it.
    const list = lines.find((line) => line.startsWith('{')) ?? '';
    return code === 0
      ? decodeWindowsDisks(list)
      : refuse('failed', `PowerShell could not list the disks: ${lines.slice(-1).join('')}`);
  },
  rawPath: (path) => path,
  flags: 'r+',
  rightsHint: 'start Nightshift as an administrator',

  /** Windows writes to no sector of a mounted volume ("Blocking Direct Write Operations"), and has no umount: it is cleared. */
  async free(drive: Drive): Promise<DriveResult<null>> {
    const { code, lines } = await run(clearScript(drive));
    if (code === 0) return ok(null);
    if (code === isAnother) {
      return driveRefusal('vanished', `${drive.path} is not there any more; was it unplugged?`);
    }
    const said = lines.findLast((line) => line.trim() !== '')?.trim() ?? '';
    return /access is denied|administrator/i.test(lines.join('\n'))
      ? driveRefusal(
          'read-only',
          `The head may not write ${drive.path}; start Nightshift as an administrator.`,
        )
      : driveRefusal(
          'busy',
          `${drive.path} could not be cleared (${said}); close what is open on it and try again.`,
        );
  },

  /** Raw disks are read past the system's memory in whole sectors; flushing is what `sync` does. */
  forget: () => Promise.resolve(),
  async released(): Promise<void> {
    await run('Update-HostStorageCache');
  },
});

/** Clears the disk only if it is still the one that was judged: its number may be another's by now. */
function clearScript({ deviceNumber, size }: Drive): string {
  const [number = '', ...rest] = deviceNumber.split(' ');
  const uniqueId = rest.join(' ');
  // In base64, since a device names itself, and PowerShell knows several kinds of quotes.
  const wanted = Buffer.from(uniqueId, 'utf8').toString('base64');
  return `
$ErrorActionPreference = 'Stop'
[Console]::OutputEncoding = [System.Text.Encoding]::UTF8
$disk = Get-Disk -Number ${Number(number)} -ErrorAction SilentlyContinue
if ($null -eq $disk -or $disk.Size -ne ${size}) { exit ${isAnother} }
$id = if ([string]::IsNullOrWhiteSpace($disk.UniqueId)) { '-' } else { $disk.UniqueId.Trim() }
$wanted = [System.Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('${wanted}'))
if ($id -ne $wanted) { exit ${isAnother} }
$file = New-TemporaryFile
try {
  Set-Content -Path $file -Encoding ASCII -Value 'select disk ${Number(number)}', 'clean'
  diskpart /s $file
  $code = $LASTEXITCODE
} finally { Remove-Item $file }
if ($code -ne 0) { exit 1 }
`;
}

const powerShell: RunPowerShell = (script) => {
  const encoded = Buffer.from(`${quiet}${script}`, 'utf16le').toString('base64');
  const words = ['-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass'];
  return runToLines(['powershell.exe', ...words, '-EncodedCommand', encoded]);
};

/** Else PowerShell tells in XML, among its complaints, how far it is with loading its modules. */
const quiet = "$ProgressPreference = 'SilentlyContinue'\n";
