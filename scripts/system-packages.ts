// What a tier needs from the operating system, and how to get it on a Debian machine.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findChromium } from './chromium.ts';

/** A Debian package and how to tell that what it brings is already here. */
export type SystemPackage = {
  readonly name: string;
  readonly isPresent: () => boolean;
  /** Done before it is installed. */
  readonly before?: () => void;
};

/** Root's own folders are not on everybody's PATH, and Debian keeps `ip` and `losetup` there. */
const systemFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

function hasCommand(command: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...systemFolders];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A package known by a command it brings. */
export const bringing = (name: string, command: string = name): SystemPackage => ({
  name,
  isPresent: () => hasCommand(command),
});

/** Its program only: whoever runs tests did not ask for a machine that can be logged into. */
export const sshdPackage: SystemPackage = {
  ...bringing('openssh-server', 'sshd'),
  before: () => {
    // Debian's unit does not start while this file is there; somebody who wants the service takes it away.
    mkdirSync('/etc/ssh', { recursive: true });
    writeFileSync('/etc/ssh/sshd_not_to_be_run', '');
  },
};

export const chromiumPackage: SystemPackage = {
  name: 'chromium',
  isPresent: () => findChromium(existsSync) !== undefined,
};

/** Without a font a browser draws boxes, and screenshots show nothing. */
export const fontsPackage: SystemPackage = {
  name: 'fonts-dejavu-core',
  isPresent: () => existsSync('/usr/share/fonts') || process.platform !== 'linux',
};

/** UEFI for virtual machines. */
export const ovmfPackage: SystemPackage = {
  name: 'ovmf',
  isPresent: () => existsSync('/usr/share/OVMF/OVMF_CODE_4M.ms.fd'),
};

const run = (command: string, args: readonly string[]): boolean =>
  spawnSync(command, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }).status === 0;

/**
 * Makes sure that the packages are there: as root on Debian by installing what is missing.
 * Returns why that is not so, or undefined when all is well.
 */
export function missingPackages(packages: readonly SystemPackage[]): string | undefined {
  const absent = packages.filter((needed) => !needed.isPresent());
  const missing = absent.map(({ name }) => name);
  if (missing.length === 0) return undefined;
  const line = `apt-get install -y ${missing.join(' ')}`;
  if (!hasCommand('apt-get')) return `it needs ${missing.join(', ')}`;
  if (process.getuid?.() !== 0) return `run \`sudo ${line}\` first`;

  console.log(`Installing what is missing: ${line}`);
  for (const { before } of absent) before?.();
  const install = ['install', '-y', '-qq', '--no-install-recommends', ...missing];
  if (run('apt-get', install) || (run('apt-get', ['update', '-qq']) && run('apt-get', install))) {
    return undefined;
  }
  return `\`${line}\` failed`;
}
