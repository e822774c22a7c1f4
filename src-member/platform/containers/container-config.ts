import { arch } from 'node:process';
import type { TaskSpec } from '../../../shared/wire/task-spec.ts';
import { seccompProfile } from './seccomp-profile.ts';
import type { TaskFolder } from '../task-files/task-folder.ts';

/** Programs run as this user, which owns /task. */
export const taskUser = 1000;

/**
 * Runs inside the container as its first process and opens every descriptor there: CRIU finds no mount for one that came
 * from outside. What it says itself ("Killed") is nobody's output. `begun`: from here on
 * it can be checkpointed. `fault` tells a command that is not there from a program that ends with 127.
 */
const wrapper = `exec </dev/null >/.nightshift/out 2>/dev/null
echo >/.nightshift/begun
fault() { echo "$1" >/.nightshift/fault; exit 127; }
if [ -n "$NIGHTSHIFT_STDIN" ]; then
  [ -r "$NIGHTSHIFT_STDIN" ] || fault input
  exec <"$NIGHTSHIFT_STDIN"
fi
case $1 in
*/*) [ -e "$1" ] || fault missing; [ -f "$1" ] && [ -x "$1" ] || fault denied ;;
*) command -v -- "$1" >/dev/null || fault missing ;;
esac
"$@" 2>&1
exit $?`;

export const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Features that older PCs of a lab lack; glibc then chooses code that runs everywhere. */
const portableTunables =
  'glibc.cpu.hwcaps=-AVX2,-AVX512F,-AVX512VL,-ERMS,-FSRM,-BMI2,-LZCNT,-MOVBE';

export interface ContainerLimits {
  /** Of the container, below the one that holds it to its limits. */
  readonly group: string;
  /** Bytes that each place outside of /task, kept in RAM as well, may hold. */
  readonly files: number;
}

/** An OCI bundle's config.json (runtime-spec 1.2). */
export function containerConfig(
  spec: TaskSpec,
  folder: TaskFolder,
  limits: ContainerLimits,
): object {
  return {
    ociVersion: '1.0.0',
    process: {
      terminal: false,
      user: { uid: taskUser, gid: taskUser },
      cwd: '/task',
      env: environmentOf(spec),
      args: ['/bin/sh', '-c', wrapper, 'task', ...spec.command],
      capabilities: {},
      noNewPrivileges: true,
    },
    root: { path: folder.root, readonly: false },
    hostname: 'task',
    mounts: mountsOf(folder, limits.files),
    linux: {
      // The user namespace maps every id to itself; without it CRIU needs CAP_SYS_RESOURCE for a program that is not root.
      namespaces: ['pid', 'mount', 'ipc', 'uts', 'network', 'user', 'time'].map((type) => ({
        type,
      })),
      uidMappings: [{ containerID: 0, hostID: 0, size: 65_536 }],
      gidMappings: [{ containerID: 0, hostID: 0, size: 65_536 }],
      resources: {},
      cgroupsPath: limits.group,
      seccomp: seccompProfile(arch),
      maskedPaths: [
        ...['acpi', 'asound', 'kcore', 'keys', 'latency_stats', 'timer_list', 'timer_stats'],
        ...['sched_debug', 'scsi'],
      ].map((name) => `/proc/${name}`),
      readonlyPaths: ['bus', 'fs', 'irq', 'sys', 'sysrq-trigger'].map((name) => `/proc/${name}`),
    },
  };
}

function environmentOf(spec: TaskSpec): string[] {
  const environment: Record<string, string> = {
    // Behind what the pack has: its own srun wins.
    PATH: `${defaultPath}:/.nightshift/bin`,
    HOME: '/task',
    TMPDIR: '/tmp',
    PBS_NODEFILE: '/.nightshift/nodes',
    LANG: 'C.UTF-8',
    USER: 'task',
    NIGHTSHIFT_CPUS: String(spec.cpus),
    OMP_NUM_THREADS: String(spec.cpus),
    ...(spec.portable ? { GLIBC_TUNABLES: portableTunables } : {}),
    ...spec.environment,
  };
  return Object.entries(environment).map(([name, value]) => `${name}=${value}`);
}

function mountsOf(folder: TaskFolder, files: number): object[] {
  const size = `size=${Math.ceil(files / 1024)}k`;
  const bind = (destination: string, source: string): object => ({
    destination,
    type: 'bind',
    source,
    options: ['bind', 'rw'],
  });
  return [
    { destination: '/proc', type: 'proc', source: 'proc' },
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
    },
    // Named one by one: CRIU has no place for devices that crun binds by itself under a user namespace.
    ...['null', 'zero', 'full', 'tty', 'random', 'urandom'].map((device) =>
      bind(`/dev/${device}`, `/dev/${device}`),
    ),
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'],
    },
    {
      destination: '/dev/shm',
      type: 'tmpfs',
      source: 'shm',
      options: ['nosuid', 'noexec', 'nodev', 'mode=1777', size],
    },
    // For us to see whether there are any: CRIU would lose them without a word.
    {
      destination: '/dev/mqueue',
      type: 'mqueue',
      source: 'mqueue',
      options: ['nosuid', 'noexec', 'nodev'],
    },
    {
      destination: '/tmp',
      type: 'tmpfs',
      source: 'tmp',
      options: ['nosuid', 'nodev', 'mode=1777', size],
    },
    bind('/task', folder.task),
    bind('/.nightshift', folder.own),
  ];
}
