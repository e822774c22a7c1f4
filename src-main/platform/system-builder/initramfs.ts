import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

/** As src-main/core/boot-image/cpio.ts takes it. */
export interface ArchiveEntry {
  readonly path: string;
  readonly mode: number;
  readonly content: Uint8Array;
}

/** What `initramfs-init` calls. */
const applets = [
  ...['cat', 'cp', 'echo', 'insmod', 'mkdir', 'mount', 'sh', 'sha256sum', 'sleep', 'switch_root'],
];
const folders = ['bin', 'dev', 'layer', 'modules', 'proc', 'root', 'sums', 'sys', 'system'];

/** The small file system in which a PC starts; the system itself lies beside it. */
export async function initramfsEntries(parts: {
  readonly init: string;
  readonly busybox: string;
  /** Files, in the order to load them. */
  readonly modules: readonly string[];
  /** SHA-256 of the system, in hex digits. */
  readonly system: string;
}): Promise<readonly ArchiveEntry[]> {
  const text = (value: string): Uint8Array => Buffer.from(value);
  const order = parts.modules.map((path) => basename(path, '.ko'));
  return [
    ...folders.map((path) => ({ path, mode: 0o040755, content: text('') })),
    { path: 'init', mode: 0o100755, content: await readFile(parts.init) },
    { path: 'bin/busybox', mode: 0o100755, content: await readFile(parts.busybox) },
    ...applets.map((name) => ({ path: `bin/${name}`, mode: 0o120777, content: text('busybox') })),
    { path: 'sums/system', mode: 0o100644, content: text(`${parts.system}  /system.squashfs\n`) },
    { path: 'modules/order', mode: 0o100644, content: text(`${order.join('\n')}\n`) },
    ...(await Promise.all(
      parts.modules.map(async (path) => ({
        path: `modules/${basename(path)}`,
        mode: 0o100644,
        content: await readFile(path),
      })),
    )),
  ];
}
