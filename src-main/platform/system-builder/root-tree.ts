import { arch } from 'node:os';
import { dirname, join } from 'node:path';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { buildAsRoot } from '../making-ready/as-root.ts';
import { ensureOsTools } from '../../../shared/node/os-packages.ts';
import type { OnProgress } from './build-progress.ts';
import { cachedStep } from './cached-step.ts';
import {
  layFilesOver,
  makeTreeFolder,
  removeFromTree,
  settleTimes,
  volatileFiles,
} from './finish-tree.ts';
import { runMmdebstrap } from './mmdebstrap.ts';
import { packagesOf } from './packages-of.ts';
import type { RecipeFolder } from './recipe-folder.ts';
import { versionOf } from './recipe-version.ts';
import { runLines } from '../../../shared/node/run-lines.ts';
import { writeTreeManifest } from './tree-manifest.ts';

/** A tree in the cache. Nothing may write below `path`. */
export interface BuiltTree {
  readonly path: string;
  /** 16 hex digits; the same version has the same contents. */
  readonly version: string;
  /** What the tree looked like when it was made; see `treeChanges`. */
  readonly manifest: string;
}

export interface RootTreeOptions {
  /** Folder in the cache, such as `member-system`. */
  readonly name: string;
  /** For people. */
  readonly what: string;
  readonly folder: RecipeFolder;
  readonly node?: { readonly binary: string; readonly version: string };
  readonly cacheDir: string;
  readonly onProgress: OnProgress;
}

/** mmdebstrap's part of the time; Node, cleaning and the manifest are the rest. */
const mmdebstrapShare = 0.95;

export async function buildRootTree(options: RootTreeOptions): Promise<Result<BuiltTree>> {
  const { folder, node } = options;
  const packages = await packagesOf(options.cacheDir);
  const version = versionOf({
    files: folder.all,
    architecture: arch(),
    ...(node === undefined ? {} : { node: node.version }),
    ...(packages === undefined ? {} : { packages }),
  });
  const built = await cachedStep({
    ...options,
    version,
    make: (into) => makeRootTree(options, into),
  });
  if (!built.ok) return built;
  const manifest = join(built.value, 'manifest');
  return ok({ path: join(built.value, 'tree'), version, manifest });
}

async function makeRootTree(options: RootTreeOptions, into: string): Promise<Result<null>> {
  const { what, folder, node, onProgress } = options;
  if (process.platform !== 'linux') {
    return refuse('refused', `Only a head on Linux can build the ${what}.`);
  }
  if (process.getuid?.() !== 0) {
    return refuse('refused', `Building the ${what} needs root, once: run \`${buildAsRoot()}\`.`);
  }
  const tools = await ensureOsTools(['system-builder'], (line) => onProgress({ step: what, line }));
  if (!tools.ok) return tools;

  const tree = join(into, 'tree');
  const since = Math.floor(Date.now() / 1000) * 1000;
  const installed = await runMmdebstrap(folder.recipe, tree, {
    what,
    mirror: process.env['NIGHTSHIFT_DEBIAN_MIRROR'],
    onProgress: ({ fraction, line }) =>
      onProgress({ step: what, fraction: fraction * mmdebstrapShare, line }),
  });
  if (!installed.ok) return installed;

  if (folder.recipe.node !== undefined && node !== undefined) {
    onProgress({ step: what, fraction: mmdebstrapShare, line: `Adding Node ${node.version}` });
    const added = await addNode(node.binary, join(tree, folder.recipe.node));
    if (!added.ok) return added;
  }
  onProgress({ step: what, fraction: 0.97, line: 'Tidying the tree' });
  await removeFromTree(tree, [...volatileFiles, ...folder.recipe.remove]);
  await layFilesOver(tree, folder.files);
  await settleTimes(tree, since);
  await writeTreeManifest(tree, join(into, 'manifest'));
  onProgress({ step: what, fraction: 1, line: 'Done' });
  return ok(null);
}

/** Without its symbols Node is 15 MB smaller. */
async function addNode(binary: string, target: string): Promise<Result<null>> {
  await makeTreeFolder(dirname(target));
  const stripped = await runLines(['strip', '--strip-all', '-o', target, binary]);
  if (stripped.code === 0) return ok(null);
  return refuse('failed', `Node could not be stripped: ${stripped.lastLines.join(' ')}`);
}
