import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { copyFile, link, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { decodeSafely } from '../../../shared/wire/decode-safely.ts';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import type { BootImage } from './boot-image.ts';

/** What PCs of this lab boot: `kernel`, and `parts` one after the other and then an identity as initrd. */
export interface KeptImage {
  /** Of the system and of agent and init, such as `12792fb4-03ab77c1`. */
  readonly version: string;
  readonly madeAt: number;
  /** When its packages were fetched, and its kernel's release; null for one that an older head made. */
  readonly packagesAt: number | null;
  readonly kernelRelease: string | null;
  readonly kernel: string;
  readonly parts: readonly [base: string, start: string];
}

const descriptionSchema = z.object({
  madeAt: z.number(),
  packagesAt: z.number().nullable().default(null),
  kernelRelease: z.string().nullable().default(null),
});
const choiceSchema = z.object({ use: z.string().nullable() });

/** Bytes that a PC fetches, but for its identity. */
export const sizeOfImage = ({ kernel, parts }: KeptImage): number =>
  [kernel, ...parts].reduce((sum, file) => sum + statSync(file).size, 0);

/** Images that a head keeps besides the one in use. */
const spares = 2;

/** A head's own images, below `<home>/images`: what a lab booted last night is there tonight, whatever was built since. */
export class BootImageStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  static versionOf(image: BootImage, start: readonly Uint8Array[]): string {
    const hash = createHash('sha256');
    for (const part of start) hash.update(String(part.length)).update(part);
    return `${image.version.slice(0, 8)}-${hash.digest('hex').slice(0, 8)}`;
  }

  /** Newest first. */
  list(): readonly KeptImage[] {
    const names = existsSync(this.#folder) ? readdirSync(this.#folder) : [];
    return names.flatMap((name) => this.find(name) ?? []).sort((a, b) => b.madeAt - a.madeAt);
  }

  /** What PCs boot of what is there: the chosen one, else the newest. */
  get inUse(): KeptImage | undefined {
    const chosen = this.chosen === null ? undefined : this.find(this.chosen);
    return chosen ?? this.list()[0];
  }

  find(version: string): KeptImage | undefined {
    if (!/^[0-9a-f]{8}-[0-9a-f]{8}$/.test(version)) return undefined;
    const folder = join(this.#folder, version);
    const described = decodeSafely(descriptionSchema, jsonIn(join(folder, 'image.json')));
    if (!described.success) return undefined;
    return {
      version,
      ...described.data,
      kernel: join(folder, 'vmlinuz'),
      parts: [join(folder, 'base.img'), join(folder, 'start.img')],
    };
  }

  /** What a person chose; null: always the newest. */
  get chosen(): string | null {
    const choice = decodeSafely(choiceSchema, jsonIn(join(this.#folder, 'choice.json')));
    return choice.success ? choice.data.use : null;
  }

  /** Rolls back, or forward: from now on PCs boot this one. Null: the newest, as they come. */
  choose(version: string | null): Result<null> {
    if (version !== null && !this.find(version)) {
      const kept = this.list().map((image) => image.version);
      return refuse(
        'not-found',
        `there is no boot image "${version}"; this head has ${kept.join(', ') || 'none yet'}.`,
      );
    }
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const file = join(this.#folder, 'choice.json');
    writeFileSync(`${file}.new`, JSON.stringify({ use: version }));
    renameSync(`${file}.new`, file);
    return ok(null);
  }

  async keep(
    version: string,
    image: BootImage,
    start: Uint8Array,
    madeAt: number,
  ): Promise<KeptImage> {
    const folder = join(this.#folder, version);
    rmSync(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await linkOrCopy(image.kernel, join(folder, 'vmlinuz'));
    await linkOrCopy(image.base, join(folder, 'base.img'));
    await writeFile(join(folder, 'start.img'), start);
    // Last, since it says that the rest is there.
    const { packagesAt = null, kernelRelease = null } = image;
    const description = JSON.stringify({ madeAt, packagesAt, kernelRelease });
    await writeFile(join(folder, 'image.json'), description);
    const kept = this.find(version);
    if (!kept) throw new Error(`the boot image ${version} vanished`);
    this.#dropOldest(version);
    return kept;
  }

  /** Never what PCs boot now. */
  #dropOldest(newest: string): void {
    const inUse = this.inUse?.version;
    const others = this.list().filter(({ version }) => version !== newest && version !== inUse);
    for (const { version } of others.slice(spares))
      rmSync(join(this.#folder, version), { recursive: true, force: true });
  }
}

/** Why what a person chose cannot be read, and what to do: the newest image may be the very one they went back from. Null: it can. */
export function imageChoiceFault(folder: string): string | null {
  const path = join(folder, 'choice.json');
  if (!existsSync(path) || decodeSafely(choiceSchema, jsonIn(path)).success) return null;
  return `The choice of a boot image ${path} is damaged; put the file back from a backup, or delete it to boot the newest image (nightshift images shows them).`;
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to)); // another file system
}

function jsonIn(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch {
    return undefined;
  }
}
