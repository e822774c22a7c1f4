// `npm run build:system`: the member system and the base software pack, into the cache that the
// head looks in. The head does the same by itself; this is for doing it beforehand, as root.
import type { Result } from '../shared/base/result.ts';
import type { BuildProgress } from '../src-main/platform/system-builder/build-progress.ts';
import { systemCacheDir } from '../src-main/platform/system-builder/cache-dir.ts';
import { buildMemberSystem } from '../src-main/platform/system-builder/member-system.ts';
import type { BuiltTree } from '../src-main/platform/system-builder/root-tree.ts';
import {
  buildSoftwarePack,
  shippedPack,
} from '../src-main/platform/system-builder/software-pack.ts';

const cacheDir = systemCacheDir(process.env);

/** A terminal gets one line that changes; a log gets a line for each tenth. */
function printer(): (progress: BuildProgress) => void {
  let printed = -1;
  return ({ step, fraction = 0, line }) => {
    const text = `${step}: ${Math.round(fraction * 100)} % ${line}`;
    if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${text.slice(0, 100)}`);
    else if (Math.floor(fraction * 10) !== printed) console.log(text);
    printed = Math.floor(fraction * 10);
  };
}

function show(what: string, built: Result<BuiltTree>, since: number): void {
  if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
  if (!built.ok) {
    console.error(built.error.sentence);
    process.exit(1);
  }
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  console.log(`${what} ${built.value.version} (${seconds} s): ${built.value.path}`);
}

let start = performance.now();
show('member system', await buildMemberSystem({ cacheDir, onProgress: printer() }), start);
start = performance.now();
const recipe = shippedPack('base');
show('software pack', await buildSoftwarePack({ recipe, cacheDir, onProgress: printer() }), start);
