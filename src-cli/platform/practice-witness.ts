import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCacheDir } from '../../shared/domain/system-cache.ts';
import type { Witness } from '../ports/practice-witness.ts';
import { canRun } from './running-process.ts';

/** Looks a second at what runs where. */
const lookEvery = 100;

/** The real witness: reads the host's control groups, mounts and files; asks neither head nor members. */
export function practiceWitness(
  home: string,
  environment: Readonly<Record<string, string | undefined>>,
): Witness {
  const cache = systemCacheDir(environment);
  const work = join(home, 'practice', 'night');
  const found = new Set<string>();
  let looking: NodeJS.Timeout | undefined;
  let taken = 0;
  let trees: readonly string[] | undefined;
  let running = 0;

  const look = (): void => {
    taken += 1;
    const where = new Map<string, string>();
    for (const sighting of runningTasks(home)) {
      running += 1;
      const other = where.get(sighting.task);
      if (other && other !== sighting.place)
        found.add(
          `task ${sighting.task} ran on ${sighting.place} and on ${other} at the same time`,
        );
      where.set(sighting.task, sighting.place);
    }
  };

  return {
    workFolder: async () => {
      await mkdir(work, { recursive: true });
      return work;
    },
    memberSystem: async () => newestSystem(cache),
    slices: async (from, into, count, bytesEach) => {
      const files = await realFiles(from);
      const slices = [];
      let next = 0;
      for (let index = 1; index <= count; index += 1) {
        const names: string[] = [];
        for (let size = 0; size < bytesEach && next < files.length; next += 1) {
          const file = files[next];
          if (!file) break;
          names.push(file.path);
          size += file.size;
        }
        const path = join(into, `slice-${index}.tar`);
        await run('tar', [
          '--create',
          '--file',
          path,
          '--mtime=@0',
          '--owner=0',
          '--group=0',
          '--numeric-owner',
          '--directory',
          from,
          '--',
          ...names,
        ]);
        slices.push({ index, path });
      }
      return slices;
    },
    isArchiveOf: async (archive, original) =>
      (await digestOf(spawnReading('xz', ['--decompress', '--stdout', archive]))) ===
      (await digestOf(createReadStream(original))),
    watchTasks: () => {
      looking ??= setInterval(look, lookEvery);
      looking.unref();
    },
    doubles: async () => {
      clearInterval(looking);
      looking = undefined;
      return Promise.resolve([...found]);
    },
    looks: () => ({ taken, running }),
    strayMounts: () => strayMounts(home),
    systemMark: async () => {
      trees ??= systemsInUse(home);
      if (trees.length === 0) throw new Error('no PC is on, so nobody can tell what it is made of');
      // Access times may change; contents, sizes, modes and times of change may not.
      const format = '%p %y %s %T@ %C@ %m\\n';
      return digestOf(spawnReading('find', [...trees, '-xdev', '-printf', format]));
    },
    kill: (pid) => process.kill(pid, 'SIGKILL'),
  };
}

interface Sighting {
  readonly task: string;
  readonly place: string;
}

/**
 * Tasks with processes that are not frozen, from the groups of the host: members' groups are
 * `nightshift-<lab>/<pc>`, containers' groups below them `programs/<boot>.<job>.<index>.<epoch>/c`, which keep the name of
 * the task's first attempt. What was killed does not count, though a busy machine may take a while to clear it away. A group's
 * second look tells whether it still runs: a task that moved between two reads must not seem to be in two places.
 */
function runningTasks(home: string): readonly Sighting[] {
  const first = sightings(home);
  const counts = new Map<string, number>();
  for (const { task } of first) counts.set(task, (counts.get(task) ?? 0) + 1);
  if (![...counts.values()].some((count) => count > 1)) return first;
  const again = new Set(sightings(home).map(({ task, place }) => `${task} ${place}`));
  return first.filter(({ task, place }) => again.has(`${task} ${place}`));
}

function sightings(home: string): readonly Sighting[] {
  const seen: Sighting[] = [];
  for (const lab of labGroups(home)) {
    for (const pc of foldersIn(lab)) {
      const programs = join(lab, pc, 'programs');
      for (const group of foldersIn(programs)) {
        const match = /^[0-9a-f]{8}\.(\d+\.\d+)\.\d+$/.exec(group);
        if (!match?.[1]) continue;
        const events = textOf(join(programs, group, 'c', 'cgroup.events'));
        if (!/populated 1/.test(events) || !/frozen 0/.test(events)) continue;
        const processes = pidsIn(join(programs, group, 'c'));
        if (processes.some((pid) => canRun(aboutProcess(pid, 'status'), aboutProcess(pid, 'stat'))))
          seen.push({ task: match[1], place: `${pc} (${group})` });
      }
    }
  }
  return seen;
}

/** The lab's groups; its name is written down by the practice driver. */
function labGroups(home: string): string[] {
  const name = textOf(join(home, 'practice', 'group')).trim();
  if (name === '') return [];
  return cgroup2Mounts().map((mount) => join(mount, name));
}

function cgroup2Mounts(): string[] {
  return textOf('/proc/self/mountinfo')
    .split('\n')
    .filter((line) => line.includes(' - cgroup2 '))
    .flatMap((line) => line.split(' ')[4] ?? []);
}

function foldersIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    );
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** File systems whose contents are RAM or the kernel's own. */
const harmless = new Set([
  'tmpfs',
  'proc',
  'sysfs',
  'devpts',
  'mqueue',
  'cgroup',
  'cgroup2',
  'devtmpfs',
  'ramfs',
]);

/**
 * Every mount of every process that lives in a PC's groups: a writable one has to be RAM, an overlay whose upper layer is
 * RAM, or lie in the lab's own directory. Mounts of the host's file system are named with their root there.
 */
async function strayMounts(home: string): Promise<string[]> {
  const stray = new Set<string>();
  let inspected = 0;
  for (const lab of labGroups(home)) {
    for (const pc of foldersIn(lab)) {
      for (const pid of pidsBelow(join(lab, pc))) {
        const own = await readlink('/proc/self/ns/mnt').catch(() => '');
        const theirs = await readlink(`/proc/${pid}/ns/mnt`).catch(() => '');
        if (theirs === '' || theirs === own) continue;
        inspected += 1;
        for (const line of textOf(`/proc/${pid}/mountinfo`).split('\n')) {
          const [before, after] = line.split(' - ');
          const [, , , root = '', target = '', options = ''] = before?.split(' ') ?? [];
          const [type = '', , superOptions = ''] = after?.split(' ') ?? [];
          if (!before || harmless.has(type) || !options.split(',').includes('rw')) continue;
          if (type === 'overlay') {
            // A read-only super block, or one whose upper layer is in RAM; a lab's RAM lies at /run or in a tmpfs of its start.
            if (superOptions.split(',').includes('ro') || /upperdir=/.test(superOptions)) continue;
          }
          if (root.startsWith(home)) continue;
          stray.add(`${pc} can write to ${root} (${type}) at ${target}`);
        }
      }
    }
  }
  if (inspected === 0) stray.add('no PC is on, so nothing could be inspected');
  return [...stray];
}

const aboutProcess = (pid: number, file: 'status' | 'stat'): string =>
  textOf(`/proc/${pid}/${file}`);

const pidsIn = (group: string): number[] =>
  textOf(join(group, 'cgroup.procs'))
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);

function pidsBelow(group: string): number[] {
  const own = pidsIn(group);
  return [...own, ...foldersIn(group).flatMap((name) => pidsBelow(join(group, name)))];
}

/** Folders of the host that PCs are made of: the lower layers of their roots, and what stands below /packs. */
function systemsInUse(home: string): string[] {
  const found = new Set<string>();
  for (const lab of labGroups(home)) {
    for (const pc of foldersIn(lab)) {
      for (const pid of pidsBelow(join(lab, pc))) {
        for (const line of textOf(`/proc/${pid}/mountinfo`).split('\n')) {
          const [before = '', after = ''] = line.split(' - ');
          const [, , , root = '', target = ''] = before.split(' ');
          const lower = /lowerdir=([^,]*)/.exec(after)?.[1];
          if (target === '/' && lower) for (const folder of lower.split(':')) found.add(folder);
          if (target.startsWith('/packs/')) found.add(root);
        }
      }
    }
  }
  return [...found].filter((folder) => existsSync(folder)).sort();
}

async function newestSystem(cache: string): Promise<string> {
  const name = textOf(join(cache, 'member-system', 'current')).trim();
  if (name !== '') return name;
  const folder = join(cache, 'member-system');
  let newest: { path: string; at: number } | undefined;
  for (const entry of await readdir(folder).catch(() => [])) {
    const info = await stat(join(folder, entry, 'tree')).catch(() => undefined);
    if (info && (!newest || info.ctimeMs > newest.at))
      newest = { path: join(folder, entry, 'tree'), at: info.ctimeMs };
  }
  if (!newest) throw new Error(`no member system in ${folder}`);
  return newest.path;
}

/** Programs and libraries of the tree, in the order of their paths. */
async function realFiles(from: string): Promise<{ path: string; size: number }[]> {
  const text = await textFrom(
    spawnReading('find', [
      from,
      '-xdev',
      '-type',
      'f',
      '(',
      '-path',
      '*/usr/bin/*',
      '-o',
      '-path',
      '*/usr/share/*',
      '-o',
      '-path',
      '*/usr/sbin/*',
      ')',
      '-size',
      '+0',
      '-printf',
      '%P\\t%s\\n',
    ]),
  );
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [path = '', size = '0'] = line.split('\t');
      return { path, size: Number(size) };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function spawnReading(command: string, words: readonly string[]): NodeJS.ReadableStream {
  return spawn(command, words, { stdio: ['ignore', 'pipe', 'ignore'] }).stdout;
}

async function textFrom(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const piece of stream) text += String(piece);
  return text;
}

async function digestOf(stream: NodeJS.ReadableStream): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of stream) hash.update(piece as Buffer);
  return hash.digest('hex');
}

function run(command: string, words: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (piece: Buffer) => (said += piece.toString()));
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command}: ${said.trim()}`)),
    );
  });
}
