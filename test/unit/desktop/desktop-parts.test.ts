import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ok, refuse } from '../../../shared/base/result.ts';
import type { LabView } from '../../../shared/api/views.ts';
import { runOrJoin } from '../../../src-main/desktop/app-head.ts';
import { desktopOptions } from '../../../src-main/desktop/desktop-options.ts';
import { watchLab } from '../../../src-main/desktop/lab-watch.ts';
import { startWithComputer } from '../../../src-main/desktop/login-item.ts';
import { lookForUpdates, type UpdaterPort } from '../../../src-main/desktop/updates.ts';
import {
  decodeDesktopSettings,
  SettingsFile,
} from '../../../src-main/platform/home/desktop-settings.ts';
import {
  appBrowser,
  openBrowserWindow,
} from '../../../src-main/platform/making-ready/browser-window.ts';
import { token } from '../../served-head.ts';
import { HeadUnderTest } from '../api/head-under-test.ts';
import { SimulatedApp } from './simulated-electron.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nightshift-parts-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const factsAt = (port: number) => ({
  ...{ pid: 1, port, url: '', browserUrl: '', startedAt: 0, practice: false },
});

it('a head that answers is joined; one that left its page behind is not, and a new one runs', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await vi.waitFor(() => expect(server.listening).toBe(true));
  const { port } = server.address() as AddressInfo;
  let runs = 0;
  const run = async () => {
    runs += 1;
    return ok({ lab: 'x', facts: factsAt(1), stop: async () => undefined });
  };
  const joined = await runOrJoin({ readFacts: () => factsAt(port), run });
  expect(joined.ok && joined.value.own).toBe(false);
  expect(runs).toBe(0);
  // Another one was quicker: the lock of the home decided, and its head is joined.
  const looks = [undefined, factsAt(port)];
  const busy = async () => refuse('refused', 'a head of this lab is already running.');
  const second = await runOrJoin({ readFacts: () => looks.shift(), run: busy });
  expect(second.ok && second.value.own).toBe(false);
  await new Promise((resolve) => server.close(resolve));
  const alone = await runOrJoin({ readFacts: () => factsAt(port), run });
  expect(alone.ok && alone.value.own).toBe(true);
  const none = await runOrJoin({ readFacts: () => undefined, run: busy });
  expect(none.ok).toBe(false);
});

it('the lab is watched over the API like by everybody else, and silence is told', async () => {
  const head = new HeadUnderTest();
  await head.start();
  const pictures: LabView[] = [];
  let silences = 0;
  const watching = watchLab(`http://127.0.0.1:${head.localPort}/?token=${token}`, {
    onPicture: (view) => pictures.push(view),
    onSilence: () => (silences += 1),
  });
  await vi.waitFor(() => expect(pictures.at(-1)?.lab).toBe('Room 12'));
  head.lab.submit(1, 1000, { name: 'film' });
  await vi.waitFor(() => expect(pictures.at(-1)?.diary.at(-1)?.code).toBe('job-submitted'));
  await head.close();
  await vi.waitFor(() => expect(silences).toBe(1));
  watching.dispose();
});

it('starting with the computer is a file of its own on Linux, and a setting elsewhere', () => {
  const app = new SimulatedApp();
  const parts = {
    command: ['/opt/Night "shift"/100%', '--home', '/srv/la$b'],
    configFolder: folder,
  } as const;
  startWithComputer(app, { ...parts, platform: 'linux' }, true);
  const file = join(folder, 'autostart', 'nightshift.desktop');
  expect(readFileSync(file, 'utf8')).toContain(
    'Exec="/opt/Night \\\\"shift\\\\"/100%%" "--home" "/srv/la\\\\$b" "--hidden"\n',
  );
  startWithComputer(app, { ...parts, platform: 'linux' }, false);
  expect(existsSync(file)).toBe(false);
  expect(app.loginItems).toEqual([]);
  startWithComputer(app, { ...parts, platform: 'win32' }, true);
  expect(app.loginItems).toEqual([
    {
      openAtLogin: true,
      path: parts.command[0],
      args: ['--home', '/srv/la$b', '--hidden'],
    },
  ]);
});

it('new versions are looked for where the settings say and nowhere else, and never end a night', async () => {
  const listeners = new Map<string, (facts: never) => void>();
  let feed: unknown;
  let looks = 0;
  const updater: UpdaterPort = {
    autoDownload: false,
    autoInstallOnAppQuit: false,
    setFeedURL: (options) => (feed = options),
    checkForUpdates: async () => {
      looks += 1;
      throw new Error('offline');
    },
    on: (event: string, listener: (facts: never) => void) => listeners.set(event, listener),
  };
  const told: string[] = [];
  const logged: string[] = [];
  let daily: () => void = () => undefined;
  let loads = 0;
  const parts = {
    load: async () => {
      loads += 1;
      return updater;
    },
    daily: (look: () => void) => (daily = look),
    tell: ({ title }: { readonly title: string }) => told.push(title),
    log: (line: string) => logged.push(line),
  };
  await lookForUpdates({ ...parts, feed: null });
  expect(loads).toBe(0);
  await lookForUpdates({ ...parts, feed: 'https://updates.example/nightshift' });
  daily();
  expect([feed, looks]).toEqual([
    { provider: 'generic', url: 'https://updates.example/nightshift' },
    2,
  ]);
  listeners.get('update-downloaded')?.({ version: '1.2.0' } as never);
  listeners.get('error')?.(new Error('no such host\nat …') as never);
  expect(told).toEqual(['Nightshift 1.2.0 is here']);
  expect(logged).toEqual(['updates: no such host']);
  expect(updater.autoInstallOnAppQuit).toBe(true);
});

it('what the app remembers survives it, is nobody else’s to read, and damage is as if nothing was chosen', () => {
  const path = join(folder, 'desktop.json');
  new SettingsFile(path).change({ notify: false, updates: 'https://updates.example/' });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(new SettingsFile(path).now).toEqual({
    ...{ notify: false, startWithComputer: false, updates: 'https://updates.example/' },
  });
  const nothing = { notify: true, startWithComputer: false, updates: null };
  for (const damaged of [
    '',
    '{',
    '[]',
    'null',
    '{"notify":3}',
    '{"updates":"http://plain.example"}',
  ])
    expect(decodeDesktopSettings(damaged), damaged).toEqual(nothing);
});

it('options of the head are its own, those of Chromium are left to it', () => {
  expect(
    desktopOptions(['--port', '8000', '--no-sandbox', '--practice', '--enable-features=x']),
  ).toEqual(ok({ home: undefined, port: 8000, lab: undefined, practice: true, hidden: false }));
  expect(desktopOptions(['--port', '80000']).ok).toBe(false);
});

it('without Electron the UI has a window of a browser, whose command line does not tell the token', async () => {
  expect(appBrowser({ PATH: '/a:/b' }, (path) => path === '/b/google-chrome')).toBe(
    '/b/google-chrome',
  );
  expect(appBrowser({ PATH: '' }, () => false)).toBeUndefined();
  expect(appBrowser({ NIGHTSHIFT_CHROMIUM: '/my/own' }, () => false)).toBe('/my/own');
  const none = await openBrowserWindow('http://x', folder, {
    NIGHTSHIFT_CHROMIUM: join(folder, 'none'),
  });
  expect(none.ok).toBe(false);
  const opened = await openBrowserWindow(`http://127.0.0.1:1/?token=${token}`, folder, {
    NIGHTSHIFT_CHROMIUM: '/bin/true',
  });
  expect(opened.ok).toBe(true);
  const page = join(folder, 'open.html');
  expect(readFileSync(page, 'utf8')).toContain(`url=http://127.0.0.1:1/?token=${token}"`);
  expect(statSync(page).mode & 0o777).toBe(0o600);
});
