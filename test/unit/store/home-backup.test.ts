import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { headHome } from '../../../src-main/platform/home/head-home.ts';
import {
  backUpHome,
  dropHalfMade,
  restoreHome,
} from '../../../src-main/platform/home/home-backup.ts';
import { factsOf } from '../identity/member-facts.ts';
import { happenings, makeHome, openInFull, type HomeInUse } from './home-to-damage.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nightshift-backup-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function opened(home: string): Promise<HomeInUse> {
  const result = await openInFull(home);
  if (!result.ok) throw new Error(refusalWords(result.error));
  return result.value;
}
const told = async (home: string): Promise<unknown> => {
  const lab = await opened(home);
  await lab.close();
  return JSON.parse(JSON.stringify(lab));
};

it.each(['copy', 'copy.tar'])(
  'a lab that is copied to %s while its head runs goes on elsewhere from that moment',
  async (name) => {
    const home = join(folder, 'home');
    await makeHome(home, 'Room 12');
    const before = await told(home);
    const running = await opened(home);
    const copy = join(folder, name);
    expect(await backUpHome(headHome(home), copy)).toMatchObject({ ok: true });
    await running.play(happenings(factsOf('52:54:00:00:00:03')));
    await running.close();
    // And what is copied does not lie open.
    expect(statSync(copy).mode & 0o077).toBe(0);

    const elsewhere = join(folder, 'elsewhere');
    expect(await restoreHome(copy, headHome(elsewhere))).toEqual({ ok: true, value: null });
    expect(await told(elsewhere)).toEqual(before);
    expect(await told(home)).not.toEqual(before);
  },
);

it('nothing is ever written over: neither a copy that is there, nor a home, however damaged', async () => {
  const home = join(folder, 'home');
  await makeHome(home, 'Room 12');
  const copy = join(folder, 'copy');
  expect((await backUpHome(headHome(home), copy)).ok).toBe(true);
  const again = await backUpHome(headHome(home), copy);
  expect(again.ok ? '' : refusalWords(again.error)).toMatch(
    /copy is there already; name a new folder/,
  );
  writeFileSync(join(home, 'lab.sqlite'), '');
  const restored = await restoreHome(copy, headHome(home));
  expect(restored.ok ? '' : refusalWords(restored.error)).toMatch(
    /home holds something already, and nothing is ever written over it; stop its head, move the folder away/,
  );
  expect(readFileSync(join(home, 'lab.sqlite'), 'utf8')).toBe('');
});

it('what is no backup, and a home that is damaged itself, are refused before anything is there', async () => {
  const home = join(folder, 'home');
  await makeHome(home, 'Room 12');
  mkdirSync(join(folder, 'nothing'));
  writeFileSync(join(folder, 'no.tar'), 'no archive');
  for (const name of ['nothing', 'no.tar', 'missing']) {
    const restored = await restoreHome(join(folder, name), headHome(join(folder, 'elsewhere')));
    expect(restored.ok ? '' : refusalWords(restored.error)).toMatch(/\.$/);
    expect(existsSync(join(folder, 'elsewhere'))).toBe(false);
  }
  const bytes = readFileSync(join(home, 'lab.sqlite'));
  writeFileSync(join(home, 'lab.sqlite'), bytes.fill(0, 0, 100));
  rmSync(join(home, 'lab.sqlite-wal'));
  const copied = await backUpHome(headHome(home), join(folder, 'copy'));
  expect(copied.ok ? '' : refusalWords(copied.error)).toMatch(/\.$/);
  expect(existsSync(join(folder, 'copy'))).toBe(false);
});

it.each(['copy', 'copy.tar'])(
  'what is a hole in a result stays one in %s, and where that is brought back',
  async (name) => {
    const home = join(folder, 'home');
    await makeHome(home, 'Room 12');
    const blob = join('blobs', 'ab', 'ab'.repeat(32));
    mkdirSync(join(home, 'blobs', 'ab'), { recursive: true });
    writeFileSync(join(home, blob), 'the end of little');
    const size = 4 * 2 ** 30;
    truncateSync(join(home, blob), size);
    const copy = join(folder, name);
    expect(await backUpHome(headHome(home), copy)).toMatchObject({ ok: true });
    const elsewhere = join(folder, 'elsewhere');
    expect(await restoreHome(copy, headHome(elsewhere))).toEqual({ ok: true, value: null });
    expect(statSync(join(elsewhere, blob)).size).toBe(size);
    const copied = name === 'copy.tar' ? copy : join(copy, blob);
    for (const path of [copied, join(elsewhere, blob)])
      expect(statSync(path).blocks * 512).toBeLessThan(16 * 2 ** 20);
  },
);

it('a copy that is ended half-way leaves nothing of itself', async () => {
  const home = join(folder, 'home');
  await makeHome(home, 'Room 12');
  const halves = (): string[] => readdirSync(folder).filter((name) => /copy/.test(name));
  const ended = backUpHome(headHome(home), join(folder, 'copy.tar'));
  expect(halves()).not.toEqual([]);
  dropHalfMade();
  expect(halves()).toEqual([]);
  expect((await ended).ok).toBe(false);
  expect(halves()).toEqual([]);
});
