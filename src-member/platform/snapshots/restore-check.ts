import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeImage, type Message } from './criu-images.ts';

/** Fields of images/core.proto, creds.proto and userns.proto. */
const taskCore = 3;
const threadCore = 5;
const credentials = 10;
const seccompMode = 11;
const taskState = 1;
/** TASK_DEAD and TASK_ZOMBIE of criu/include/pstree.h: an exit code that waits for its parent. */
const dead: readonly (bigint | undefined)[] = [2n, 6n];
/** uid, gid, euid, egid, suid, sgid, fsuid, fsgid. */
const identities = [1, 2, 3, 4, 5, 6, 7, 8];
const groups = 14;
/** Inheritable, permitted, effective, bounding, ambient. */
const capabilities = [9, 10, 11, 12, 19];
const noNewPrivileges = 18;
const seccompFilter = 2n;

export interface Allowed {
  /** The only user and group that a task may be. */
  readonly user: number;
}

/**
 * Why this state may not be brought to life, or null. CRIU runs as root and gives a program whatever its images say, and
 * they come from another member: so what they say of rights is read first. Every thread has to be the task's user, without
 * capabilities and unable to gain any; every process behind a system-call filter; all of them in a user namespace of their
 * own. A thread of a filtered process has no word of its own on the filter: CRIU gives it its process's.
 */
export function whyNotRestored(folder: string, { user }: Allowed): string | null {
  const names = readdirSync(folder);
  const cores = names.filter((name) => /^core-\d+\.img$/.test(name));
  if (cores.length === 0) return 'there is no process in it';
  if (!names.some((name) => /^userns-\d+\.img$/.test(name)))
    return 'it would run outside of a user namespace';
  for (const name of cores) {
    for (const core of decodeImage(readFileSync(join(folder, name))).entries) {
      const wrong = wrongIn(core, BigInt(user));
      if (wrong !== null) return wrong;
    }
  }
  return null;
}

function wrongIn(core: Message, user: bigint): string | null {
  const task = core.message(taskCore);
  const thread = core.message(threadCore);
  if (!thread && dead.includes(task?.number(taskState))) return null;
  const creds = thread?.message(credentials);
  if (!thread || !creds) return 'it does not say as whom it runs';
  const others = [...identities.map((field) => creds.number(field)), ...creds.numbers(groups)];
  const foreign = others.find((id) => id !== user);
  if (others.length < identities.length || foreign !== undefined || others.includes(undefined))
    return `it would run as user or group ${foreign ?? 'unknown'}`;
  if (capabilities.some((field) => creds.numbers(field).some((bits) => bits !== 0n)))
    return 'it would have capabilities';
  if (creds.number(noNewPrivileges) !== 1n) return 'it could gain rights';
  const mode = thread.number(seccompMode);
  if (mode !== seccompFilter && (task || mode !== undefined))
    return 'it would run without a system-call filter';
  return null;
}
