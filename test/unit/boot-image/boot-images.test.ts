import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openBootImages, type BootImages } from '../../../src-main/features/boot-images.ts';
import { BootImageStore } from '../../../src-main/platform/system-builder/boot-image-store.ts';
import { systemClock } from '../../../shared/node/system-clock.ts';

let folder: string;
let images: BootImages;
let older: string;
let newer: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-images-'));
  const store = new BootImageStore(join(folder, 'images'));
  const keep = async (letter: string, at: number): Promise<string> => {
    const [kernel, base] = [join(folder, 'kernel'), join(folder, 'base')];
    writeFileSync(kernel, 'kernel');
    writeFileSync(base, letter);
    const sizes = { kernel: 6, initramfs: 1, system: 0 };
    const image = { version: letter.repeat(16), kernel, base, sizes };
    const version = BootImageStore.versionOf(image, [Buffer.from('agent')]);
    await store.keep(version, image, Buffer.from('start'), at);
    return version;
  };
  older = await keep('a', 1000);
  newer = await keep('b', 2000);
  ({ service: images } = openBootImages({
    folder: join(folder, 'images'),
    // Nothing is to be built here.
    cacheDir: join(folder, 'no cache'),
    clock: systemClock(),
    onProgress: () => undefined,
    isQuiet: null,
    log: () => undefined,
  }));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('practice PCs and sticks get the image that was chosen, although a newer one is there', async () => {
  expect(images.use(older).ok).toBe(true);
  const current = await images.current();
  expect(current.ok && current.value.version).toBe(older);
});

test('network boot, which stays on, follows every choice', () => {
  expect(images.kept()?.version).toBe(newer);
  images.use(older);
  expect(images.kept()?.version).toBe(older);
  images.use(null);
  expect(images.kept()?.version).toBe(newer);
});

test('the list says which is in use and whether somebody chose it', () => {
  const size = 'kernel'.length + 'b'.length + 'start'.length;
  expect(images.list()).toEqual([
    { version: newer, madeAt: 2000, bytes: size, inUse: true, chosen: false },
    { version: older, madeAt: 1000, bytes: size, inUse: false, chosen: false },
  ]);
  const rolledBack = images.use(older);
  expect(rolledBack.ok && rolledBack.value.map(({ inUse, chosen }) => [inUse, chosen])).toEqual([
    [false, false],
    [true, true],
  ]);
});
