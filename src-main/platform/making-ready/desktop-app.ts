import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { buildWhenChanged, nodeCommand, type Built } from './build-when-changed.ts';
import { projectRoot } from '../../../shared/node/project-root.ts';

const folder = join(projectRoot, 'node_modules', 'electron');
const bundle = join(projectRoot, 'dist', 'desktop', 'desktop.mjs');

/** Opens the app's window on a head; why it cannot be had is half a sentence. */
export async function openDesktopApp(browserUrl: string): Promise<Result<null>> {
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) {
    return refuse('refused', 'there is no display here');
  }
  // Chromium's sandbox refuses root, and a window without one would show pages with every right there is.
  if (process.getuid?.() === 0) return refuse('refused', 'a window is not opened for root');
  const electron = await electronRuntime();
  if (electron === undefined) return refuse('refused', 'the Electron runtime could not be had');
  const built = await buildDesktop();
  if (!built.ok) return built;
  const child = spawn(electron, [bundle], {
    // The address carries the token: other users can read a command line, but no environment.
    env: { ...process.env, NIGHTSHIFT_OPEN: browserUrl },
    stdio: 'ignore',
  });
  return new Promise((resolve) => {
    child.once('spawn', () => resolve(ok(null)));
    child.once('error', (error) =>
      resolve(refuse('failed', `Electron did not start (${error.message})`)),
    );
  });
}

/** The npm package fetches its runtime when it is first asked for, which a machine without internet cannot. */
async function electronRuntime(): Promise<string | undefined> {
  const here = installedRuntime();
  if (here !== undefined) return here;
  if (!existsSync(join(folder, 'install.js'))) return undefined;
  const [node, ...words] = nodeCommand(join(folder, 'install.js'));
  await new Promise<void>((resolve) => {
    const child = spawn(node, words, { stdio: 'ignore', timeout: 5 * 60_000 });
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  return installedRuntime();
}

function installedRuntime(): string | undefined {
  const pathFile = join(folder, 'path.txt');
  if (!existsSync(pathFile)) return undefined;
  const path = join(folder, 'dist', readFileSync(pathFile, 'utf8').trim());
  return existsSync(path) ? path : undefined;
}

const source = join(projectRoot, 'src-main', 'desktop', 'main.ts');

/** Electron runs no TypeScript by itself. */
export const builtDesktop: Built = {
  what: 'desktop app',
  path: bundle,
  sources: [
    ...[source, join(projectRoot, 'package-lock.json')],
    join(projectRoot, 'src-main', 'platform', 'making-ready', 'desktop-app.ts'),
  ],
  command: (into) =>
    nodeCommand(
      join(projectRoot, 'node_modules', 'esbuild', 'bin', 'esbuild'),
      ...[source, '--bundle', '--platform=node', '--format=esm', '--external:electron'],
      `--outfile=${into}`,
    ),
  byHand: 'npm start',
};

const buildDesktop = (): Promise<Result<null>> => buildWhenChanged(builtDesktop, () => undefined);
