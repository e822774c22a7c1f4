// The app in a real Electron, where its runtime can be had: `npm run test:desktop`. Elsewhere the tier says that it cannot run; what
// the app does is then held by its stand-in (test/unit/desktop, test/lab/packages.test.ts).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import { desktopAppCommand } from '../../src-main/platform/making-ready/desktop-app.ts';
import { headHome, readHeadJson } from '../../src-main/platform/home/head-home.ts';

/** What is asked of Electron's window. */
interface Shown {
  close(): void;
  isDestroyed(): boolean;
  isVisible(): boolean;
}

let folder: string;
let app: ElectronApplication;
let window: Page;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightshift-desktop-'));
  const command = await desktopAppCommand();
  if (!command.ok) throw new Error(refusalWords(command.error));
  const [executablePath, bundle] = command.value;
  app = await _electron.launch({
    executablePath,
    args: [bundle, '--home', join(folder, 'home'), '--port', '0'],
  });
  window = await app.firstWindow();
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

test('shows the lab of the head that it runs', async () => {
  await window.getByRole('main').waitFor();
  expect(new URL(window.url()).hostname).toBe('127.0.0.1');
  expect(readHeadJson(headHome(join(folder, 'home')))).not.toBeNull();
});

test('gives its page no rights of a program', async () => {
  expect(
    await window.evaluate(() => [
      typeof Reflect.get(globalThis, 'require'),
      typeof Reflect.get(globalThis, 'process'),
    ]),
  ).toEqual(['undefined', 'undefined']);
  const opened = await window.evaluate<boolean>(
    `window.open('https://nightshift.example') === null`,
  );
  expect(opened).toBe(true);
  expect(app.windows()).toHaveLength(1);
});

test('goes on in the tray when its window is closed', async () => {
  const browserWindow = await app.browserWindow(window);
  await browserWindow.evaluate((shown: Shown) => shown.close());
  expect(
    await browserWindow.evaluate((shown: Shown) => [shown.isDestroyed(), shown.isVisible()]),
  ).toEqual([false, false]);
});
