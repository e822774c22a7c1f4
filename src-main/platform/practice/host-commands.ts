import { execFile } from 'node:child_process';

/** Runs an OS tool; resolves with what it printed, rejects with what it complained about. No shell. */
export function run(command: string, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      command,
      [...words],
      { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 },
      (error, out, complaint) => {
        if (error)
          reject(new Error(`${command} ${words.join(' ')}: ${complaint.trim() || error.message}`));
        else resolve(out);
      },
    );
  });
}

/** For cleaning up: whether it worked. */
export const tryRun = (command: string, words: readonly string[]): Promise<boolean> =>
  run(command, words).then(
    () => true,
    () => false,
  );
