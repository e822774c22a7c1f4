import {
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  layFilesOver,
  removeFromTree,
  settleTimes,
  volatileFiles,
} from '../../../src-main/platform/system-builder/finish-tree.ts';
import { sourceDate } from '../../../src-main/platform/system-builder/mmdebstrap.ts';
import { runLines } from '../../../shared/node/run-lines.ts';
import {
  treeChanges,
  writeTreeManifest,
} from '../../../src-main/platform/system-builder/tree-manifest.ts';

let folder: string;
let tree: string;
let manifest: string;
const packaged = 1_700_000_000;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-tree-'));
  tree = join(folder, 'tree');
  manifest = join(folder, 'manifest');
  mkdirSync(join(tree, 'etc/ssh'), { recursive: true });
  mkdirSync(join(tree, 'var/log/apt'), { recursive: true });
  for (const file of ['etc/passwd', 'etc/passwd-', 'etc/ssh/ssh_host_rsa_key', 'var/log/apt/log']) {
    writeFileSync(join(tree, file), file);
  }
  symlinkSync('passwd', join(tree, 'etc/link'));
  utimesSync(join(tree, 'etc/passwd'), packaged, packaged);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a finished tree', () => {
  it('has lost what differs from build to build, and nothing else', async () => {
    await removeFromTree(tree, volatileFiles);
    await writeTreeManifest(tree, manifest);
    const paths = readFileSync(manifest, 'utf8').match(/"[^"]+"/g);
    expect(paths).toEqual(
      ['etc', 'etc/link', 'etc/passwd', 'etc/ssh', 'var', 'var/log'].map((path) => `"${path}"`),
    );
  });

  it('is the same whoever builds it, also a person whose files nobody else may read', async () => {
    const before = process.umask(0o077);
    try {
      const content = new TextEncoder().encode('ours');
      await layFilesOver(tree, [{ path: 'opt/a/b/hosts', executable: false, content }]);
      await runLines(['mkdir', join(tree, 'opt/c')]);
    } finally {
      process.umask(before);
    }
    const modeOf = (path: string): number => statSync(join(tree, path)).mode & 0o777;
    expect(['opt', 'opt/a', 'opt/a/b', 'opt/c'].map(modeOf)).toEqual([0o755, 0o755, 0o755, 0o755]);
    expect(modeOf('opt/a/b/hosts')).toBe(0o644);
  });

  it('has the files of the recipe, with modes of its own, never through a link', async () => {
    const content = new TextEncoder().encode('ours');
    await layFilesOver(tree, [
      { path: 'etc/link', executable: false, content },
      { path: 'usr/lib/nightshift/run', executable: true, content },
    ]);
    expect(readFileSync(join(tree, 'etc/passwd'), 'utf8')).toBe('etc/passwd');
    expect(statSync(join(tree, 'etc/link')).mode & 0o777).toBe(0o644);
    expect(statSync(join(tree, 'usr/lib/nightshift/run')).mode & 0o777).toBe(0o755);
  });

  it('bears the source date where the build wrote, and the time of the package elsewhere', async () => {
    await settleTimes(tree, packaged * 1000 + 1);
    expect(statSync(join(tree, 'etc/passwd-')).mtimeMs).toBe(sourceDate * 1000);
    expect(statSync(join(tree, 'etc')).mtimeMs).toBe(sourceDate * 1000);
    expect(statSync(join(tree, 'etc/passwd')).mtimeMs).toBe(packaged * 1000);
  });
});

describe('the manifest of a tree', () => {
  beforeEach(() => writeTreeManifest(tree, manifest));
  const changedPaths = async (): Promise<readonly string[]> => [
    ...new Set((await treeChanges(tree, manifest)).map((line) => line.split('"')[1] ?? '')),
  ];

  it('finds nothing where nothing wrote', async () => {
    expect(await treeChanges(tree, manifest)).toEqual([]);
  });

  it('finds a file that was changed in place', async () => {
    writeFileSync(join(tree, 'etc/passwd'), 'etc/passwD');
    expect(await changedPaths()).toEqual(['etc/passwd']);
  });

  it('finds a new file and the folder it came into', async () => {
    writeFileSync(join(tree, 'var/new'), '');
    lutimesSync(join(tree, 'var'), 1, 1);
    expect((await changedPaths()).toSorted()).toEqual(['var', 'var/new']);
  });

  it('finds a file that is gone', async () => {
    rmSync(join(tree, 'etc/passwd-'));
    expect(await changedPaths()).toContain('etc/passwd-');
  });
});
