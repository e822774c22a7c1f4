import { chmod, copyFile, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { firstStage } from '../../core/netboot/dnsmasq-config.ts';
import { ensureOsTools } from '../os-tools.ts';
import type { OnProgress } from '../system-builder/build-progress.ts';
import { cachedStep } from '../system-builder/cached-step.ts';
import { runMmdebstrap } from '../system-builder/mmdebstrap.ts';
import { versionOf } from '../system-builder/recipe-version.ts';
import type { TreeRecipe } from '../system-builder/tree-recipe.ts';

/**
 * Debian 13's, whatever the head runs: Debian 12's iPXE is from 2019, and its GRUB does not read a proxy's answer.
 * Unpacked and not installed.
 */
const recipe: TreeRecipe = {
  suite: 'trixie',
  variant: 'extract',
  packages: ['ipxe', 'shim-signed', 'grub-efi-amd64-signed'],
  withoutPaths: ['/usr/share/*'],
  butWithPaths: [],
  remove: [],
};

const origins: readonly (readonly [from: string, to: string])[] = [
  ['usr/lib/ipxe/ipxe.lkrn', 'ipxe.lkrn'],
  ['usr/lib/ipxe/undionly.kpxe', firstStage.bios],
  ['usr/lib/shim/shimx64.efi.signed', firstStage.uefi],
  // The one of GRUB's signed images that knows the network and the prefix /grub.
  ['usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed', firstStage.uefiSecond],
];

const what = 'first stage of network boot';

/** A folder with the files of `firstStage`, out of the cache where it is there; seconds when it is new. */
export async function networkBootLoaders(options: {
  readonly cacheDir: string;
  readonly onProgress: OnProgress;
}): Promise<Result<string>> {
  const { cacheDir, onProgress } = options;
  const content = Buffer.from(JSON.stringify([recipe, origins]));
  return cachedStep({
    name: 'netboot-loaders',
    what,
    version: versionOf({
      files: [{ path: 'recipe', executable: false, content }],
      architecture: 'x64',
    }),
    cacheDir,
    onProgress,
    make: async (into) => {
      if (process.getuid?.() !== 0) {
        return refuse('refused', `Fetching the ${what} needs root; run the head as root.`);
      }
      const tools = await ensureOsTools(['system-builder'], (line) =>
        onProgress({ step: what, line }),
      );
      if (!tools.ok) return tools;
      const tree = join(into, 'tree');
      const unpacked = await runMmdebstrap(recipe, tree, {
        what,
        mirror: process.env['NIGHTSHIFT_DEBIAN_MIRROR'],
        onProgress: ({ fraction, line }) => onProgress({ step: what, fraction, line }),
      });
      if (!unpacked.ok) return unpacked;
      for (const [from, to] of origins) {
        const target = join(into, to);
        await mkdir(dirname(target), { recursive: true });
        await copyFile(join(tree, from), target);
        await chmod(target, 0o644);
      }
      await rm(tree, { recursive: true, force: true });
      return ok(null);
    },
  });
}
