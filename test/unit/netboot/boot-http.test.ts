import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { PlainBootServer } from '../../../src-main/platform/netboot/boot-http.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightshift-boot-http-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('network boot that stays on serves the image that is in use when a PC asks', async () => {
  const image = (version: string) => {
    const [kernel, part] = [join(folder, `${version}.kernel`), join(folder, `${version}.part`)];
    writeFileSync(kernel, `kernel of ${version}`);
    writeFileSync(part, `image of ${version}`);
    return { kernel, image: [part] };
  };
  const [older, newer] = [image('older'), image('newer')];
  let inUse = newer;
  const opened = await new PlainBootServer(() => 0).open(
    ['127.0.0.1'],
    {
      get kernel() {
        return inUse.kernel;
      },
      get image() {
        return inUse.image;
      },
      identity: () => new Uint8Array(0),
    },
    { entrance: () => '', script: () => '', sight: () => undefined },
  );
  if (!opened.ok) throw new Error(refusalWords(opened.error));
  const fetched = async (name: string): Promise<string> =>
    (await fetch(`http://127.0.0.1:${opened.value.port}/pc/52:54:00:00:00:01/${name}`)).text();
  expect(await fetched('vmlinuz')).toBe('kernel of newer');
  inUse = older;
  expect([await fetched('vmlinuz'), await fetched('initrd')]).toEqual([
    'kernel of older',
    'image of older',
  ]);
  await opened.value.close();
});
