import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { ran } from './command-line.ts';
import { scenes } from '../../src-sim/scenes/scenes.ts';
import { evening, ServedHead } from '../served-head.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightshift-cli-'));
let head: ServedHead;
const said = async (...words: string[]): Promise<string> => {
  const { exitCode, out, err } = await ran(head, ...words);
  return `${out}${err}=== ${exitCode}`;
};
const table = join(folder, 'seats.csv');

afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => head.stop());
beforeEach(async () => {
  head = new ServedHead(mkdtempSync(join(folder, 'home-')), scenes.small(evening));
  await head.start();
  head.lab.shell.giveSeats([
    { machine: 'pc-01', seat: { room: 'Room 12', row: 1, place: 4 } },
    { machine: '52:54:00:00:00:03', seat: { room: 'Room 12', row: 2, place: 1 } },
  ]);
});

it('seats are a table, by room, row and place', async () => {
  expect(await said('seats')).toMatchInlineSnapshot(`
    "SEAT         MACHINE       MAC
    Room 12/1/4  pc-01         52:54:00:00:00:01
    Room 12/2/1  not here yet  52:54:00:00:00:03
    -            pc-02         52:54:00:00:00:02
    === 0"
  `);
});

it('what was exported is imported again as it is', async () => {
  expect(await said('seats', 'export', '--to', table)).toBe(`${table} has 3 PCs.\n=== 0`);
  expect((await ran(head, 'seats', 'export')).out).toBe(readFileSync(table, 'utf8'));
  const before = await said('seats');
  expect(await said('seats', 'import', table)).toBe(
    `3 PCs read from ${table}; nothing was new.\n=== 0`,
  );
  await said('seats', 'clear', '--all');
  expect(await said('seats', 'import', table)).toBe(
    `3 PCs read from ${table}; 2 seats changed.\n=== 0`,
  );
  expect(await said('seats')).toBe(before);
});

it('a table that cannot be read says which line, and nothing is sent', async () => {
  writeFileSync(table, 'mac,room,row,place\n52:54:00:00:00:01,Room 12,one,4\n');
  expect(await said('seats', 'import', table)).toBe(
    `nightshift: ${table}: line 2: the row "one" is none; rows and places are numbers from 1 to 999.\n=== 2`,
  );
  expect(head.calls).toEqual([]);
});

it('one PC is given a seat, or loses it', async () => {
  expect(await said('seats', 'set', 'pc-02', 'Room 12/1/5')).toBe(
    'pc-02 stands at Room 12/1/5.\n=== 0',
  );
  expect(await said('seats', 'clear', 'pc-02')).toContain('without a seat from now on.\n=== 0');
  expect(await said('seats', 'set', 'pc-02', 'somewhere')).toBe(
    'nightshift: "somewhere" is no seat; write room, row and place as in "Room 12/1/4".\n=== 2',
  );
  expect(await said('seats', 'clear')).toBe(
    'nightshift: name the PCs, or write --all for every one (not both).\n=== 2',
  );
});
