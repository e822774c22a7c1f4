/**
 * Whether a process can still run a line of its program. One that was killed cannot, though it may be a while until the
 * last of it is gone on a busy machine, and one that a tracer holds does not.
 * `status` is /proc/PID/status, `stat` is /proc/PID/stat (proc_pid_status(5), proc_pid_stat(5)); empty when it is gone.
 */
export function canRun(status: string, stat: string): boolean {
  if (status === '' || stat === '') return false;
  const state = /^State:\s+(\S)/m.exec(status)?.[1] ?? '';
  if (!['R', 'S', 'D', 'I'].includes(state)) return false;
  const pending = ['SigPnd', 'ShdPnd'].map((field) =>
    Number.parseInt(
      new RegExp(`^${field}:\\s+([0-9a-f]+)$`, 'm').exec(status)?.[1]?.slice(-8) ?? '0',
      16,
    ),
  );
  if (pending.some((signals) => (signals & sigkill) !== 0)) return false;
  // The name before may hold anything, so fields are counted from its closing bracket.
  const flags = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[6] ?? 0);
  return (flags & exiting) === 0;
}

/** Signal 9 in a mask whose lowest bit is signal 1. */
const sigkill = 1 << 8;
/** PF_EXITING (Linux, include/linux/sched.h). */
const exiting = 0x4;
