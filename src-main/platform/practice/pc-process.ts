import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { startTimeOf, type PcFolder } from './pc-files.ts';

const startScript = fileURLToPath(new URL('../../../assets/practice/start-pc.sh', import.meta.url));

export interface PcStart {
  readonly name: string;
  readonly files: PcFolder;
  readonly tree: string;
  readonly version: string;
  readonly agent: string;
  readonly packs: readonly { readonly name: string; readonly path: string }[];
  readonly memory: number;
  readonly cpus: number;
  readonly netns: string;
  readonly groups: readonly string[];
  readonly v1: readonly string[];
}

/** Starts the PC in a session of its own, so that it goes on when the head is killed. */
export async function startPc(start: PcStart): Promise<{ pid: number; started: string }> {
  const log = openSync(start.files.startLog, 'w', 0o600);
  const child = spawn('sh', [startScript], {
    detached: true,
    cwd: '/',
    stdio: ['ignore', log, log],
    env: {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      PC_NAME: start.name,
      PC_DIR: start.files.folder,
      PC_TREE: start.tree,
      PC_AGENT: start.agent,
      PC_IDENTITY: start.files.identity,
      PC_VERSION: start.version,
      PC_MEMORY: String(start.memory),
      PC_CPUS: String(start.cpus),
      PC_NETNS: start.netns,
      PC_GROUPS: start.groups.join('\n'),
      PC_V1: start.v1.join(' '),
      PC_PACKS: start.packs.map(({ name, path }) => `${name}=${path}`).join('\n'),
    },
  });
  closeSync(log);
  // Its end is seen through /proc; without a listener an error here would end the head.
  child.on('error', () => undefined);
  child.unref();
  const started = child.pid === undefined ? undefined : await startTimeOf(child.pid);
  if (child.pid === undefined || started === undefined)
    throw new Error(
      `${start.name} did not start: ${(await readFile(start.files.startLog, 'utf8')).trim()}`,
    );
  return { pid: child.pid, started };
}
