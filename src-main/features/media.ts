// Boot media as the API offers them: the shell with this machine's drives, files and built images.
import { usualPcs } from '../../shared/api/token-views.ts';
import { readFile, stat } from 'node:fs/promises';
import { ok, type Result } from '../../shared/base/result.ts';
import { hours, type EpochMillis } from '../../shared/base/units.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Rng } from '../../shared/ports/rng.ts';
import { identityPart, type BootImages } from './boot-images.ts';
import { driveRules } from '../core/boot-image/drive-safety.ts';
import { sha256Hex } from '../../shared/node/sha256-hex.ts';
import type { LabZone } from '../core/boot-image/pc-clock.ts';
import type { ImageFile } from '../core/boot-image/stick-image.ts';
import type { Enrolment } from './enrolment.ts';
import type { Feature } from './feature.ts';
import { fileContents } from '../platform/drives/file-contents.ts';
import { imageFiles } from '../platform/drives/image-files.ts';
import { drivesHere } from '../platform/drives/drives-here.ts';
import { buildBootLoaders, type BootLoaders } from '../platform/system-builder/boot-loaders.ts';
import { MediaShell, type MediaPorts } from '../shells/media-shell.ts';

export interface MediaParts {
  readonly lab: string;
  readonly cacheDir: string;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly images: BootImages;
  readonly issueIdentity: Enrolment['issueBootIdentity'];
  /** The head's own, `host:port`. */
  readonly address: () => string;
  readonly serveFloppies: MediaPorts['serveFloppies'];
}

export function openMedia(parts: MediaParts): Feature<MediaShell> {
  const { lab, clock, rng, images, issueIdentity, address, serveFloppies } = parts;
  const loaders = (onLine: (line: string) => void): Promise<Result<BootLoaders>> =>
    buildBootLoaders({
      cacheDir: parts.cacheDir,
      onProgress: ({ step, line }) => onLine(`${step}: ${line}`),
    });
  const stickMaterial: MediaPorts['stickMaterial'] = async (onLine) => {
    const found = await loaders(onLine);
    if (!found.ok) return found;
    onLine('boot image: looking for the newest');
    const image = await images.current();
    if (!image.ok) return image;
    const [base, start] = image.value.parts;
    const { boot, stickCore, shim, grub, mokManager } = found.value;
    return ok({
      loaders: {
        boot: await readFile(boot),
        core: await readFile(stickCore),
        shim: await sized(shim),
        grub: await sized(grub),
        mokManager: await sized(mokManager),
      },
      kernel: await sized(image.value.kernel),
      parts: [await sized(base), await sized(start)],
    });
  };
  const service = new MediaShell({
    lab,
    clock,
    rng,
    drives: drivesHere(driveRules),
    files: imageFiles,
    contents: fileContents,
    digest: sha256Hex,
    stickMaterial,
    floppyLoaders: async (onLine) => {
      const found = await loaders(onLine);
      if (!found.ok) return found;
      const { boot, floppyCore, ipxe } = found.value;
      return ok({
        boot: await readFile(boot),
        core: await readFile(floppyCore),
        ipxe: await readFile(ipxe),
      });
    },
    identity: ({ validFor, address: wished, mostPcs }) =>
      identityPart(
        issueIdentity({
          ...{ name: null, validFor, single: false, address: wished ?? address() },
          ...{ label: 'boot media', mostPcs: mostPcs ?? usualPcs },
        }),
      ),
    serveFloppies,
    zone: () => labZone(clock.wall()),
  });
  return { service };
}

/** This machine's, with every offset that it has within a year. */
function labZone(now: EpochMillis): LabZone {
  const offsets = Array.from({ length: 12 }, (_, month) => {
    const at = new Date(now + hours(24 * 30 * month));
    return -at.getTimezoneOffset();
  });
  return {
    name: Intl.DateTimeFormat().resolvedOptions().timeZone,
    offsets: [...new Set(offsets)],
  };
}

async function sized(file: string): Promise<ImageFile> {
  return { file, size: (await stat(file)).size };
}
