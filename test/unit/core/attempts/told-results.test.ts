import { describe, expect, test } from 'vitest';
import { encodeResultLine } from '../../../../shared/wire/result-lines.ts';
import { largestTree } from '../../../../shared/domain/tree.ts';
import { ToldResults } from '../../../../src-main/core/attempts/told-results.ts';
import { hashOf } from '../told-lab.ts';

const file = (path: string) => ({ path, hash: hashOf('a'), size: 1, executable: false });
const lines = [
  encodeResultLine(file('a')),
  encodeResultLine({ kind: 'folder', path: 'ü', mode: 0o755, mtime: '1' }),
  encodeResultLine(file('b')),
];
const text = lines.map((line) => (line.endsWith('\n') ? line : `${line}\n`)).join('');

describe('a list of results', () => {
  test('is read in pieces of any length', () => {
    for (let length = 1; length <= text.length; length += 1) {
      const told = new ToldResults();
      for (let at = 0; at < text.length; at += length)
        expect(told.read(text.slice(at, at + length)).ok).toBe(true);
      expect(told.end().ok).toBe(true);
      expect(told.outputs.map(({ path }) => path)).toEqual(['a', 'b']);
      expect(told.nodes).toMatchObject([{ kind: 'folder', path: 'ü' }]);
    }
  });

  test('may be empty', () => {
    const told = new ToldResults();
    expect([told.read('').ok, told.end().ok, told.outputs.length]).toEqual([true, true, 0]);
  });

  test('that breaks off is none', () => {
    const told = new ToldResults();
    told.read(text.slice(0, -1));
    expect(told.end()).toMatchObject({ ok: false, error: { kind: 'misuse' } });
  });

  test.each(['{}\n', 'nonsense\n', '\n', '[]\n', `${'x'.repeat(5000)}\n`])(
    'with a line that is none is none: %j',
    (line) => {
      const refused = new ToldResults().read(`${text}${line}${text}`);
      expect(refused).toMatchObject({ ok: false, error: { kind: 'misuse' } });
      // What somebody else wrote is quoted shortly.
      expect(JSON.stringify(refused).length).toBeLessThan(400);
    },
  );

  test('is as long as a tree may be, and no longer', () => {
    const told = new ToldResults();
    const line = `${(lines[0] ?? '').replace(/\n$/, '')}\n`;
    expect(told.read(line.repeat(largestTree)).ok).toBe(true);
    expect(told.read(line).ok).toBe(false);
  });
});
