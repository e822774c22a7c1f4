import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BootImageStore } from '../../../src-main/platform/system-builder/boot-image-store.ts';
import type { BootImage } from '../../../src-main/platform/system-builder/boot-image.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';

let folder: string;
let store: BootImageStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-images-'));
  store = new BootImageStore(join(folder, 'images'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function built(version: string): BootImage {
  const [kernel, base] = [join(folder, `${version}.kernel`), join(folder, `${version}.base`)];
  writeFileSync(kernel, `kernel ${version}`);
  writeFileSync(base, `base ${version}`);
  return { version, kernel, base, sizes: { kernel: 1, initramfs: 1, system: 1 } };
}
async function keep(letter: string, at: number): Promise<string> {
  const image = built(letter.repeat(16));
  const version = BootImageStore.versionOf(image, [Buffer.from('agent')]);
  await store.keep(version, image, Buffer.from('start'), at);
  return version;
}
const versions = (): readonly string[] => store.list().map(({ version }) => version);

test('a head without an image has none', () => {
  expect(store.list()).toEqual([]);
  expect(store.chosen).toBeNull();
});

test('an image is kept whole, whatever becomes of the one that was built', async () => {
  const version = await keep('a', 1);
  rmSync(join(folder, `${'a'.repeat(16)}.base`));
  const kept = store.find(version);
  expect(kept && readFileSync(kept.parts[0], 'utf8')).toBe(`base ${'a'.repeat(16)}`);
  expect(kept && readFileSync(kept.parts[1], 'utf8')).toBe('start');
});

test('a new agent alone makes a new version', () => {
  const image = built('a'.repeat(16));
  const [one, two] = ['agent 1', 'agent 2'].map((agent) =>
    BootImageStore.versionOf(image, [Buffer.from(agent)]),
  );
  expect(one).toMatch(/^aaaaaaaa-[0-9a-f]{8}$/);
  expect(one).not.toBe(two);
});

test('the newest comes first, and three are kept', async () => {
  const made = [await keep('a', 1), await keep('b', 2), await keep('c', 3), await keep('d', 4)];
  expect(versions()).toEqual(made.slice(1).reverse());
});

test('what a person rolled back to stays, however old it is', async () => {
  const first = await keep('a', 1);
  expect(store.choose(first)).toEqual({ ok: true, value: null });
  for (const [at, letter] of ['b', 'c', 'd', 'e'].entries()) await keep(letter, 2 + at);
  expect(new BootImageStore(join(folder, 'images')).chosen).toBe(first);
  expect(versions()).toHaveLength(4);
  expect(versions()).toContain(first);
});

test('what PCs boot is never dropped, and is the newest again when nothing is chosen', async () => {
  expect(store.inUse).toBeUndefined();
  const first = await keep('a', 1);
  expect(store.inUse?.version).toBe(first);
  store.choose(first);
  for (const [at, letter] of ['b', 'c', 'd', 'e'].entries()) {
    await keep(letter, 2 + at);
    expect(store.inUse?.version).toBe(first);
  }
  store.choose(null);
  expect(store.inUse?.version).toBe(versions()[0]);
});

test('a head whose clock was set back does not drop what its PCs boot', async () => {
  const newest = await keep('a', 100);
  for (const [at, letter] of ['b', 'c', 'd', 'e'].entries()) await keep(letter, 1 + at);
  expect(store.inUse?.version).toBe(newest);
});

test('always the newest may be wished for before there is any', () => {
  expect(store.choose(null)).toEqual({ ok: true, value: null });
});

test('a version that is not there cannot be chosen, and the answer says what is', async () => {
  const version = await keep('a', 1);
  const chosen = store.choose('00000000-00000000');
  expect(!chosen.ok && refusalWords(chosen.error)).toBe(
    `there is no boot image "00000000-00000000"; this head has ${version}.`,
  );
  expect(store.find('../../etc')).toBeUndefined();
});
