// What this lab's PCs boot: composition of the builder, the head's own store of images, and the archives.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { constants, zstdCompressSync } from 'node:zlib';
import type { BootImageView } from '../../shared/api/image-views.ts';
import { ok, type Result } from '../../shared/base/result.ts';
import type { Clock, Disposable } from '../../shared/ports/clock.ts';
import { sha256Hex } from '../../shared/node/sha256-hex.ts';
import type { BootIdentity } from '../../shared/wire/enrolment.ts';
import { encodeCpio } from '../core/boot-image/cpio.ts';
import { identityArchive, startArchive } from '../core/boot-image/lab-archive.ts';
import {
  BootImageStore,
  sizeOfImage,
  type KeptImage,
} from '../platform/system-builder/boot-image-store.ts';
import { projectRoot } from '../../shared/node/project-root.ts';
import { agentBundle, ensureAgentBundle } from '../platform/making-ready/build-when-changed.ts';
import { buildBootImage } from '../platform/system-builder/boot-image.ts';
import { withPackagesOf } from '../platform/system-builder/packages-of.ts';
import type { OnProgress } from '../platform/system-builder/build-progress.ts';
import { keepImagesFresh } from '../shells/image-renewal.ts';
import type { Feature } from './feature.ts';

export interface BootImagesParts {
  /** `<home>/images`. */
  readonly folder: string;
  readonly cacheDir: string;
  readonly clock: Clock;
  readonly onProgress: OnProgress;
  /** No PC is in the lab, so that a new one may be made; null: none is made unasked. */
  readonly isQuiet: (() => boolean) | null;
  readonly log: (line: string) => void;
}

export interface BootImages {
  /** What PCs boot now: the chosen one, else the newest, built if need be. */
  current(): Promise<Result<KeptImage>>;
  /** The same as far as it is there; for whoever serves it on and on, since another one may be chosen meanwhile. */
  readonly kept: () => KeptImage | undefined;
  /** The newest that is kept, for whoever asks how old it is. */
  readonly newest: () => KeptImage | undefined;
  /** As the API offers them, newest first. */
  readonly list: () => BootImageView[];
  readonly use: (version: string | null) => Result<BootImageView[]>;
  /** Of Debian's packages as they are now. */
  readonly build: () => Promise<Result<BootImageView[]>>;
}

/** The last part of a PC's initrd. */
export const identityPart = (identity: BootIdentity): Uint8Array =>
  identityArchive(Buffer.from(JSON.stringify(identity)), sha256Hex);

export function openBootImages(parts: BootImagesParts): Feature<BootImages> {
  const store = new BootImageStore(parts.folder);
  const list = (): BootImageView[] => {
    const { inUse, chosen } = store;
    return store.list().map((image) => ({
      version: image.version,
      madeAt: image.madeAt,
      ...(image.packagesAt === null ? {} : { packagesAt: image.packagesAt }),
      ...(image.kernelRelease === null ? {} : { kernelRelease: image.kernelRelease }),
      bytes: sizeOfImage(image),
      inUse: image.version === inUse?.version,
      chosen: image.version === chosen,
    }));
  };
  const service: BootImages = {
    kept: () => store.inUse,
    newest: () => store.list()[0],
    list,
    use: (version) => {
      const chosen = store.choose(version);
      return chosen.ok ? ok(list()) : chosen;
    },
    build: async () => {
      const moment = new Date(parts.clock.wall()).toISOString();
      const built = await withPackagesOf(parts.cacheDir, moment, () => newestImage(parts, store));
      return built.ok ? ok(list()) : built;
    },
    current: async () => {
      const chosen = store.chosen === null ? undefined : store.find(store.chosen);
      if (chosen) return ok(chosen);
      const newest = await newestImage(parts, store);
      // A head without root serves what it has.
      const [kept] = store.list();
      return !newest.ok && kept ? ok(kept) : newest;
    },
  };
  let renewal: Disposable | undefined;
  return {
    service,
    start: () => {
      const { clock, isQuiet, log } = parts;
      if (isQuiet === null) return;
      const { newest, build } = service;
      renewal = keepImagesFresh({ clock, newest, build, isQuiet, log });
    },
    close: () => renewal?.dispose(),
  };
}

async function newestImage(
  { cacheDir, clock, onProgress }: BootImagesParts,
  store: BootImageStore,
): Promise<Result<KeptImage>> {
  const built = await buildBootImage({ cacheDir, onProgress, encodeArchive: encodeCpio });
  if (!built.ok) return built;
  const bundled = await ensureAgentBundle(onProgress);
  if (!bundled.ok) return bundled;
  const agent = await readFile(agentBundle);
  const init = await readFile(join(projectRoot, 'assets', 'member-start', 'init'));
  const version = BootImageStore.versionOf(built.value, [agent, init]);
  const [latest] = store.list();
  // An older one, too, is made anew when this head has become one that makes it: it is the newest then.
  if (latest?.version === version) return ok(latest);
  const start = startArchive({
    agent,
    init,
    version: Buffer.from(`${version}\n`),
    digest: sha256Hex,
  });
  const packed = zstdCompressSync(start, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  return ok(await store.keep(version, built.value, inBlocks(packed), clock.wall()));
}

/** The kernel skips zeros between archives. */
const inBlocks = (bytes: Uint8Array): Uint8Array =>
  Buffer.concat([bytes, new Uint8Array((512 - (bytes.length % 512)) % 512)]);
