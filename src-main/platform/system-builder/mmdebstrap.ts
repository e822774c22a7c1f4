import type { TreeRecipe } from './tree-recipe.ts';
import {
  mmdebstrapStart,
  onMmdebstrapLine,
  type MmdebstrapProgress,
} from './mmdebstrap-progress.ts';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { runLines } from '../../../shared/node/run-lines.ts';

/** Files that appear during a build bear this time: the release of Debian 13. */
export const sourceDate = Date.UTC(2025, 7, 9) / 1000;

/**
 * The arguments that make `target` from the recipe. Without a mirror mmdebstrap takes its own
 * default. It runs in mount and process namespaces of its own: it mounts /dev, /proc and /sys in
 * the tree, which must be gone before anybody removes what it left, and it ends with us however we
 * end, since our lock on the cache does.
 */
export function mmdebstrapCommand(
  recipe: TreeRecipe,
  target: string,
  mirror: string | undefined,
): readonly [command: string, ...args: string[]] {
  return [
    ...(['setpriv', '--pdeathsig', 'KILL'] as const),
    ...['unshare', '--mount', '--propagation', 'private'],
    ...['--pid', '--fork', '--kill-child', '--mount-proc', 'mmdebstrap'],
    ...['--mode=root', '--format=directory', '--verbose', `--variant=${recipe.variant}`],
    ...(recipe.components === undefined ? [] : [`--components=${recipe.components.join(',')}`]),
    ...(recipe.packages.length > 0 ? [`--include=${recipe.packages.join(',')}`] : []),
    ...recipe.withoutPaths.map((path) => `--dpkgopt=path-exclude=${path}`),
    ...recipe.butWithPaths.map((path) => `--dpkgopt=path-include=${path}`),
    '--aptopt=Acquire::Retries "3"',
    ...[recipe.suite, target],
    ...(mirror === undefined ? [] : [mirror]),
  ];
}

export async function runMmdebstrap(
  recipe: TreeRecipe,
  target: string,
  options: {
    readonly what: string;
    readonly mirror: string | undefined;
    readonly onProgress: (progress: MmdebstrapProgress) => void;
  },
): Promise<Result<null>> {
  let progress = mmdebstrapStart;
  options.onProgress(progress);
  const ended = await runLines(mmdebstrapCommand(recipe, target, options.mirror), {
    environment: { SOURCE_DATE_EPOCH: String(sourceDate), DEBIAN_FRONTEND: 'noninteractive' },
    onLine: (line) => {
      const next = onMmdebstrapLine(progress, line);
      if (next !== progress) options.onProgress(next);
      progress = next;
    },
  });
  if (ended.code === 0) return ok(null);
  return refuse('failed', mmdebstrapFailure(options.what, ended.code, ended.lastLines));
}

const unreachable =
  /could not resolve|temporary failure resolving|could not connect|connection (refused|timed out)|network is unreachable|no route to host/i;
const diskFull = /no space left on device/i;

/** One sentence for a person, then mmdebstrap's last words. */
export function mmdebstrapFailure(
  what: string,
  code: number | string,
  lastLines: readonly string[],
): string {
  const all = lastLines.join('\n');
  const cause = diskFull.test(all)
    ? 'the disk is full'
    : unreachable.test(all)
      ? "Debian's mirror cannot be reached; set NIGHTSHIFT_DEBIAN_MIRROR to one that can"
      : `mmdebstrap ended with ${code}`;
  const words = lastLines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-6)
    .join('\n  ');
  return `Building the ${what} failed: ${cause}.${words === '' ? '' : ` Its last words:\n  ${words}`}`;
}
