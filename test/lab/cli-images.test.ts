import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { ran } from './command-line.ts';
import { scenes } from '../../src-sim/scenes/scenes.ts';
import { evening, ServedHead } from '../served-head.ts';

process.env['TZ'] = 'UTC';

const folder = mkdtempSync(join(tmpdir(), 'nightshift-cli-'));
const head = new ServedHead(join(folder, 'home'), scenes.empty(evening));
const golden = async (...words: string[]): Promise<string> => {
  const { exitCode, out, err } = await ran(head, ...words);
  return `${out}${err === '' ? '' : `--- stderr\n${err}`}=== ${exitCode}`;
};

beforeAll(() => head.start());
afterAll(async () => {
  await head.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  head.around.images = [
    {
      ...{ version: '14b00948-77c103ab', madeAt: evening - 60_000, bytes: 66_200_000 },
      ...{ inUse: true, chosen: false },
    },
    {
      ...{ version: '12792fb4-03ab77c1', madeAt: evening - 86_400_000, bytes: 66_400_000 },
      ...{ inUse: false, chosen: false },
    },
  ];
});

it('what PCs boot is a table of versions', async () => {
  expect(await golden('images')).toMatchInlineSnapshot(`
    "VERSION            MADE              PACKAGES OF      SIZE
    14b00948-77c103ab  2026-11-21 22:29  unknown      63.1 MiB  in use
    12792fb4-03ab77c1  2026-11-20 22:30  unknown      63.3 MiB
    === 0"
  `);
});

it('a head without any says when it makes the first one', async () => {
  head.around.images = [];
  expect(await golden('images')).toMatchInlineSnapshot(`
    "This head keeps no boot image yet; it makes the first one for nightshift media write, netboot on or practice up --driver vm.
    === 0"
  `);
});

it('a technician goes back to the version of yesterday, and later to the newest', async () => {
  expect(await golden('images', 'use', '12792fb4-03ab77c1')).toMatchInlineSnapshot(`
    "PCs that start from now on boot 12792fb4-03ab77c1; sticks carry the one they were made with, nightshift media write makes new ones.
    === 0"
  `);
  expect(await golden('images')).toMatchInlineSnapshot(`
    "VERSION            MADE              PACKAGES OF      SIZE
    14b00948-77c103ab  2026-11-21 22:29  unknown      63.1 MiB
    12792fb4-03ab77c1  2026-11-20 22:30  unknown      63.3 MiB  in use, chosen
    === 0"
  `);
  expect(await golden('images', 'use', 'newest')).toMatchInlineSnapshot(`
    "PCs that start from now on boot the newest image, 14b00948-77c103ab.
    === 0"
  `);
});

it('a version that is not kept is refused with those that are', async () => {
  expect(await golden('images', 'use', 'deadbeef-deadbeef')).toMatchInlineSnapshot(`
    "--- stderr
    nightshift: there is no boot image "deadbeef-deadbeef"; this head has 14b00948-77c103ab, 12792fb4-03ab77c1.
    === 2"
  `);
  expect(await golden('images', 'sideways')).toMatchInlineSnapshot(`
    "--- stderr
    nightshift: too many arguments for "images". Expected 0 arguments but got 1: sideways; see nightshift images --help.
    === 2"
  `);
  expect(await golden('images', 'use')).toMatchInlineSnapshot(`
    "--- stderr
    nightshift: missing required argument "version"; see nightshift images use --help.
    === 2"
  `);
});

it('programs read the same as one value', async () => {
  expect(JSON.parse((await ran(head, 'images', '--json')).out)).toEqual(head.around.images);
  const used = await ran(head, 'images', 'use', '12792fb4-03ab77c1', '--json');
  expect(JSON.parse(used.out)).toMatchObject([
    { inUse: false, chosen: false },
    { version: '12792fb4-03ab77c1', inUse: true, chosen: true },
  ]);
});
