import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';
import tseslint from 'typescript-eslint';
import { projectRoot } from '../../../scripts/project-node.mjs';

// Without types, so that the offenders below need not exist as files.
const eslint = new ESLint({
  cwd: projectRoot,
  overrideConfig: [tseslint.configs.disableTypeChecked],
});

async function complaints(path: string, text: string): Promise<readonly string[]> {
  const [result] = await eslint.lintText(text, { filePath: path });
  return (result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message);
}

describe('lint notices', () => {
  it.each([
    ['shared/domain/job.ts', 'export const a = Date.now();', 'no-restricted-syntax'],
    ['shared/domain/job.ts', 'export const a = new Date();', 'no-restricted-syntax'],
    ['src-main/core/jobs/queue.ts', 'export const a = Math.random();', 'no-restricted-syntax'],
    ['src-main/shells/jobs.ts', 'setTimeout(() => {}, 1);', 'no-restricted-globals'],
    ['src-member/core/lease.ts', 'setInterval(() => {}, 1);', 'no-restricted-globals'],
    ['shared/wire/codec.ts', 'export const a = Math.random();', 'no-restricted-syntax'],
    ['src-main/core/jobs/queue.ts', `export const a = JSON.parse('1');`, 'no-restricted-syntax'],
    ['src-main/head.ts', `export const a = JSON.parse('1');`, 'no-restricted-syntax'],
    ['src-cli/commands/jobs.ts', `export const a = JSON.parse('1');`, 'no-restricted-syntax'],
    ['src-main/core/jobs/queue.ts', `import 'node:fs';`, 'no-restricted-imports'],
    ['src-main/shells/jobs.ts', `import 'fs';`, 'no-restricted-imports'],
    ['src-cli/commands/jobs.ts', `import 'node:fs';`, 'no-restricted-imports'],
    ['src-renderer/views/lab.ts', `import 'electron';`, 'no-restricted-imports'],
    [
      'src-main/desktop/main.ts',
      `import { ipcMain } from 'electron';\nipcMain;`,
      'no-restricted-imports',
    ],
    ['src-main/platform/a.ts', `export default 1;`, 'no-restricted-syntax'],
    ['src-main/api/a.ts', `export default 1;`, 'no-restricted-syntax'],
    [
      'test/lab/a.test.ts',
      'await new Promise((done) => setTimeout(done, 100));',
      'no-restricted-syntax',
    ],
    ['test/lab/a.test.ts', `import 'node:timers/promises';`, 'no-restricted-imports'],
    ['test/unit/a.test.ts', `vi.mock('./a.ts');`, 'no-restricted-syntax'],
    ['src-main/core/a.ts', 'export const a: any = 1;', '@typescript-eslint/no-explicit-any'],
  ])('in %s: %s', async (path, text, rule) => {
    expect(await complaints(path, text)).toContain(rule);
  });

  it.each([
    ['src-main/platform/clock.ts', `import 'node:fs';\nexport const a = Date.now();`],
    ['src-main/api/http.ts', `import 'ws';\nexport const a: unknown = JSON.parse('1');`],
    ['src-main/head.ts', `import 'node:fs';`],
    ['src-member/platform/crun.ts', `export const a: unknown = JSON.parse('1');`],
    ['shared/wire/codec.ts', `export const a: unknown = JSON.parse('1');`],
    ['test/bench/boot.ts', 'await new Promise((done) => setTimeout(done, 100));'],
    ['vitest.config.ts', 'export default {};'],
  ])('nothing in %s: %s', async (path, text) => {
    expect(await complaints(path, text)).toEqual([]);
  });
});
