import { formatSize } from '../../shared/base/units.ts';
import { answer } from '../core/answer.ts';
import type { World } from '../core/ports.ts';
import { formatTable } from '../core/table.ts';
import { withHead } from '../core/with-head.ts';

export async function listSoftware(world: World, json: boolean): Promise<number> {
  const packs = await withHead(world, ({ api }) => api.software.list());
  answer(world, json, packs, () =>
    packs.length === 0
      ? ['There is no software pack yet; npm start builds the first one.']
      : formatTable(
          [
            { title: 'PACK', text: ({ name }) => name },
            { title: 'VERSION', text: ({ version }) => version },
            { title: 'SIZE', align: 'right', text: ({ bytes }) => formatSize(bytes) },
            {
              title: 'DESCRIPTION',
              text: ({ description }) => description,
              most: 80,
              sentence: true,
            },
          ],
          packs,
          world.terminal.paint,
        ),
  );
  return 0;
}
