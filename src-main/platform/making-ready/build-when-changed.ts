import { createHash } from 'node:crypto';
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import type { OnProgress } from '../system-builder/build-progress.ts';
import { withBuildLock } from '../system-builder/build-lock.ts';
import { nodeProgram } from '../../../shared/node/node-program.ts';
import { projectRoot } from '../../../shared/node/project-root.ts';
import { runLines } from '../../../shared/node/run-lines.ts';

export interface Built {
  /** What it is, for people. */
  readonly what: string;
  /** A file or a folder. */
  readonly path: string;
  /** All it is made from: files and folders, the packages' lock and the settings of the build among them. */
  readonly sources: readonly string[];
  /** Makes it at another place, from which it is moved here whole. */
  readonly command: (into: string) => readonly [string, ...string[]];
  /** What a person runs to see what is wrong. */
  readonly byHand: string;
}

/**
 * Every build is told the same, whoever asks for it: a test, a person with an odd shell, a service. Tools read these and
 * make other things of the same sources.
 */
const builderEnvironment = { NODE_ENV: 'production', NODE_PATH: '', NODE_OPTIONS: '' };

/**
 * Runs the command unless what is there was made by it from these very sources. Bytes are compared, not times: what somebody
 * else left there is made anew. A shipped file without its sources is taken as it is.
 */
export async function buildWhenChanged(
  built: Built,
  onProgress: OnProgress,
): Promise<Result<null>> {
  if (isFresh(built)) return ok(null);
  return withBuildLock(
    built.path,
    () =>
      onProgress({
        step: built.what,
        line: 'Waiting for another Nightshift that is building it',
      }),
    async () => {
      if (isFresh(built)) return ok(null);
      onProgress({ step: built.what, line: 'Building' });
      const from = digestOf(built.sources);
      const into = `${built.path}.building`;
      rmSync(into, { recursive: true, force: true });
      const ended = await runLines(built.command(into), { environment: builderEnvironment });
      if (ended.code === 0) {
        replace(built.path, into);
        writeFileSync(stampOf(built), JSON.stringify({ from, made: digestOf([built.path]) }));
        return ok(null);
      }
      rmSync(into, { recursive: true, force: true });
      const lines = ended.lastLines.filter((line) => line.trim() !== '');
      const why =
        lines.find((line) => /Error: |\[ERROR\]/.test(line)) ?? lines.at(-1) ?? 'it said nothing';
      return refuse(
        'failed',
        `The ${built.what} could not be built (${why.trim()}); run \`${built.byHand}\` to see more.`,
      );
    },
  );
}

const stampOf = ({ path }: Built): string => `${path}.built-from`;

function isFresh(built: Built): boolean {
  if (!existsSync(built.path)) return false;
  if (!built.sources.some((source) => existsSync(source))) return true;
  const stamp = JSON.stringify({ from: digestOf(built.sources), made: digestOf([built.path]) });
  return existsSync(stampOf(built)) && readFileSync(stampOf(built), 'utf8') === stamp;
}

/** A folder cannot be put in another's place in one step. */
function replace(path: string, by: string): void {
  const former = `${path}.former`;
  rmSync(former, { recursive: true, force: true });
  if (existsSync(path)) renameSync(path, former);
  renameSync(by, path);
  rmSync(former, { recursive: true, force: true });
}

/** Names and contents of all files there; what is not there counts as nothing. */
function digestOf(paths: readonly string[]): string {
  const hash = createHash('sha256');
  const add = (path: string, name: string): void => {
    const facts = statSync(path, { throwIfNoEntry: false });
    if (facts?.isDirectory()) {
      for (const entry of readdirSync(path).sort())
        if (entry !== 'node_modules') add(join(path, entry), `${name}/${entry}`);
    } else if (facts) {
      hash.update(`${name} ${facts.size}\n`).update(readFileSync(path));
    }
  };
  for (const [index, path] of paths.entries()) add(path, String(index));
  return hash.digest('hex');
}

/** Programs of this checkout run under the very Node that runs us. */
export const nodeCommand = (...words: readonly string[]): readonly [string, ...string[]] => [
  nodeProgram,
  '--disable-warning=ExperimentalWarning',
  ...words,
];

export const uiFolder = join(projectRoot, 'dist', 'ui');
export const agentBundle = join(projectRoot, 'dist', 'agent.mjs');

const from = (path: string): string => join(projectRoot, path);

/** What the head serves to browsers. */
export const builtUi: Built = {
  what: 'UI',
  path: uiFolder,
  sources: [
    'src-renderer',
    'shared',
    'package-lock.json',
    'vite.config.ts',
    'svelte.config.js',
  ].map(from),
  command: (into) =>
    nodeCommand(
      ...[from('node_modules/vite/bin/vite.js'), 'build', '--config', from('vite.config.ts')],
      ...['--outDir', into],
    ),
  byHand: 'npm run build:ui',
};

export function ensureUi(onProgress: OnProgress): Promise<Result<null>> {
  return buildWhenChanged(builtUi, onProgress);
}

export const bundling = (what: string): readonly string[] => [
  `scripts/build-${what}.ts`,
  'scripts/bundle.ts',
];

/** What runs on every PC. */
export const builtAgent: Built = {
  what: 'member agent',
  path: agentBundle,
  sources: ['src-member', 'shared', 'package-lock.json', ...bundling('agent')].map(from),
  command: (into) => nodeCommand(from('scripts/build-agent.ts'), into),
  byHand: 'npm run build:agent',
};

export function ensureAgentBundle(onProgress: OnProgress): Promise<Result<null>> {
  return buildWhenChanged(builtAgent, onProgress);
}

export const headBundle = join(projectRoot, 'dist', 'head', 'run-head.mjs');

/** All of the head but its first file, see `scripts/build-head.ts`. */
export const builtHead: Built = {
  what: 'head',
  path: headBundle,
  sources: ['src-main', 'shared', 'package-lock.json', ...bundling('head')].map(from),
  command: (into) => nodeCommand(from('scripts/build-head.ts'), into),
  byHand: 'npm run build:head',
};
