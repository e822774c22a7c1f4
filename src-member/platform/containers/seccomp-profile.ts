/**
 * What a task may not ask of the kernel: whatever would change the PC, see other processes or open new namespaces. A list of
 * denials rather than of permissions: it costs 0.4 ms a start instead of 1.2, and a task has neither capabilities
 * nor devices anyway.
 */
const denied = [
  ...['acct', 'add_key', 'bpf', 'clock_adjtime', 'clock_settime', 'create_module', 'delete_module'],
  ...[
    'fanotify_init',
    'finit_module',
    'fsconfig',
    'fsmount',
    'fsopen',
    'fspick',
    'get_kernel_syms',
  ],
  // CRIU cannot checkpoint a ring.
  ...['init_module', 'io_uring_enter', 'io_uring_register', 'io_uring_setup', 'ioperm', 'iopl'],
  ...[
    'kcmp',
    'kexec_file_load',
    'kexec_load',
    'keyctl',
    'lookup_dcookie',
    'mount',
    'mount_setattr',
  ],
  ...[
    'move_mount',
    'move_pages',
    'name_to_handle_at',
    'nfsservctl',
    'open_by_handle_at',
    'open_tree',
  ],
  ...['perf_event_open', 'pivot_root', 'process_vm_readv', 'process_vm_writev', 'query_module'],
  ...['quotactl', 'quotactl_fd', 'reboot', 'request_key', 'setdomainname', 'sethostname', 'setns'],
  ...['settimeofday', 'stime', 'swapoff', 'swapon', 'syslog', 'umount', 'umount2', 'unshare'],
  // CRIU refuses a process with an open userfaultfd.
  ...['userfaultfd', 'uselib', 'ustat', 'vhangup', 'vm86', 'vm86old'],
];

/**
 * Answered with "no such system call", so that programs do without: clone3 hides its flags from a filter; landlock would
 * keep CRIU's own code inside the program from its socket (xz sandboxes itself with it); socketcall, the 32-bit way to any
 * socket, hides the family.
 */
const absent = [
  ...['clone3', 'landlock_add_rule', 'landlock_create_ruleset', 'landlock_restrict_self'],
  'socketcall',
];

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const namespaceFlags = [
  0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000,
];

const errno = { EPERM: 1, ENOSYS: 38, EAFNOSUPPORT: 97 } as const;
/**
 * Sockets no program of a task needs: the kernel's own cryptography (AF_ALG, where CVE-2026-31431 was found, and which Docker
 * and containerd deny since) and virtual machines (AF_VSOCK).
 */
const deniedFamilies = { alg: 38, vsock: 40 } as const;

const architectures: Readonly<Record<string, readonly string[]>> = {
  x64: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  arm64: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
};

/** As the OCI runtime specification has it (config-linux.md, "Seccomp"). */
export const seccompProfile = (architecture: string): object => ({
  defaultAction: 'SCMP_ACT_ALLOW',
  architectures: architectures[architecture] ?? [],
  syscalls: [
    { names: denied, action: 'SCMP_ACT_ERRNO', errnoRet: errno.EPERM },
    { names: absent, action: 'SCMP_ACT_ERRNO', errnoRet: errno.ENOSYS },
    ...namespaceFlags.map((flag) => ({
      names: ['clone'],
      action: 'SCMP_ACT_ERRNO',
      errnoRet: errno.EPERM,
      args: [{ index: 0, value: flag, valueTwo: flag, op: 'SCMP_CMP_MASKED_EQ' }],
    })),
    ...Object.values(deniedFamilies).map((family) => ({
      names: ['socket', 'socketpair'],
      action: 'SCMP_ACT_ERRNO',
      errnoRet: errno.EAFNOSUPPORT,
      args: [{ index: 0, value: family, op: 'SCMP_CMP_EQ' }],
    })),
  ],
});
