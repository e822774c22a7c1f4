// Where there is a display and no Electron: the UI in a window of its own of a browser of the Chromium family.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { writePrivateFile } from '../identity/private-file.ts';

/** Commands on the PATH, and where other systems keep them. */
const usualNames = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'microsoft-edge',
  'brave-browser',
];
const usualPlaces = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** A browser that knows `--app`; NIGHTSHIFT_CHROMIUM names one in another place. */
export function appBrowser(
  environment: NodeJS.ProcessEnv,
  exists: (path: string) => boolean = existsSync,
): string | undefined {
  const named = environment['NIGHTSHIFT_CHROMIUM'];
  if (named) return named;
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const onPath = usualNames.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...onPath, ...usualPlaces].find(exists);
}

/** `folder`: the head's home, where the browser keeps a profile of its own. Why it cannot be had is half a sentence. */
export async function openBrowserWindow(
  browserUrl: string,
  folder: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Result<null>> {
  const browser = appBrowser(environment);
  if (browser === undefined) return refuse('refused', 'there is no Chromium here');
  // The address carries the token, and a command line can be read by every user of this machine: what stands there is a page
  // in the home that leads to it.
  const page = join(folder, 'open.html');
  writePrivateFile(page, leadingTo(browserUrl));
  const profile = join(folder, 'browser');
  const words = [`--app=file://${page}`, `--user-data-dir=${profile}`, '--no-first-run'];
  const child = spawn(browser, words, { stdio: 'ignore', detached: true });
  return new Promise((resolve) => {
    child.once('spawn', () => {
      child.unref();
      resolve(ok(null));
    });
    child.once('error', (error) =>
      resolve(refuse('failed', `${browser} did not start (${error.message})`)),
    );
  });
}

const leadingTo = (address: string): string =>
  `<!doctype html><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0;url=${address}"><title>Nightshift</title>\n`;
