import type { BootImageView } from '../../shared/api/image-views.ts';
import { formatSize } from '../../shared/base/units.ts';
import { answer } from '../core/answer.ts';
import type { World } from '../core/ports.ts';
import { formatMoment } from '../core/relative-time.ts';
import { formatTable } from '../core/table.ts';
import { withHead } from '../core/with-head.ts';

/** As `images use` takes it, instead of a version. */
const newest = 'newest';

export async function listImages(world: World, json: boolean): Promise<number> {
  const images = await withHead(world, ({ api }) => api.images.list());
  answer(world, json, images, () =>
    images.length === 0
      ? [
          'This head keeps no boot image yet; it makes the first one for nightshift media write, netboot on or practice up --driver vm.',
        ]
      : formatTable<BootImageView>(
          [
            { title: 'VERSION', text: ({ version }) => version },
            {
              title: 'MADE',
              text: ({ madeAt }) => formatMoment(madeAt, new Date(madeAt).getTimezoneOffset()),
            },
            { title: 'PACKAGES OF', text: (image) => packagesText(image, world.now()) },
            { title: 'SIZE', align: 'right', text: ({ bytes }) => formatSize(bytes) },
            { title: '', text: useOf, paint: (text) => world.terminal.paint.good(text) },
          ],
          images,
          world.terminal.paint,
        ),
  );
  return 0;
}

/** Made anew of Debian's packages as they are today: kernel, member system, boot loaders. */
export async function buildImage(world: World, json: boolean): Promise<number> {
  world.terminal.progress('Building with today’s packages, which takes some minutes …');
  const images = await withHead(world, ({ api }) => api.images.build());
  world.terminal.progress(null);
  answer(world, json, images, () => {
    const [made] = images;
    const kernel = made?.kernelRelease ? ` with kernel ${made.kernelRelease}` : '';
    return [
      `${made?.version ?? 'The image'} is built of today’s packages${kernel}.`,
      images.some(({ chosen }) => chosen)
        ? 'PCs go on booting the one that was chosen; nightshift images use newest changes that.'
        : 'PCs that start from the network or a floppy boot it from now on; sticks carry the one they were made with, nightshift media write makes new ones.',
    ];
  });
  return 0;
}

function packagesText({ packagesAt, kernelRelease }: BootImageView, now: number): string {
  if (packagesAt === null || packagesAt === undefined) return 'unknown';
  const days = Math.max(0, Math.floor((now - packagesAt) / 86_400_000));
  const day = new Date(packagesAt).toISOString().slice(0, 10);
  const kernel = kernelRelease ? `, kernel ${kernelRelease}` : '';
  return `${day} (${days} day${days === 1 ? '' : 's'} old${kernel})`;
}

export async function useImage(world: World, json: boolean, version: string): Promise<number> {
  const images = await withHead(world, ({ api }) =>
    api.images.use({ version: version === newest ? null : version }),
  );
  answer(world, json, images, () => {
    const used = images.find(({ inUse }) => inUse);
    if (used?.chosen === true)
      return [
        `PCs that start from now on boot ${used.version}; sticks carry the one they were made with, nightshift media write makes new ones.`,
      ];
    return [`PCs that start from now on boot the newest image${used ? `, ${used.version}` : ''}.`];
  });
  return 0;
}

function useOf({ inUse, chosen }: BootImageView): string {
  if (!inUse) return '';
  return chosen ? 'in use, chosen' : 'in use';
}
