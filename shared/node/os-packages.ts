// What the head needs from the operating system besides Node, and how to get it on Debian.
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ok, refuse, type Result } from '../base/result.ts';
import { runLines } from './run-lines.ts';

/** A Debian package, and a command (by name) or file (by absolute path) that tells it is there. */
export interface OsPackage {
  readonly name: string;
  readonly brings: string;
}

export type OsFeature =
  'system-builder' | 'boot-image' | 'practice-containers' | 'practice-vms' | 'netboot';

/** `unshare`, `mount` and `nsenter` are on every Debian machine. */
export const osPackages: Readonly<Record<OsFeature, readonly OsPackage[]>> = {
  'system-builder': [
    { name: 'mmdebstrap', brings: 'mmdebstrap' },
    {
      name: 'debian-archive-keyring',
      brings: '/usr/share/keyrings/debian-archive-keyring.gpg',
    },
    { name: 'binutils', brings: 'strip' },
  ],
  'boot-image': [
    { name: 'kmod', brings: 'depmod' },
    { name: 'squashfs-tools', brings: 'mksquashfs' },
    { name: 'xz-utils', brings: 'xz' },
  ],
  'practice-vms': [{ name: 'qemu-system-x86', brings: 'qemu-system-x86_64' }],
  'practice-containers': [
    { name: 'iproute2', brings: 'ip' },
    { name: 'kmod', brings: 'modprobe' },
  ],
  netboot: [{ name: 'dnsmasq-base', brings: 'dnsmasq' }],
};

/** Names of the packages that the features lack, each once, in the table's order. */
export function missingOsPackages(
  features: readonly OsFeature[],
  isThere: (brings: string) => boolean,
): readonly string[] {
  const needed = features.flatMap((feature) => osPackages[feature]);
  return [...new Set(needed.filter(({ brings }) => !isThere(brings)).map(({ name }) => name))];
}

/** The one line that brings them. */
export const installLine = (packages: readonly string[]): string =>
  `sudo apt-get install -y --no-install-recommends ${packages.join(' ')}`;

/** What to tell who cannot have them installed by us. */
export function missingSentence(packages: readonly string[], hasApt: boolean): string {
  return hasApt
    ? `Something is missing on this machine; run \`${installLine(packages)}\`.`
    : `Something is missing on this machine: what Debian calls ${packages.join(', ')}.`;
}

/** Root's own folders are not on everybody's PATH, and Debian keeps `ip` there. */
const systemFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

export function isHere(brings: string): boolean {
  if (brings.startsWith('/')) return existsSync(brings);
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...systemFolders];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, brings), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Makes sure that they are there: as root on Debian by installing what is missing. */
export async function ensureOsTools(
  features: readonly OsFeature[],
  onLine: (line: string) => void,
): Promise<Result<null>> {
  const missing = missingOsPackages(features, isHere);
  if (missing.length === 0) return ok(null);
  const hasApt = isHere('apt-get');
  if (!hasApt || process.getuid?.() !== 0) {
    return refuse('refused', missingSentence(missing, hasApt));
  }
  onLine(`Installing ${missing.join(', ')}`);
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', ...missing] as const;
  // A fresh machine has no package list yet, an old one a stale list.
  for (const updateFirst of [false, true]) {
    if (updateFirst) {
      onLine('Reading the list of Debian packages');
      await aptGet(['apt-get', 'update']);
    }
    const installed = await aptGet(install);
    if (installed.code === 0 && missingOsPackages(features, isHere).length === 0) return ok(null);
  }
  return refuse('failed', `\`${installLine(missing)}\` failed; run it by hand to see why.`);
}

const aptGet = (command: readonly [string, ...string[]]): ReturnType<typeof runLines> =>
  runLines(command, { environment: { DEBIAN_FRONTEND: 'noninteractive' } });
