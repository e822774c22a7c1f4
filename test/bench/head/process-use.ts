import { readFileSync } from 'node:fs';

/** Linux: clock ticks a second, on every platform that Node runs on. */
const ticksPerSecond = 100;

/** What another process has used, as /proc tells it (proc_pid_stat(5), proc_pid_status(5)). */
export function useOf(pid: number): { readonly cpuSeconds: number; readonly rssBytes: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  const rss = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return { cpuSeconds, rssBytes: Number(rss?.[1] ?? 0) * 1024 };
}
