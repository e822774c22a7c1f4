import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../../scripts/project-node.mjs';
import {
  builtAgent,
  builtHead,
  builtUi,
  type Built,
} from '../../../src-main/platform/making-ready/build-when-changed.ts';
import { builtDesktop } from '../../../src-main/platform/making-ready/desktop-app.ts';

/** Of what people, PCs and windows get; packs and the boot image are held by recipe.test.ts and tree.test.ts. */
const artefacts: readonly Built[] = [builtUi, builtAgent, builtHead, builtDesktop];
/** Words that occur in the made-up lab only. */
const madeUp = ['Room 14', 'North building', 'SimulatedLab', 'SimulatedHead', 'SimulatedBridge'];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-artefacts-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As a person runs it by hand, in an environment of their own. */
function make(built: Built, place: string, environment: Record<string, string>): string {
  const into = join(folder, place);
  const [command, ...words] = built.command(into);
  const { NODE_ENV: _ours, ...rest } = process.env;
  const ended = spawnSync(command, words, {
    cwd: projectRoot,
    env: { ...rest, ...environment },
    encoding: 'utf8',
  });
  expect(ended.status, ended.stderr).toBe(0);
  return textOf(into);
}

function textOf(path: string): string {
  if (!statSync(path).isDirectory()) return readFileSync(path, 'latin1');
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).sort();
  return names
    .filter((name) => statSync(join(path, name)).isFile())
    .map((name) => `${name}\n${readFileSync(join(path, name), 'latin1')}`)
    .join('\n');
}

describe.each(artefacts)('the $what', { timeout: 120_000 }, (built) => {
  it('is the same whatever the environment says, and holds nothing made up', () => {
    const name = built.what.replaceAll(' ', '-');
    const plain = make(built, name, {});
    const odd = make(built, `${name}-odd`, {
      NODE_ENV: 'test',
      MODE: 'development',
      NODE_PATH: join(projectRoot, 'test'),
      VITE_USER_NODE_ENV: 'development',
    });
    expect(odd === plain, 'two builds of the same sources differ').toBe(true);
    expect(madeUp.filter((words) => plain.includes(words))).toEqual([]);
  });
});

it('the simulated lab cannot be built at all', () => {
  const vite = join(projectRoot, 'node_modules', 'vite', 'bin', 'vite.js');
  const ended = spawnSync(
    process.execPath,
    [vite, 'build', '--config', 'vite.simulated.config.ts', '--outDir', join(folder, 'simulated')],
    { cwd: projectRoot, encoding: 'utf8' },
  );
  expect(ended.status).not.toBe(0);
  expect(ended.stderr).toContain('served for development only');
});
