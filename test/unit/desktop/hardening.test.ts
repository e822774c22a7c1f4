// Electron's security checklist, line by line as in SECURITY.md.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { projectRoot } from '../../../shared/node/project-root.ts';
import { isPageOfHead } from '../../../src-main/desktop/hardening.ts';
import { DesktopRig } from './desktop-rig.ts';
import { SimulatedEvent } from './simulated-electron.ts';

const own = 'http://nightshift-0123456789abcdef0123.localhost:7078';

let rig: DesktopRig;
beforeEach(async () => {
  rig = new DesktopRig();
  await rig.app.start();
});
afterEach(() => rig.close());

const page = () => rig.electron.windows[0]!.webContents;

it('pages run in a sandbox, apart from Electron and without Node; there is no preload script and no IPC to be misused', () => {
  expect(rig.electron.app.sandboxed).toBe(true);
  expect(rig.electron.windows[0]?.options.webPreferences).toEqual({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    webSecurity: true,
    webviewTag: false,
    spellcheck: false,
  });
  const sources = globSync('src-{main,renderer}/**/*.{ts,svelte}', { cwd: projectRoot });
  expect(sources.length).toBeGreaterThan(100);
  const isSuspect = (path: string): boolean =>
    /\bipcMain\b|\bipcRenderer\b|contextBridge|preload:|executeJavaScript|setCertificateVerifyProc|allowRunningInsecureContent/.test(
      readFileSync(join(projectRoot, path), 'utf8'),
    );
  expect(sources.filter(isSuspect)).toEqual([]);
});

it('pages are granted what they need and no more, and nobody else is granted anything', () => {
  const { defaultSession } = rig.electron.session;
  expect(defaultSession.grants('clipboard-sanitized-write', `${own}/`)).toEqual({
    ...{ asked: true, checked: true },
  });
  const refused = { asked: false, checked: false };
  for (const wish of ['media', 'geolocation', 'notifications', 'openExternal', 'clipboard-read'])
    expect(defaultSession.grants(wish, `${own}/`), wish).toEqual(refused);
  for (const other of ['https://evil.example/', 'http://127.0.0.1:7079/', 'file:///etc/passwd', ''])
    expect(defaultSession.grants('clipboard-sanitized-write', other), other).toEqual(refused);
  expect(defaultSession.grantsDevice()).toBe(false);
});

it('the window stays with the head, whoever leads it elsewhere', () => {
  for (const way of ['will-navigate', 'will-redirect', 'will-frame-navigate'] as const) {
    expect(page().goes(way, `${own}/#/jobs`)).toBe(true);
    for (const other of ['https://evil.example', 'http://127.0.0.1:1/', 'file:///etc/passwd'])
      expect(page().goes(way, other), `${way} ${other}`).toBe(false);
  }
  const webview = new SimulatedEvent();
  page().emit('will-attach-webview', webview);
  expect(webview.prevented).toBe(true);
});

it('no window is opened by a page; links of the web go to the browser, and nothing else goes anywhere', () => {
  const tried = [
    'https://www.debian.org/',
    'file:///bin/sh',
    'smb://x/y',
    'javascript:1',
    `${own}/`,
  ];
  expect(tried.map((url) => page().opens(url))).toEqual(tried.map(() => 'deny'));
  expect(rig.electron.opened).toEqual(['https://www.debian.org/']);
});

it('every page is held by this, not only that of the window', () => {
  const { app, BrowserWindow } = rig.electron;
  new BrowserWindow({});
  expect(rig.electron.windows[1]?.webContents.heeds('will-navigate')).toBe(true);
  expect(app.heeds('web-contents-created')).toBe(true);
});

it.each([
  [`${own}/`, true],
  ['http://127.0.0.1:7078/?token=x', true],
  ['http://127.0.0.1:7079/', false],
  ['https://127.0.0.1:7078/', false],
  ['http://user@127.0.0.1:7078/', false],
  ['http://nightshift-0a.localhost.evil.example:7078/', false],
  ['http://evil.example:7078/', false],
  ['no address', false],
])('%s is a page of the head: %s', (url, is) => {
  expect(isPageOfHead(url, 7078)).toBe(is);
  expect(isPageOfHead(url, undefined)).toBe(false);
});
