// Software packs: what ships with this head, and the images that members fetch when a task needs one.
import { httpPaths } from '../../shared/api/http-paths.ts';
import { refuse, type Result } from '../../shared/base/result.ts';
import { packRoutes } from '../api/pack-routes.ts';
import { shippedPackNames, shippedSoftware } from '../platform/making-ready/shipped-software.ts';
import type { OnProgress } from '../platform/system-builder/build-progress.ts';
import { buildPackImage, type PackImage } from '../platform/system-builder/pack-image.ts';
import type { Feature, Routes } from './feature.ts';

export interface Software {
  /** Packs that members may ask for. */
  readonly names: readonly string[];
  list(): ReturnType<typeof shippedSoftware>;
  /** Built when it is not there yet. */
  image(name: string): Promise<Result<PackImage>>;
}

export function openSoftware(
  cacheDir: string,
  routes: Routes,
  onProgress: OnProgress,
): Feature<Software> {
  const names = shippedPackNames();
  const image = async (name: string): Promise<Result<PackImage>> =>
    names.includes(name)
      ? buildPackImage({ name, cacheDir, onProgress })
      : refuse('not-found', `There is no software pack "${name}".`);
  routes.route(httpPaths.pack, packRoutes(image));
  return { service: { names, list: () => shippedSoftware(cacheDir), image } };
}
