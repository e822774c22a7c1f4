/** A mounted hierarchy of control groups. */
export interface Hierarchy {
  readonly mount: string;
  readonly version: 1 | 2;
  /** As `mount -o` wants them: `cpu,cpuacct`. Empty in version 2, which has them all. */
  readonly controllers: string;
}

/** Controllers of version 1 that hold a PC to its size. */
const wanted = ['memory', 'cpu', 'pids'];

/** What of `/proc/self/mountinfo` (proc_pid_mountinfo(5)) are control groups we may use, each hierarchy once. */
export function hierarchiesIn(mountinfo: string): readonly Hierarchy[] {
  const found: Hierarchy[] = [];
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , , target = '', options = ''] = before.split(' ');
    const [type, , superOptions = ''] = after.split(' ');
    if (!options.split(',').includes('rw')) continue;
    const mount = unescapePath(target);
    if (type === 'cgroup2') found.push({ mount, version: 2, controllers: '' });
    if (type !== 'cgroup') continue;
    // What is no controller is `rw`, a flag such as `clone_children`, or a setting with `=`.
    const controllers = superOptions
      .split(',')
      .filter((word) => !/=|^(rw|ro|clone_children|noprefix|xattr|cpuset_v2_mode)$/.test(word));
    if (!controllers.some((controller) => wanted.includes(controller))) continue;
    found.push({ mount, version: 1, controllers: controllers.join(',') });
  }
  return found.filter(
    ({ controllers }, index) => found.findIndex((one) => one.controllers === controllers) === index,
  );
}

/** The kernel writes blanks as `\040`. */
export const unescapePath = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
