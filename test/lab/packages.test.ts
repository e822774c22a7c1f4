// A package as people get it, with a stand-in for Electron's runtime: unpacked somewhere else, with nothing of this checkout around.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { chromium } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findChromium } from '../../scripts/chromium.ts';
import { projectRoot } from '../../scripts/project-node.mjs';
import { systemCacheDir } from '../../shared/domain/system-cache.ts';
import { headHome, readHeadJson } from '../../src-main/platform/home/head-home.ts';
import { encodeFrame, readAnswers } from '../../src-main/platform/drives/drive-writer-frames.ts';
import { hours } from '../../shared/base/units.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import { connectToHead } from '../../src-cli/platform/head-connection.ts';
import { practiceSystems } from '../../src-main/platform/making-ready/practice-systems.ts';
import { fusesIn, makeRuntimeStandIn } from './desktop/runtime-stand-in.ts';
import { nobody } from './head/head-process.ts';
import { RealLab } from './practice/real-lab.ts';

const run = promisify(execFile);

let folder: string;
/** The package's own folder, and what of it is ours. */
let tree: string;
let app: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-package-'));
  const [runtime, out] = [join(folder, 'runtime'), join(folder, 'out')];
  const { devDependencies } = JSON.parse(
    readFileSync(join(projectRoot, 'package.json'), 'utf8'),
  ) as { devDependencies: { electron: string } };
  makeRuntimeStandIn(runtime, devDependencies.electron);
  const words = ['scripts/package.ts', '--linux', 'dir', 'tar.gz'];
  const settings = [`-c.electronDist=${runtime}`, `-c.directories.output=${out}`];
  await run(process.execPath, ['--disable-warning=ExperimentalWarning', ...words, ...settings], {
    cwd: projectRoot,
    env: { ...process.env, NODE_ENV: 'production', ELECTRON_BUILDER_COMPRESSION_LEVEL: '1' },
    maxBuffer: 1 << 24,
  });
  const [archive] = globSync('*.tar.gz', { cwd: out });
  await run('tar', ['-xzf', join(out, archive ?? 'none'), '-C', folder]);
  tree = join(folder, (archive ?? '').replace('.tar.gz', ''));
  app = join(tree, 'resources', 'app');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('holds what runs and nothing else, and its runtime is no Node for whoever finds it', () => {
  const files = globSync('**/*', { cwd: app });
  expect(files.filter((path) => /\.ts$|^(src-|test|scripts|shared)/.test(path))).toEqual([]);
  expect(files.filter((path) => path.startsWith('node_modules/node/bin/'))).not.toEqual([]);
  const strays = globSync('node_modules/*', { cwd: app }).filter((path) => !path.endsWith('/node'));
  expect(strays).toEqual([]);
  // Off: Node by environment, NODE_OPTIONS, --inspect, file: pages with rights. On: encrypted cookies. No archive to insist on.
  expect(fusesIn(readFileSync(join(tree, 'nightshift')))).toBe('01000010');
});

test('the unit of systemd starts what is in the package', () => {
  const unit = readFileSync(join(app, 'assets', 'desktop', 'nightshift-head.service'), 'utf8');
  const command = /^ExecStart=(.*)$/m.exec(unit)?.[1]?.split(' ') ?? [];
  const paths = command.filter((word) => word.startsWith('/'));
  expect(paths).toHaveLength(2);
  for (const path of paths)
    expect(existsSync(path.replace('/opt/Nightshift', tree)), path).toBe(true);
});

test('what polkit lets write drives is in the package, does that and nothing else', async () => {
  const policy = readFileSync(
    join(app, 'assets', 'desktop', 'org.nightshift.drives.policy'),
    'utf8',
  );
  const [, named = ''] = /exec\.path">([^<]*)</.exec(policy) ?? [];
  const launcher = named.replace('/opt/Nightshift', tree);
  const child = spawn(launcher, {
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: '/',
    env: { PATH: '' },
  });
  const answers = readAnswers();
  const heard: unknown[] = [];
  child.stdout.on('data', (chunk: Uint8Array) => heard.push(...(answers.push(chunk) ?? ['noise'])));
  child.stdin.write(encodeFrame({ op: 'open', id: 1, path: '/dev/nothing', identity: 'none' }));
  await expect.poll(() => heard.length, { timeout: 20_000 }).toBe(1);
  expect(heard).toMatchObject([{ header: { id: 1, refused: { fault: 'vanished' } } }]);
  child.stdin.end('rm -rf /');
  const [code] = (await once(child, 'exit')) as [number];
  expect(code).toBe(0);
});

test('a head that can build nothing has the boot image, the loaders and the software pack with it', async () => {
  // An ordinary user, and no cache: as on a Windows PC, which has no Debian to build them of.
  chmodSync(folder, 0o755);
  const [home, cache] = [join(folder, 'plain-home'), join(folder, 'no-cache')];
  for (const path of [home, cache]) {
    mkdirSync(path, { mode: 0o700 });
    chownSync(path, nobody, nobody);
  }
  const head = spawn(
    join(app, 'node_modules', 'node', 'bin', 'node'),
    [
      ...['--disable-warning=ExperimentalWarning', join(app, 'dist', 'desktop', 'head.mjs')],
      ...['--home', home, '--port', '0'],
    ],
    {
      ...{ cwd: '/', uid: nobody, gid: nobody, stdio: ['ignore', 'ignore', 'inherit'] },
      env: { PATH: '/usr/bin:/bin', HOME: home, NIGHTSHIFT_CACHE: cache },
    },
  );
  const ended = once(head, 'exit');
  try {
    await expect.poll(() => existsSync(headHome(home).headJson), { timeout: 30_000 }).toBe(true);
    const connected = await connectToHead(home);
    if (!connected.ok) throw new Error(refusalWords(connected.error));
    const { api, close } = connected.value;
    const stick = join(home, 'stick.img');
    const said: unknown[] = [];
    for await (const told of await api.media.image({ validFor: hours(1), file: { path: stick } }))
      said.push(told);
    close();
    expect(said.at(-1)).toMatchObject({ ok: true });
    expect(statSync(stick).size).toBeGreaterThan(60 << 20);
    expect(globSync('**/*.squashfs', { cwd: cache })).toEqual([]);
  } finally {
    head.kill();
    await ended;
  }
});

test('its head runs under plain Node, shows its UI, and plays a task on a practice PC', async () => {
  expect(await practiceSystems(systemCacheDir(process.env), () => undefined)).toMatchObject({
    ok: true,
  });
  const packaged = {
    node: join(app, 'node_modules', 'node', 'bin', 'node'),
    program: join(app, 'dist', 'desktop', 'head.mjs'),
  };
  await using lab = await RealLab.open(1, {}, undefined, packaged);
  const executablePath = findChromium(existsSync);
  const browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: ['--no-sandbox'],
  });
  try {
    const page = await browser.newPage();
    await page.goto(lab.head.facts().browserUrl);
    await page.getByRole('article', { name: 'pc-01' }).getByText('Ready').waitFor();
    const job = await lab.submit(['sh', '-c', 'echo played'], { name: 'practice' });
    await expect.poll(async () => (await lab.job(job)).state, { timeout: 60_000 }).toBe('done');
    const { origin } = new URL(page.url());
    await page.goto(`${origin}/#/jobs/${job}`);
    await page.getByRole('heading', { name: 'practice' }).waitFor();
    const [task] = (await lab.job(job)).tasks;
    expect(await lab.log(task?.id ?? '')).toBe('played\n');
  } finally {
    await browser.close();
  }
});

test('its main process runs the head, shows it, and quits when a person says so', async () => {
  // As it is built, under Node with a stand-in for the module `electron`; root is refused a window.
  const standIn = join(folder, 'electron-module.mjs');
  await build({
    ...{
      entryPoints: [join(import.meta.dirname, 'desktop', 'electron-module.ts')],
      outfile: standIn,
    },
    ...{ bundle: true, platform: 'node', format: 'esm', logLevel: 'warning' },
  });
  const hook = join(folder, 'electron-hook.mjs');
  copyFileSync(join(import.meta.dirname, 'desktop', 'electron-hook.mjs'), hook);
  chmodSync(folder, 0o755);
  const home = join(folder, 'home');
  mkdirSync(home, { mode: 0o700 });
  chownSync(home, nobody, nobody);
  const desktop = spawn(
    join(app, 'node_modules', 'node', 'bin', 'node'),
    [
      ...['--disable-warning=ExperimentalWarning', '--import', hook],
      ...[join(app, 'dist', 'desktop', 'desktop.mjs'), '--home', home, '--port', '0'],
    ],
    {
      ...{ cwd: '/', uid: nobody, gid: nobody, stdio: ['pipe', 'pipe', 'inherit'] },
      env: { PATH: '/usr/bin:/bin', HOME: home, ELECTRON_STAND_IN: standIn },
    },
  );
  try {
    const ended = once(desktop, 'close');
    const lines = createInterface({ input: desktop.stdout })[Symbol.asyncIterator]();
    const seen = async (take = ''): Promise<{ loaded: string[]; tray: string[] }> => {
      desktop.stdin.write(`${take}\n`);
      return JSON.parse(((await lines.next()) as { value: string }).value) as never;
    };
    await expect
      .poll(async () => (await seen()).tray[0], { timeout: 60_000 })
      .toBe('No PCs in the lab');
    const facts = readHeadJson(headHome(home));
    expect(facts?.pid).toBe(desktop.pid);
    expect((await seen()).loaded).toEqual([facts?.browserUrl]);
    await seen('Quit…');
    expect(await ended).toEqual([0, null]);
    // Gone in good order: it took its page with it.
    expect(readHeadJson(headHome(home))).toBeUndefined();
  } finally {
    desktop.kill('SIGKILL');
  }
});
