import { readdirSync } from 'node:fs';

/** Lines of CRIU's logs that are there when all goes well, too. */
const harmless =
  /tun|RLIMIT|rlimit|Can't get 1:34 opt|iptables|ip6tables|address already assigned|Unable to restore.*already/i;

/** What stands in the way, in words; the first that matches. */
const obstacles: readonly (readonly [RegExp, string])[] = [
  [/fsnotify|inotify/i, 'it watches a file of the software pack (inotify), which cannot be moved'],
  [
    /link remap/i,
    'it holds a file open whose name it deleted while another hard link to it exists',
  ],
  [/file locks/i, 'it holds a file lock that cannot be moved'],
  [/ghost file/i, 'it holds a deleted file open that is too large to be moved'],
  [
    /1:16 opt|\binet|\btcp|\budp|sk-inet/i,
    'it has a network connection or listens on a network port, which this kernel cannot save',
  ],
  [/transport socket/i, 'it has closed itself in (sandbox), so its state cannot be read'],
  [/\btty|\bpty|terminal/i, 'it uses a terminal from outside of its container'],
  [/sk-unix|unix socket|external socket/i, 'it is connected to a program outside of its container'],
  [/Can't lookup mount/i, 'it has a file open that came from outside of its container'],
  [/file proc\/\d+/i, 'it holds files of /proc of another process open'],
  [/perf_event|\bbpf|io_uring|userfault/i, 'it uses a kernel service that cannot be saved'],
  [
    /No space left|Cannot allocate memory|ENOMEM|ENOSPC|killed by signal 9/i,
    'this PC has too little free memory for its state',
  ],
  [/\bptrace|seize|traced/i, 'it is being traced by another program'],
  [/Timeout reached/i, 'it did not come to a point at which it can be saved; try again'],
  [/\bcpu:|\bfpu\b|xsave|xstate/i, 'this processor lacks a feature that it uses'],
];

/**
 * POSIX message queues of a container, whether or not a process of it has one open at the moment. CRIU neither saves them
 * nor says so when none is open.
 */
export function messageQueuesOf(process: number | undefined): number {
  try {
    return readdirSync(`/proc/${process ?? 0}/root/dev/mqueue`).length;
  } catch {
    return 0; // it began before containers had such a folder
  }
}

export const messageQueueSentence = 'it uses a POSIX message queue (mq_open)';

/** The errors of a dump.log or restore.log. */
export function errorsOf(log: string): readonly string[] {
  return log
    .split('\n')
    .filter((line) => /\bError \(/.test(line) && !harmless.test(line))
    .map((line) => line.replace(/^.*Error \([^)]*\):\s*/, '').trim());
}

/** One sentence from CRIU's log, or from what crun said when there is none. */
export function obstacleIn(log: string, said: string): string {
  const errors = errorsOf(log);
  // The last lines are the consequences, the first the cause.
  for (const error of errors)
    for (const [pattern, sentence] of obstacles) if (pattern.test(error)) return sentence;
  const first = errors[0] ?? said.trim().split('\n').at(-1) ?? '';
  return first === '' ? 'CRIU did not say why' : `CRIU says: ${first.slice(0, 200)}`;
}
