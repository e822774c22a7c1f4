import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bundle } from '../../../scripts/bundle.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightshift-bundle-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a program of one file', () => {
  it.each(['src-main/run-head.ts', 'src-main/desktop/main.ts', 'src-member/agent.ts'])(
    'is ASCII, so that V8 keeps it at one byte a character: %s',
    async (entry) => {
      expect(await bundle(entry, join(folder, 'program.mjs'), '', ['electron'])).toBeGreaterThan(0);
    },
  );

  it('is refused when a sign beyond ASCII is left in it, with the place', async () => {
    const entry = join(folder, 'hours.ts');
    writeFileSync(entry, 'export const between = /[-\u2013]/.test(process.argv.join());\n');
    await expect(bundle(entry, join(folder, 'hours.mjs'))).rejects.toThrow('/[-\u2013]/');
  });
});
