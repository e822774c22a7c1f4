import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { buildWhenChanged, bundling, nodeCommand, type Built } from './build-when-changed.ts';
import { projectRoot } from '../../../shared/node/project-root.ts';

const folder = join(projectRoot, 'node_modules', 'electron');
const bundle = join(projectRoot, 'dist', 'desktop', 'desktop.mjs');

/** Why no window at all can be opened here, half a sentence; undefined if one can. */
export function windowObstacle(): string | undefined {
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY'])
    return 'there is no display here';
  // Chromium's sandbox refuses root, and a window without one would show pages with every right there is.
  return process.getuid?.() === 0 ? 'a window is not opened for root' : undefined;
}

/** The command that is the app; why it cannot be had is half a sentence. */
export async function desktopAppCommand(): Promise<Result<readonly [string, string]>> {
  const electron = await electronRuntime();
  if (electron === undefined) return refuse('refused', 'the Electron runtime could not be had');
  const built = await buildWhenChanged(builtDesktop, () => undefined);
  return built.ok ? ok([electron, bundle]) : built;
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

/** The program that npm's package has fetched; undefined when it has not. */
export function installedRuntime(): string | undefined {
  const pathFile = join(folder, 'path.txt');
  if (!existsSync(pathFile)) return undefined;
  const path = join(folder, 'dist', readFileSync(pathFile, 'utf8').trim());
  return existsSync(path) ? path : undefined;
}

const from = (path: string): string => join(projectRoot, path);

/** Electron runs no TypeScript by itself. The head is in it. */
export const builtDesktop: Built = {
  what: 'desktop app',
  path: bundle,
  sources: ['src-main', 'shared', 'package-lock.json', ...bundling('desktop')].map(from),
  command: (into) => nodeCommand(from('scripts/build-desktop.ts'), into),
  byHand: 'npm run build:desktop',
};
