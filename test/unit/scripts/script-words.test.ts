// Every script of package.json: asked for help it helps and does nothing, and what it does not know it says.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { projectRoot } from '../../../scripts/project-node.mjs';
import { understandWords } from '../../../scripts/script-words.ts';
import { partWords } from '../../../scripts/tiers.ts';

const { scripts } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
/** Those that are ours, with the words that they bring. */
const ours = Object.entries(scripts)
  .map(([name, command]) => ({ name, words: command.split(' ') }))
  .filter(({ words }) => words[0] === 'node');
const elsewhere = mkdtempSync(join(tmpdir(), 'nightshift-words-'));
afterAll(() => rmSync(elsewhere, { recursive: true, force: true }));

const run = (words: readonly string[], ...more: readonly string[]) => {
  const [, ...rest] = words;
  const args = rest.map((word) => (/\.(ts|mjs)$/.test(word) ? join(projectRoot, word) : word));
  // In a folder of its own, so that whatever it makes by mistake is found.
  return spawnSync(process.execPath, [...args, ...more], {
    ...{ cwd: elsewhere, encoding: 'utf8', timeout: 60_000 },
    env: { ...process.env, NIGHTSHIFT_HOME: join(elsewhere, 'home') },
  });
};

test('the scripts are found', () => expect(ours.length).toBeGreaterThan(10));

describe.each(ours)('npm run $name', ({ words }) => {
  test('-- --help says how it is used, and does nothing', () => {
    const { status, stdout, stderr } = run(words, '--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/npm (run|test|start)/);
    expect(stdout.split('\n').length).toBeLessThan(30);
    expect(readdirSync(elsewhere)).toEqual([]);
  });
});

test('npm start knows, before it installs anything, the very options that it takes', () => {
  const optionsIn = (path: string, text: RegExp): readonly string[] =>
    [
      ...(text.exec(readFileSync(join(projectRoot, path), 'utf8'))?.[1] ?? '').matchAll(
        /[a-z][a-z-]+/g,
      ),
    ]
      .map(([name]) => name)
      .filter((name) => !['type', 'boolean', 'string'].includes(name));
  const known = optionsIn('scripts/start.mjs', /const known = \[([^\]]*)\]/);
  expect(known).toContain('practice');
  expect(known).toEqual(
    optionsIn('src-main/start.ts', /readOptions\([^{]*\{([^}]*(?:\}[^}]*)*?)\n\}\)/),
  );
});

/** These hand what they do not know to vitest and electron-builder, which say so themselves. */
const handsOn = ['test', 'test:vm', 'test:desktop', 'package'];
describe.each(ours.filter(({ name }) => !handsOn.includes(name)))('npm run $name', ({ words }) => {
  test('-- --not-an-option is refused with code 2', () => {
    const { status, stderr } = run(words, '--not-an-option');
    expect(status).toBe(2);
    expect(stderr.split('\n')[0]).toMatch(/--not-an-option/);
    expect(readdirSync(elsewhere)).toEqual([]);
  });
});

test('a word too many is named', () => {
  expect(understandWords(['here', 'there'], {}, 1)).toEqual({
    kind: 'wrong',
    sentence: '"there" is one word too many',
  });
});

test('tiers come first; what follows an option is never taken for one', () => {
  expect(partWords(['vm', '-t', 'lab'])).toEqual({ chosen: ['vm'], forVitest: ['-t', 'lab'] });
  expect(partWords(['unit', 'sim', 'fuzz'])).toEqual({
    chosen: ['unit', 'sim'],
    forVitest: ['fuzz'],
  });
  expect(partWords([])).toEqual({ chosen: [], forVitest: [] });
});
