import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemCacheDir } from '../../shared/domain/system-cache.ts';
import { hours, mebibytes } from '../../shared/base/units.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import { identityPart } from '../../src-main/features/boot-images.ts';
import { encodeCpio } from '../../src-main/core/boot-image/cpio.ts';
import { BootImageStore } from '../../src-main/platform/system-builder/boot-image-store.ts';
import { labNames } from '../../src-main/platform/practice/lab-names.ts';
import { chooseAccelerator } from '../../src-main/platform/practice/vm/accelerator.ts';
import { rootlessNetwork } from '../../src-main/platform/practice/vm/vm-network.ts';
import { buildBootImage } from '../../src-main/platform/system-builder/boot-image.ts';
import { RealLab } from '../lab/practice/real-lab.ts';
import { waitUntil } from '../lab/wait-until.ts';
import { secondsToBareShell } from './bare-shell.ts';
import type { Section } from './figure.ts';
import { median } from './medians.ts';

const pairs = 3;
const pc = { driver: 'vm', cpus: 2, memory: mebibytes(2048) } as const;
/** What a PC uses is looked at for this long after it is ready, and the most counts. Milliseconds. */
const settles = 15_000;
const patience = 300_000;
const MiB = 1024 * 1024;

/**
 * The image by part; kernel start → ready at a real head, beside the same kernel to a bare shell in a PC of the same make,
 * in turns; memory in use when ready. Both times are what the guest's own kernel counted since it began, so that firmware
 * and QEMU's loading of the image are in neither.
 */
export async function benchBoot(): Promise<Section> {
  await using lab = await RealLab.open(0);
  const readies: number[] = [];
  const shells: number[] = [];
  const ratios: number[] = [];
  const used: number[] = [];
  await lab.api.practice.up({ pcs: 1, ...pc });
  const [image] = new BootImageStore(join(lab.home, 'images')).list();
  if (!image) throw new Error('the head keeps no boot image');
  const accelerator = await chooseAccelerator(join(lab.home, 'practice', 'vm'), image.kernel);
  const built = await buildBootImage({
    cacheDir: systemCacheDir(process.env),
    onProgress: () => undefined,
    encodeArchive: encodeCpio,
  });
  if (!built.ok) throw new Error(refusalWords(built.error));
  const network = rootlessNetwork(labNames(lab.home));
  if (!network.ok) throw new Error(refusalWords(network.error));

  for (let round = 0; round < pairs; round += 1) {
    if (round > 0) await lab.api.practice.replug({ pc: 'pc-01' });
    const ready = await waitUntil(
      'pc-01 is ready',
      () =>
        Number([...lab.logOf('pc-01').matchAll(/ ready ([\d.]+) s after/g)][round]?.[1]) ||
        undefined,
      { within: patience, picture: () => lab.picture() },
    );
    readies.push(ready);
    used.push(await mostInUse(lab));
    await lab.api.practice.unplug({ pc: 'pc-01' });
    const shell = await secondsToBareShell({
      ...pc,
      accelerator,
      folder: join(lab.home, 'bare'),
      kernel: image.kernel,
      initramfs: join(dirname(built.value.base), 'initramfs.img'),
      cards: network.value.cards(1).slice(0, 1),
    });
    shells.push(shell);
    ratios.push(ready / shell);
  }

  const identity = identityPart(
    await lab.api.enrolment.issue({ name: null, validFor: hours(24), single: false }),
  ).length;
  const { kernel, initramfs, system } = built.value.sizes;
  const start = statSync(image.parts[1]).size;
  const imageBytes = kernel + initramfs + system + start + identity;
  const readyRamBytes = Math.max(...used);
  const bootRatio = median(ratios);
  return {
    figures: [
      {
        what: 'boot image: kernel, small initramfs, system (squashfs), agent and init, identity of the lab',
        value: `${inMiB(imageBytes)}`,
        reference: `${[kernel, initramfs, system, start].map(inMiB).join(' + ')} + ${identity} bytes`,
        goal: '≤ 64 MiB',
      },
      {
        what: `kernel start → ready at the head, ${pc.cpus} processors, ${inMiB(pc.memory)}, ${accelerator}`,
        value: `median ${median(readies).toFixed(1)} s (${readies.map((each) => each.toFixed(1)).join(', ')})`,
        reference: `bare shell ${median(shells).toFixed(1)} s (${shells.map((each) => each.toFixed(1)).join(', ')}) → ${bootRatio.toFixed(2)} times`,
        goal: '≤ 1.5 times',
      },
      {
        what: 'memory in use when ready, before jobs: MemTotal − MemAvailable, the system in RAM included',
        value: inMiB(readyRamBytes),
        reference: '–',
        goal: '≤ 400 MiB',
      },
    ],
    json: {
      imageBytes,
      imageParts: { kernel, initramfs, system, start, identity },
      readySeconds: median(readies),
      shellSeconds: median(shells),
      bootRatio,
      readyRamBytes,
      accelerator,
    },
  };
}

/** As the member's heartbeats tell it; its compressed system and all it wrote lie in RAM and cannot be given up. */
async function mostInUse(lab: RealLab): Promise<number> {
  const until = performance.now() + settles;
  let most = 0;
  await waitUntil(
    'it has settled',
    async () => {
      const { memory, memoryFree } = await lab.machine('pc-01');
      if (memoryFree > 0) most = Math.max(most, memory - memoryFree);
      return performance.now() > until && most > 0;
    },
    { every: 500 },
  );
  return most;
}

const inMiB = (size: number): string => `${(size / MiB).toFixed(1)} MiB`;
