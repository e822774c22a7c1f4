import { matchesGlob } from 'node:path';
import { z } from 'zod';
import { decodeSafely } from '../../../shared/wire/decode-safely.ts';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';

/** Modules by path below `kernel/` and without ending, such as `drivers/net/ethernet/intel/igb/igb`; globs. */
const modulePatterns = z.array(z.string().min(1));
const wishSchema = z.strictObject({
  /** Those that the system's own root file system needs. */
  initramfs: modulePatterns,
  wanted: modulePatterns,
  unwanted: modulePatterns,
});
export type ModuleWish = z.infer<typeof wishSchema>;

export interface ModuleSelection {
  /** With all they depend on, sorted. */
  readonly modules: readonly string[];
  /** Of them, what the initramfs loads, in the order to load it. */
  readonly initramfs: readonly string[];
}

export function decodeModuleWish(value: unknown): Result<ModuleWish> {
  const decoded = decodeSafely(wishSchema, value);
  if (decoded.success) return ok(decoded.data);
  const [first] = decoded.error.issues;
  const place = ['$', ...(first?.path ?? [])].join('.');
  return refuse('misuse', `The list of modules: ${place}: ${first?.message ?? 'unknown'}.`);
}

/** modules.dep(5): each line a module and what it depends on, nearest first. */
export function parseModuleDependencies(text: string): ReadonlyMap<string, readonly string[]> {
  const dependencies = new Map<string, readonly string[]>();
  for (const line of text.split('\n')) {
    const [module, needs] = line.split(':');
    if (module === undefined || needs === undefined || !module.startsWith('kernel/')) continue;
    dependencies.set(plainName(module), needs.split(' ').filter(Boolean).map(plainName));
  }
  return dependencies;
}

const plainName = (path: string): string =>
  path.replace(/^kernel\//, '').replace(/\.ko(\.(xz|zst|gz))?$/, '');

/**
 * Whatever can reach a disk, a card or a stick. The system's own loop device is no such thing: it shows a file
 * in RAM. SCSI as a whole, since ATA, USB sticks and RAID all come in through it.
 */
const diskDrivers: readonly string[] = [
  'block/**',
  'drivers/ata/**',
  'drivers/block/**',
  'drivers/cdrom/**',
  'drivers/dax/**',
  'drivers/firewire/sbp2',
  'drivers/infiniband/ulp/**',
  'drivers/md/**',
  'drivers/memstick/**',
  'drivers/message/**',
  'drivers/misc/cardreader/**',
  'drivers/mmc/**',
  'drivers/mtd/**',
  'drivers/nvdimm/**',
  'drivers/nvme/**',
  'drivers/scsi/**',
  'drivers/target/**',
  'drivers/ufs/**',
  'drivers/usb/gadget/**',
  'drivers/usb/storage/**',
];
const harmless = 'drivers/block/loop';

export const isDiskDriver = (module: string): boolean =>
  module !== harmless && diskDrivers.some((pattern) => matchesGlob(module, pattern));

export function selectModules(
  wish: ModuleWish,
  dependencies: ReadonlyMap<string, readonly string[]>,
): Result<ModuleSelection> {
  const all = [...dependencies.keys()];
  const chosen = new Set<string>();
  const add = (patterns: readonly string[]): Result<readonly string[]> => {
    const found: string[] = [];
    for (const pattern of patterns) {
      const matching = all.filter((module) => matchesGlob(module, pattern));
      if (matching.length === 0)
        return refuse(
          'failed',
          `This kernel has no module "${pattern}"; mend the list of modules.`,
        );
      found.push(...matching);
    }
    return ok(found);
  };
  const initramfs = add(wish.initramfs);
  if (!initramfs.ok) return initramfs;
  const wanted = add(wish.wanted);
  if (!wanted.ok) return wanted;
  const kept = [...initramfs.value, ...wanted.value].filter(
    (module) => !wish.unwanted.some((pattern) => matchesGlob(module, pattern)),
  );
  for (const module of kept) {
    for (const each of [module, ...(dependencies.get(module) ?? [])]) {
      if (isDiskDriver(each)) {
        const through = each === module ? '' : `, which ${module} needs`;
        return refuse('refused', `A member must not have the disk driver ${each}${through}.`);
      }
      chosen.add(each);
    }
  }
  return ok({
    modules: [...chosen].sort(),
    initramfs: [...new Set(initramfs.value.flatMap((module) => loadOrder(module, dependencies)))],
  });
}

/** modules.dep names what is needed in such an order that the last has to be loaded first. */
const loadOrder = (
  module: string,
  dependencies: ReadonlyMap<string, readonly string[]>,
): readonly string[] => [...[...(dependencies.get(module) ?? [])].reverse(), module];

/** Files a module asks for, from its `.modinfo` section: NUL-terminated `firmware=name`. */
export function firmwareOf(module: Uint8Array): readonly string[] {
  const text = Buffer.from(module).toString('latin1');
  return [...text.matchAll(/\0firmware=([^\0]+)/g)].flatMap(([, name]) => (name ? [name] : []));
}
