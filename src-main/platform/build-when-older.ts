import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ok, refuse, type Result } from '../../shared/base/result.ts';
import type { OnProgress } from './system-builder/build-progress.ts';
import { withBuildLock } from './system-builder/build-lock.ts';
import { runLines } from './system-builder/run-lines.ts';

export interface BuiltFile {
  /** What it is, for people. */
  readonly what: string;
  readonly path: string;
  /** Files and folders it is made from. */
  readonly sources: readonly string[];
  readonly command: readonly [string, ...string[]];
  /** What a person runs to see what is wrong. */
  readonly byHand: string;
}

/** Runs the command when a source is newer than the file it makes. A shipped file without its sources is taken as it is. */
export async function buildWhenOlder(
  file: BuiltFile,
  onProgress: OnProgress,
): Promise<Result<null>> {
  if (isFresh(file)) return ok(null);
  return withBuildLock(
    file.path,
    () =>
      onProgress({ step: file.what, line: 'Waiting for another Nightshift that is building it' }),
    async () => {
      if (isFresh(file)) return ok(null);
      onProgress({ step: file.what, line: 'Building' });
      const ended = await runLines(file.command);
      if (ended.code === 0) return ok(null);
      const lines = ended.lastLines.filter((line) => line.trim() !== '');
      const why =
        lines.find((line) => /Error: |\[ERROR\]/.test(line)) ?? lines.at(-1) ?? 'it said nothing';
      return refuse(
        'failed',
        `The ${file.what} could not be built (${why.trim()}); run \`${file.byHand}\` to see more.`,
      );
    },
  );
}

function isFresh({ path, sources }: BuiltFile): boolean {
  const built = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  const newest = Math.max(0, ...sources.map(newestBelow));
  return built !== undefined && built >= newest;
}

/** 0 when there is nothing. A folder's own time tells of files that were taken away. */
function newestBelow(path: string): number {
  const facts = statSync(path, { throwIfNoEntry: false });
  if (facts === undefined) return 0;
  if (!facts.isDirectory()) return facts.mtimeMs;
  const entries = readdirSync(path).filter((name) => name !== 'node_modules');
  return Math.max(facts.mtimeMs, ...entries.map((name) => newestBelow(join(path, name))));
}

/** Programs of this checkout run under the very Node that runs us. */
export const nodeCommand = (...words: readonly string[]): readonly [string, ...string[]] => [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  ...words,
];

/** The checkout, or the folder a packaged program lies in. */
export const projectRoot = dirname(dirname(import.meta.dirname));

export const uiFolder = join(projectRoot, 'dist', 'ui');
export const agentBundle = join(projectRoot, 'dist', 'agent.mjs');

export function ensureUi(onProgress: OnProgress): Promise<Result<null>> {
  const from = (path: string): string => join(projectRoot, path);
  return buildWhenOlder(
    {
      what: 'UI',
      path: join(uiFolder, 'index.html'),
      sources: ['src-renderer', 'shared', 'vite.config.ts', 'svelte.config.js'].map(from),
      command: nodeCommand(
        from('node_modules/vite/bin/vite.js'),
        'build',
        '--config',
        from('vite.config.ts'),
      ),
      byHand: 'npm run build:ui',
    },
    onProgress,
  );
}

export function ensureAgentBundle(onProgress: OnProgress): Promise<Result<null>> {
  const from = (path: string): string => join(projectRoot, path);
  return buildWhenOlder(
    {
      what: 'member agent',
      path: agentBundle,
      sources: ['src-member', 'shared', 'scripts/build-agent.ts'].map(from),
      command: nodeCommand(from('scripts/build-agent.ts')),
      byHand: 'npm run build:agent',
    },
    onProgress,
  );
}
