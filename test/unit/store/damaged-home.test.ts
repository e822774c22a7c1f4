import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  filesOf,
  happenings,
  makeHome,
  openInFull,
  type HomeInUse,
  type LabInHome,
} from './home-to-damage.ts';
import { factsOf } from '../identity/member-facts.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';

/**
 * A damaged home must never open as an empty lab, a younger one, or another one. Every file of a home is damaged in every way
 * that was thought of: gone, empty, cut off, one bit turned, another lab's, unreadable, a folder in its place, its own older
 * copy. Either the lab opens and nothing is missing, or it is refused in one sentence that says what to do, and every file is
 * still what it was.
 */

let folder: string;
let whole: LabInHome;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-damage-'));
  const oldPath = join(folder, 'old');
  await makeHome(oldPath, 'Room 12');
  await makeHome(join(folder, 'other'), 'Room 13');
  // The same lab a night later; it has written every file once more.
  const living = join(folder, 'living');
  cpSync(oldPath, living, { recursive: true });
  const opened = await mustOpen(living);
  opened.issueToken();
  opened.approve();
  await opened.play(happenings(factsOf('52:54:00:00:00:03')));
  cpSync(living, join(folder, 'whole'), { recursive: true });
  await opened.close();
  whole = await look(await copyOf('whole'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let copies = 0;
async function copyOf(template: string): Promise<string> {
  const home = join(folder, `copy-${(copies += 1)}`);
  cpSync(join(folder, template), home, { recursive: true });
  return home;
}

async function mustOpen(home: string): Promise<HomeInUse> {
  const opened = await openInFull(home);
  if (!opened.ok) throw new Error(refusalWords(opened.error));
  return opened.value;
}

async function look(home: string): Promise<LabInHome> {
  const opened = await closed(await mustOpen(home));
  return JSON.parse(JSON.stringify(opened)) as LabInHome;
}

type Damage = (path: string, name: string) => void;

const damages: Readonly<Record<string, Damage>> = {
  missing: (path) => rmSync(path),
  empty: (path) => truncateSync(path),
  'cut off in the middle': (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2)),
  'of which one bit turned': (path) => flip(path, 0.5),
  'of which a bit near its end turned': (path) => flip(path, 0.95),
  'of zeros': (path) => writeFileSync(path, Buffer.alloc(readFileSync(path).length)),
  'of another lab': (path, name) => cpSync(join(folder, 'other', name), path),
  'of the night before': (path, name) => cpSync(join(folder, 'old', name), path),
  'that nobody can read': (path) => {
    rmSync(path);
    symlinkSync(path, path);
  },
  'with a folder in its place': (path) => {
    rmSync(path);
    mkdirSync(path);
  },
};

function flip(path: string, where: number): void {
  const bytes = readFileSync(path);
  const at = Math.floor(bytes.length * where);
  bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  writeFileSync(path, bytes);
}

/** Written anew at every start, or only to say something to others. */
const ownFiles =
  /^(head\.lock|head\.pid|lab\.sqlite-shm|api-token|head\.json|identity\/head\.pem)$/;
/** Blobs are named by what is in them, and looked at by whoever reads one. */
const ofBlobs = /^blobs\//;

const names = [
  'lab.sqlite',
  'lab.sqlite-wal',
  'lab.sqlite-shm',
  'lab.mark',
  'head.lock',
  'head.pid',
  'head.json',
  'api-token',
  'netboot/settings.json',
  'images/choice.json',
  'identity/lab.json',
  'identity/lab-ca.key',
  'identity/lab-ca.pem',
  'identity/head.key',
  'identity/head.pem',
  'identity/tokens.json',
  'identity/known-pcs.json',
];

it('every file of a home is tried', () => {
  const inHome = [...filesOf(join(folder, 'whole')).keys()].filter((name) => !ofBlobs.test(name));
  expect(inHome.sort()).toEqual([...names].sort());
});

/** Where all is as it was although the file is not: it can be made from the others. */
const mendable = [
  /^(head\.lock|head\.pid|head\.json|api-token|lab\.sqlite-shm|identity\/head\.pem) (?!that|with)/,
  /^identity\/lab\.json (missing|empty|cut|of zeros|of the night)/,
  /^identity\/head\.pem/,
  /^head\.(pid|json) that/,
  // Nobody knows whether there was one, and the other says as much: see ARCHITECTURE.md.
  /^(lab\.mark|netboot\/settings\.json|images\/choice\.json) missing/,
  // One of two equal slots, and a mark that is behind its log.
  /^lab\.mark (of the night before|of which)/,
];

describe.each(names)('a home with a %s', (name) => {
  it.each(Object.keys(damages))('%s', async (damage) => {
    const home = await copyOf('whole');
    damages[damage]?.(join(home, name), name);
    const before = filesOf(home);
    const lines: string[] = [];
    const opened = await openInFull(home, 'a new lab', lines);
    if (opened.ok) {
      await opened.value.close();
      const { tokens, known, ...rest } = JSON.parse(JSON.stringify(opened.value)) as LabInHome;
      expect(rest).toEqual({ ...whole, tokens: undefined, known: undefined });
      expect(tokens).toEqual(whole.tokens);
      expect(known).toEqual(whole.known);
      return;
    }
    expect(mendable.some((pattern) => pattern.test(`${name} ${damage}`))).toBe(false);
    const sentence = refusalWords(opened.error);
    expect(sentence).not.toContain('\n');
    expect(sentence).toMatch(/put|delete|move/);
    expect(sentence).toContain(home);
    const after = filesOf(home);
    for (const [file, content] of before) {
      // A store that is whole was opened and closed again before another file was looked at.
      const isStores = file.startsWith('lab.') && !name.startsWith('lab.');
      if (!ownFiles.test(file) && !isStores)
        expect([file, after.get(file) === content]).toEqual([file, true]);
    }
  });
});

it(
  'bytes that turn anywhere in the store are noticed, or hurt nobody',
  { timeout: 240_000 },
  async () => {
    const where = fc.record({
      name: fc.constantFrom('lab.sqlite', 'lab.sqlite-wal', 'lab.mark'),
      at: fc.array(fc.double({ min: 0, max: 0.999_999, noNaN: true }), {
        minLength: 1,
        maxLength: 5,
      }),
      to: fc.integer({ min: 0, max: 255 }),
    });
    await fc.assert(
      fc.asyncProperty(where, async ({ name, at, to }) => {
        const home = await copyOf('whole');
        const path = join(home, name);
        const bytes = readFileSync(path);
        for (const place of at) bytes[Math.floor(place * bytes.length)] = to;
        writeFileSync(path, bytes);
        const opened = await openInFull(home);
        if (opened.ok) {
          await opened.value.close();
          expect(JSON.parse(JSON.stringify(opened.value))).toEqual(
            JSON.parse(JSON.stringify(whole)),
          );
        } else expect(refusalWords(opened.error)).toMatch(/put|delete|move/);
        rmSync(home, { recursive: true });
      }),
      { numRuns: Number(process.env['NIGHTSHIFT_FUZZ_RUNS'] ?? 40) },
    );
  },
);

describe('a store', () => {
  /** Turns bytes in the tables and leaves the log alone: what SQLite itself does not notice. */
  function damageTables(home: string, times: number): void {
    const path = join(home, 'lab.sqlite');
    const db = new DatabaseSync(path);
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    db.close();
    const bytes = readFileSync(path);
    let at = bytes.length;
    for (let turned = 0; turned < times; turned += 1) {
      at = bytes.lastIndexOf('"restartsFromZero"', at - 1);
      if (at < 0) break;
      bytes.write('"restartsFrom????"', at);
    }
    writeFileSync(path, bytes);
  }

  it('whose tables are damaged is made anew from its log, and the damaged file is kept', async () => {
    const home = await copyOf('whole');
    damageTables(home, 40);
    const lines: string[] = [];
    const opened = await openInFull(home, '', lines);
    if (!opened.ok) throw new Error(refusalWords(opened.error));
    await opened.value.close();
    expect(JSON.parse(JSON.stringify(opened.value))).toEqual(JSON.parse(JSON.stringify(whole)));
    expect(lines.join()).toMatch(/was damaged; its log was whole, so its tables were made anew/);
    expect([...filesOf(home).keys()].filter((name) => /\.damaged-/.test(name))).not.toEqual([]);
  });

  it.each(['lab.sqlite', 'lab.sqlite-wal'])(
    'that lost %s, and its mark too, opens with what is left because a person wanted it so',
    async (name) => {
      const home = await copyOf('whole');
      rmSync(join(home, name), { force: true });
      rmSync(join(home, 'lab.sqlite-wal'), { force: true });
      rmSync(join(home, 'lab.mark'));
      renameSync(join(home, 'blobs'), join(home, 'blobs-aside'));
      const opened = await openInFull(home);
      if (!opened.ok) throw new Error(refusalWords(opened.error));
      await opened.value.close();
      expect(opened.value.lab.id).toBe(whole.lab.id);
      expect(opened.value.lastSeq).toBeLessThan(whole.lastSeq);
    },
  );

  it('of which nothing is left does not let the results of its jobs be collected', async () => {
    const home = await copyOf('whole');
    for (const name of ['lab.sqlite', 'lab.sqlite-wal', 'lab.mark']) rmSync(join(home, name));
    const opened = await openInFull(home);
    expect(opened.ok ? '' : refusalWords(opened.error)).toMatch(
      /lab\.sqlite is missing, but .*blobs holds files of a lab; put .* or move .* away/,
    );
  });

  it('whose folder of results is gone is not opened as if there had been none', async () => {
    const home = await copyOf('whole');
    rmSync(join(home, 'blobs'), { recursive: true });
    const opened = await openInFull(home);
    expect(opened.ok ? '' : refusalWords(opened.error)).toMatch(
      /blobs is missing, where the files/,
    );
    mkdirSync(join(home, 'blobs'));
    expect((await mustOpen(home).then(closed)).lastSeq).toBe(whole.lastSeq);
  });

  it('of an older Nightshift, which had neither mark nor sums, opens and has them from then on', async () => {
    const home = await copyOf('whole');
    const db = new DatabaseSync(join(home, 'lab.sqlite'));
    db.exec('DROP TABLE about; DROP TABLE refs; PRAGMA user_version = 1');
    for (const table of ['lab', 'members', 'jobs', 'tasks', 'refs'])
      db.exec(`DROP TABLE base_${table}`);
    for (const table of ['events', 'lab', 'members', 'jobs', 'tasks'])
      db.exec(`ALTER TABLE ${table} DROP COLUMN sum`);
    db.close();
    rmSync(join(home, 'lab.mark'));
    const page = JSON.parse(readFileSync(join(home, 'identity/lab.json'), 'utf8')) as object;
    writeFileSync(
      join(home, 'identity/lab.json'),
      JSON.stringify({ ...page, labKey: undefined, headKey: undefined }),
    );
    for (const name of ['identity/tokens.json', 'identity/known-pcs.json']) {
      const sealed = JSON.parse(readFileSync(join(home, name), 'utf8')) as { content: unknown };
      writeFileSync(join(home, name), JSON.stringify(sealed.content));
    }
    const opened = await closed(await mustOpen(home));
    expect(JSON.parse(JSON.stringify(opened))).toEqual(JSON.parse(JSON.stringify(whole)));
    // And is guarded now.
    rmSync(join(home, 'lab.sqlite'));
    const again = await openInFull(home);
    expect(again.ok ? '' : refusalWords(again.error)).toMatch(
      /lab\.sqlite is missing, but it had come to event 14: a part of it was lost/,
    );
  });

  it('is guarded by an identity that cannot be made anew over the keys that boot media know', async () => {
    const home = await copyOf('whole');
    rmSync(join(home, 'identity'), { recursive: true });
    const opened = await openInFull(home);
    expect(opened.ok ? '' : refusalWords(opened.error)).toMatch(
      /identity cannot be used \(lab-ca\.key is missing\); put the folder back from a backup/,
    );
    expect([...filesOf(home).keys()].filter((name) => name.startsWith('identity/'))).toEqual([]);
  });

  it('without a store keeps the keys of an identity whose page is gone', async () => {
    const home = await copyOf('whole');
    for (const name of ['lab.sqlite', 'lab.sqlite-wal', 'lab.mark', 'identity/lab.json'])
      rmSync(join(home, name));
    renameSync(join(home, 'blobs'), join(home, 'blobs-aside'));
    const key = readFileSync(join(home, 'identity/lab-ca.key'), 'utf8');
    const opened = await openInFull(home);
    expect(opened.ok ? '' : refusalWords(opened.error)).toMatch(/lab\.json is missing or damaged/);
    expect(readFileSync(join(home, 'identity/lab-ca.key'), 'utf8')).toBe(key);
  });
});

async function closed(home: HomeInUse): Promise<LabInHome> {
  await home.close();
  return home;
}
