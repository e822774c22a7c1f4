import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeCpio, file, folder } from '../../../src-main/core/boot-image/cpio.ts';
import { systemCacheDir } from '../../../shared/domain/system-cache.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { buildBootLoaders } from '../../../src-main/platform/system-builder/boot-loaders.ts';
import { readRecipeFolder } from '../../../src-main/platform/system-builder/recipe-folder.ts';
import { buildRootTree } from '../../../src-main/platform/system-builder/root-tree.ts';

/** Said by a PC that has come all the way to a running kernel with the head's own words in its archive. */
export const standInSays = 'STAND-IN RUNS';

const init = `#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs dev /dev
echo "${standInSays} [$(/bin/busybox cat /identity)] [$(/bin/busybox cat /proc/cmdline)]" >/dev/console
/bin/busybox poweroff -f
`;

/** The member system's own kernel with a small system that says one line and switches the PC off. */
export interface StandIn {
  readonly kernel: string;
  readonly image: readonly string[];
  readonly loaders: Readonly<Record<'bios' | 'uefi' | 'uefiSecond', string>>;
  /** Debian 13's `ipxe.lkrn`. */
  readonly ipxe: string;
}

const work = join(tmpdir(), `nightshift-stand-in-${process.pid}`);
let made: Promise<StandIn> | undefined;
export const standIn = (): Promise<StandIn> => (made ??= makeStandIn());

export function removeStandIn(): void {
  made = undefined;
  rmSync(work, { recursive: true, force: true });
}

async function makeStandIn(): Promise<StandIn> {
  const cacheDir = systemCacheDir(process.env);
  const recipe = await readRecipeFolder(
    fileURLToPath(new URL('../../../assets/member-os/boot', import.meta.url)),
  );
  if (!recipe.ok) throw new Error(refusalWords(recipe.error));
  const tree = await buildRootTree({
    name: 'member-kernel',
    what: 'kernel of the member system',
    folder: recipe.value,
    cacheDir,
    onProgress: () => undefined,
  });
  if (!tree.ok) throw new Error(refusalWords(tree.error));
  // The head of the test sits in a network of its own, without a way to Debian.
  const loaders = await buildBootLoaders({ cacheDir, onProgress: () => undefined });
  if (!loaders.ok) throw new Error(refusalWords(loaders.error));
  const { ipxe, networkIpxe, shim, networkGrub } = loaders.value;
  const busybox = readFileSync(join(tree.value.path, 'usr', 'bin', 'busybox'));
  mkdirSync(work, { recursive: true });
  // In two parts, as real images come.
  const parts = [
    encodeCpio([folder('bin'), folder('dev'), folder('proc'), file('bin/busybox', busybox, 0o755)]),
    // Large enough to be seen on its way, and no larger: a BIOS card's own driver takes a second for a megabyte.
    encodeCpio([file('init', Buffer.from(init), 0o755), file('ballast', randomBytes(6 * 2 ** 20))]),
  ];
  const image = parts.map((bytes, index) => {
    const path = join(work, `part-${index}`);
    writeFileSync(path, bytes);
    return path;
  });
  return {
    kernel: kernelIn(tree.value.path),
    image,
    loaders: { bios: networkIpxe, uefi: shim, uefiSecond: networkGrub },
    ipxe,
  };
}

function kernelIn(tree: string): string {
  const boot = join(tree, 'boot');
  const name = readdirSync(boot).find((one) => one.startsWith('vmlinuz'));
  if (name === undefined) throw new Error(`there is no kernel in ${boot}`);
  return join(boot, name);
}

/** A boot sector that writes these words to the serial line: a stand-in for Windows. */
export function diskThatSays(words: string): Uint8Array {
  // xor ax,ax; mov ds,ax; cld; mov si,0x7c15; next: lodsb; test al,al; jz end; mov dx,0x3f8; out dx,al; jmp next; end: hlt; hlt
  const code = [
    0x31, 0xc0, 0x8e, 0xd8, 0xfc, 0xbe, 0x15, 0x7c, 0xac, 0x84, 0xc0, 0x74, 0x06, 0xba, 0xf8, 0x03,
    0xee, 0xeb, 0xf5, 0xf4, 0xf4,
  ];
  const disk = new Uint8Array(1024 * 1024);
  disk.set(code, 0);
  disk.set(Buffer.from(`\r\n${words}\r\n\0`, 'latin1'), code.length);
  disk.set([0x55, 0xaa], 510);
  return disk;
}
