import { existsSync } from 'node:fs';
import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { formatSize, gibibytes } from '../../../shared/base/units.ts';
import { otherHeadSentence } from '../../../shared/domain/other-head.ts';
import type { HeadHome } from './head-home.ts';
import { BootImageStore, type KeptImage } from '../system-builder/boot-image-store.ts';
import { labInterfaces } from '../discovery/lab-interfaces.ts';
import {
  installLine,
  isHere as hasOsTool,
  missingOsPackages,
} from '../../../shared/node/os-packages.ts';

export interface Check {
  readonly check: string;
  readonly ok: boolean;
  readonly found: string;
  /** What to do, when it is not well. */
  readonly remedy: string | null;
}

/** A night's checkpoints of a small lab. */
const comfortableDisk = gibibytes(10);

/** What a head needs to do its work here, one line each. */
export async function headChecks(
  home: HeadHome,
  cacheDir: string,
  otherHead: string | null,
): Promise<Check[]> {
  const missing = missingOsPackages(['system-builder', 'practice-containers'], hasOsTool);
  const interfaces = labInterfaces().map(({ name, address }) => `${name} ${address}`);
  const isRoot = process.getuid?.() === 0;
  const disk = await statfs(home.folder);
  const free = disk.bavail * disk.bsize;
  return [
    check('node', true, process.version, ''),
    check(
      'operating system tools',
      missing.length === 0,
      missing.length === 0 ? 'all there' : `missing: ${missing.join(', ')}`,
      `run \`${installLine(missing)}\``,
    ),
    check(
      'user',
      isRoot,
      isRoot ? 'root' : 'not root',
      'start the head as root to build member systems and to run practice labs',
    ),
    await builtCheck('member system', join(cacheDir, 'member-system')),
    await builtCheck('software pack base', join(cacheDir, 'software-base')),
    ...ageChecks(new BootImageStore(home.images).inUse, Date.now()),
    check(
      'network',
      interfaces.length > 0,
      interfaces.join(', ') || 'no interface that PCs could be behind',
      'connect this machine to the network of the lab',
    ),
    check(
      'one head',
      otherHead === null,
      otherHead === null ? 'no other head of this lab is heard' : otherHeadSentence(otherHead),
      'stop one of the two heads, and keep the home of the other',
    ),
    await homeCheck(home),
    check(
      'disk',
      free >= comfortableDisk,
      `${formatSize(free)} free in ${home.folder}`,
      `make room: checkpoints of a night want ${formatSize(comfortableDisk)} or more`,
    ),
    check(
      'checkpoint and restore',
      process.platform !== 'linux' || existsSync('/proc/sys/kernel/ns_last_pid'),
      process.platform === 'linux' ? 'looked at /proc/sys/kernel/ns_last_pid' : 'done by members',
      'practice labs need a kernel with CONFIG_CHECKPOINT_RESTORE; real PCs bring their own',
    ),
  ];
}

/** What of it grows with what the lab has done; boot images and practice PCs do not. */
async function homeCheck(home: HeadHome): Promise<Check> {
  const [store, results, log] = await Promise.all([
    sizeOf(home.folder, (name) => name.startsWith('lab.')),
    sizeOf(home.blobs),
    sizeOf(home.folder, (name) => name.startsWith('head.log')),
  ]);
  return check(
    'home',
    true,
    `${formatSize(store + results + log)}: files of jobs ${formatSize(results)}, store ${formatSize(store)}, log ${formatSize(log)}; nightshift keep-for says when jobs and old events leave`,
    '',
  );
}

/** Of the files in a folder and below it. */
async function sizeOf(
  folder: string,
  counts: (name: string) => boolean = () => true,
): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  let size = 0;
  for (const entry of entries) {
    if (!counts(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) size += await sizeOf(path);
    else size += (await stat(path).catch(() => ({ size: 0 }))).size;
  }
  return size;
}

/** Students' programs run on the kernel of this image; Debian publishes security updates about weekly. */
const oldAfter = 14 * 24 * 3_600_000;

/** Nothing before the first image. */
export function ageChecks(image: KeptImage | undefined, now: number): readonly Check[] {
  if (image === undefined) return [];
  const { packagesAt, madeAt, kernelRelease, version } = image;
  const since = packagesAt ?? madeAt;
  const days = Math.max(0, Math.floor((now - since) / 86_400_000));
  const kernel = kernelRelease === null ? '' : `kernel ${kernelRelease}, `;
  return [
    check(
      'security updates of PCs',
      now - since < oldAfter,
      `image ${version}: ${kernel}packages of ${new Date(since).toISOString().slice(0, 10)}, ${days} day${days === 1 ? '' : 's'} old`,
      'a head that runs as root builds a new one every week while no PC is in the lab (head.log says why it did not); nightshift images build does so at once',
    ),
  ];
}

async function builtCheck(what: string, folder: string): Promise<Check> {
  const names = await readdir(folder).catch(() => []);
  const versions = names.filter((name) => /^[0-9a-f]{16}$/.test(name));
  const isThere = versions.length > 0;
  return check(
    what,
    isThere,
    versions.join(', ') || 'not built',
    'run `npm run build:system` as root',
  );
}

function check(name: string, isWell: boolean, found: string, remedy: string): Check {
  return { check: name, ok: isWell, found, remedy: isWell ? null : remedy };
}
