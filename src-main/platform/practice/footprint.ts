import { readdirSync, readFileSync, readlinkSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlGroups } from './control-groups.ts';
import { unescapePath } from './hierarchies.ts';

/** A place that processes of a PC can write to. */
export interface WritablePlace {
  readonly pc: string;
  readonly pid: number;
  /** Mount point as the process sees it, or the path of a file it holds open. */
  readonly place: string;
  /** `mount` or `file`. */
  readonly kind: 'mount' | 'file';
  readonly fileSystem: string;
  /** Whether it is RAM or the kernel's own, gone with the PC. */
  readonly vanishes: boolean;
}

const inRam = ['tmpfs', 'ramfs', 'proc', 'sysfs', 'devpts', 'mqueue', 'cgroup', 'cgroup2'];
/** Magic numbers of statfs(2): tmpfs, overlay, proc, sysfs, devpts, cgroup, cgroup2, pipes, sockets and the like, ns. */
const ramMagics = [
  0x01021994, 0x794c7630, 0x9fa0, 0x62656572, 0x1cd1, 0x27e0eb, 0x63677270, 0x50495045, 0x534f434b,
  0x09041934, 0x6e736673,
];

/** Every place that processes of running PCs could write to: mounts of their namespaces and files they hold open. */
export function writablePlaces(
  groups: ControlGroups,
  pcs: readonly string[],
): readonly WritablePlace[] {
  const own = readlinkSync('/proc/self/ns/mnt');
  return pcs.flatMap((pc) => {
    const seen = new Set<string>();
    return groups.pids(pc).flatMap((pid) => {
      const namespace = tryTo(() => readlinkSync(`/proc/${pid}/ns/mnt`)) ?? own;
      const mounts =
        namespace === own
          ? [{ place: '/', fileSystem: 'the machine’s own', vanishes: false }]
          : seen.has(namespace)
            ? []
            : writableMounts(tryTo(() => readFileSync(`/proc/${pid}/mountinfo`, 'utf8')) ?? '');
      seen.add(namespace);
      return [
        ...mounts.map((mount) => ({ pc, pid, kind: 'mount' as const, ...mount })),
        ...writableFiles(pid).map((file) => ({ pc, pid, kind: 'file' as const, ...file })),
      ];
    });
  });
}

type Place = Pick<WritablePlace, 'place' | 'fileSystem' | 'vanishes'>;

/** Of `/proc/<pid>/mountinfo`. An overlay writes to its upper layer, and a PC makes that in its own RAM. */
export function writableMounts(mountinfo: string): readonly Place[] {
  const mounts = mountinfo
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [before = '', after = ''] = line.split(' - ');
      const [, , , , target = '', options = ''] = before.split(' ');
      const [fileSystem = '', , superOptions = ''] = after.split(' ');
      const isWritable =
        options.split(',').includes('rw') && superOptions.split(',').includes('rw');
      return { place: unescapePath(target), fileSystem, superOptions, isWritable };
    });
  const ramFolders = mounts.filter(({ fileSystem }) => fileSystem === 'tmpfs');
  return mounts
    .filter(({ isWritable }) => isWritable)
    .map(({ place, fileSystem, superOptions }) => {
      if (fileSystem !== 'overlay') {
        return { place, fileSystem, vanishes: inRam.includes(fileSystem) };
      }
      const upper = /(?:^|,)upperdir=([^,]*)/.exec(superOptions)?.[1] ?? '';
      // A name without a slash lies in the folder the PC was made in, which is RAM that is seen no more.
      const vanishes =
        upper === 'upper' || ramFolders.some((folder) => upper.startsWith(`${folder.place}/`));
      return { place, fileSystem: `overlay of ${upper}`, vanishes };
    });
}

function writableFiles(pid: number): readonly Place[] {
  const folder = `/proc/${pid}/fd`;
  return (tryTo(() => readdirSync(folder)) ?? []).flatMap((number) => {
    const info = tryTo(() => readFileSync(`/proc/${pid}/fdinfo/${number}`, 'utf8')) ?? '';
    const flags = Number.parseInt(/^flags:\s*(\d+)/m.exec(info)?.[1] ?? '0', 8);
    const isWritable = (flags & 0o3) !== 0;
    const file = join(folder, number);
    if (!isWritable || tryTo(() => statSync(file).isFile() || statSync(file).isFIFO()) !== true) {
      return [];
    }
    const type = tryTo(() => statfsSync(file).type) ?? 0;
    const place = tryTo(() => readlinkSync(file)) ?? file;
    return [{ place, fileSystem: type.toString(16), vanishes: ramMagics.includes(type) }];
  });
}

/** Processes come and go while we look. */
function tryTo<Value>(look: () => Value): Value | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
