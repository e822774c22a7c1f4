// `npm run build:system`: the member system, the base software pack as a tree and as PCs fetch it, the boot image and the
// boot loaders, into the cache that the head looks in. The head does the same by itself; this is for doing it beforehand, as root.
import { basename, dirname } from 'node:path';
import { ok, type Result } from '../shared/base/result.ts';
import { encodeCpio } from '../src-main/core/boot-image/cpio.ts';
import { buildBootImage } from '../src-main/platform/system-builder/boot-image.ts';
import { buildBootLoaders } from '../src-main/platform/system-builder/boot-loaders.ts';
import type { BuildProgress } from '../src-main/platform/system-builder/build-progress.ts';
import { systemCacheDir } from '../shared/domain/system-cache.ts';
import { scriptWords } from './script-words.ts';
import { refusalWords } from '../shared/words/refusal-words.ts';
import { buildMemberSystem } from '../src-main/platform/system-builder/member-system.ts';
import { buildPackImage } from '../src-main/platform/system-builder/pack-image.ts';
import {
  buildSoftwarePack,
  shippedPack,
} from '../src-main/platform/system-builder/software-pack.ts';

scriptWords('npm run build:system   (as root)');
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

interface Built {
  readonly version: string;
  readonly path: string;
}

function show(what: string, built: Result<Built>, since: number): void {
  if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
  if (!built.ok) {
    console.error(refusalWords(built.error));
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
start = performance.now();
const pack = await buildPackImage({ name: 'base', cacheDir, onProgress: printer() });
show('software pack image', pack.ok ? ok(describedBy(pack.value.path)) : pack, start);
start = performance.now();
const image = await buildBootImage({
  cacheDir,
  onProgress: printer(),
  encodeArchive: encodeCpio,
});
show(
  'boot image',
  lyingIn(image, ({ kernel }) => kernel),
  start,
);
start = performance.now();
const loaders = await buildBootLoaders({ cacheDir, onProgress: printer() });
show(
  'boot loaders',
  lyingIn(loaders, ({ shim }) => shim),
  start,
);

/** Files that lie in one folder. */
function lyingIn<Files extends { readonly version: string }>(
  built: Result<Files>,
  one: (files: Files) => string,
): Result<Built> {
  return built.ok ? ok({ version: built.value.version, path: dirname(one(built.value)) }) : built;
}

/** A file in a folder of the cache that its version names. */
function describedBy(file: string): Built {
  return { version: basename(dirname(file)), path: dirname(file) };
}
