import { spawn } from 'node:child_process';
import { lutimes } from 'node:fs/promises';
import { arch } from 'node:process';

export interface TimeOf {
  readonly path: Buffer;
  /** Nanoseconds since 1970, decimal digits. */
  readonly mtime: string;
}

/**
 * Gives files, folders and links (themselves, not what they lead to) their times. Node takes times as floating-point
 * seconds, which are exact to a quarter of a microsecond nowadays; perl, which Debian always has, hands the kernel both
 * numbers (utimensat(2)). Where there is none, equal times stay equal and none overtakes another.
 */
export async function setTimes(times: readonly TimeOf[]): Promise<void> {
  if (times.length === 0) return;
  const exact = times.some(({ mtime }) => !isExactInSeconds(mtime)) && (await setExactly(times));
  if (exact) return;
  for (const { path, mtime } of times) {
    const seconds = Number(mtime) / 1e9;
    await lutimes(path, seconds, seconds);
  }
}

const isExactInSeconds = (mtime: string): boolean => mtime === '0' || mtime.endsWith('000000000');

/** Numbers of utimensat(2). */
const callOf: Readonly<Record<string, number>> = { x64: 280, arm64: 88 };
const script = `
my $failed = 0;
$/ = "\\0";
while (my $time = <STDIN>) {
  my $path = <STDIN>;
  chop $time; chop $path;
  my ($seconds, $nanos) = split / /, $time;
  my $both = pack('q4', $seconds, $nanos, $seconds, $nanos);
  $failed = 1 if syscall(CALL, -100, $path, $both, 256) != 0;
}
exit $failed;
`;

function setExactly(times: readonly TimeOf[]): Promise<boolean> {
  const call = process.platform === 'linux' ? callOf[arch] : undefined;
  if (call === undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    const child = spawn('perl', ['-e', script.replace('CALL', String(call))], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
    child.stdin.on('error', () => undefined);
    for (const { path, mtime } of times) {
      const nanos = BigInt(mtime);
      const rest = ((nanos % billion) + billion) % billion;
      child.stdin.write(`${(nanos - rest) / billion} ${rest}\0`);
      child.stdin.write(Buffer.concat([path, Buffer.of(0)]));
    }
    child.stdin.end();
  });
}

const billion = 1_000_000_000n;
