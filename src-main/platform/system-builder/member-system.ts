import { projectRoot } from '../../../shared/node/project-root.ts';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import type { OnProgress } from './build-progress.ts';
import { readRecipeFolder } from './recipe-folder.ts';
import { buildRootTree, type BuiltTree } from './root-tree.ts';
import { runLines } from '../../../shared/node/run-lines.ts';

/** The checkout; a packaged program hands in where its own are. */

export interface MemberSystemOptions {
  readonly cacheDir: string;
  readonly onProgress: OnProgress;
  /** Folder with the recipe; by default the shipped one. */
  readonly recipe?: string;
  /** The Node that members run, for this machine's architecture; by default the project's own. */
  readonly nodeBinary?: string;
}

/**
 * The root tree of the member system: Debian, CRIU, crun and Node, without the agent, which is laid
 * on top when a member starts. Seconds when it is new, milliseconds when it is in the cache.
 */
export async function buildMemberSystem(options: MemberSystemOptions): Promise<Result<BuiltTree>> {
  const folder = await readRecipeFolder(options.recipe ?? join(projectRoot, 'assets', 'member-os'));
  if (!folder.ok) return folder;
  const binary = options.nodeBinary ?? join(projectRoot, 'node_modules', 'node', 'bin', 'node');
  const version = await nodeVersion(binary);
  if (!version.ok) return version;
  return buildRootTree({
    name: 'member-system',
    what: 'member system',
    folder: folder.value,
    node: { binary, version: version.value },
    cacheDir: options.cacheDir,
    onProgress: options.onProgress,
  });
}

async function nodeVersion(binary: string): Promise<Result<string>> {
  if (!existsSync(binary)) {
    return refuse('failed', `There is no Node for members at ${binary}; run \`npm ci\`.`);
  }
  const ended = await runLines([binary, '--version']);
  const version = /^v(\d+\.\d+\.\d+)$/.exec(ended.lastLines[0] ?? '')?.[1];
  return version === undefined
    ? refuse('failed', `${binary} is no Node: it ended with ${ended.code}.`)
    : ok(version);
}
