// The app: Electron's main process runs the head, or joins the one that runs for this home, and shows it.
import {
  app,
  BrowserWindow,
  dialog,
  Menu,
  Notification,
  powerMonitor,
  screen,
  session,
  shell,
  Tray,
} from 'electron';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { defaultPort } from '../../shared/domain/settings.ts';
import { systemCacheDir } from '../../shared/domain/system-cache.ts';
import { projectRoot } from '../../shared/node/project-root.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import { defaultHome, headHome, makeHome, readHeadJson } from '../platform/home/head-home.ts';
import { openHeadLog } from '../platform/home/head-log.ts';
import { runHead } from '../run-head.ts';
import { runOrJoin } from './app-head.ts';
import { DesktopApp } from './desktop-app.ts';
import { desktopOptions } from './desktop-options.ts';
import { SettingsFile } from '../platform/home/desktop-settings.ts';
import { watchLab } from './lab-watch.ts';
import { startWithComputer } from './login-item.ts';
import { lookForUpdates } from './updates.ts';

const options = desktopOptions(process.argv.slice(app.isPackaged ? 1 : 2));
if (!options.ok) leave(refusalWords(options.error));
const { home: wished, port, lab, practice, hidden } = options.value;
// Chromium refuses root its sandbox, and a window without one would show pages with every right there is.
if (process.getuid?.() === 0)
  leave('the app does not run as root; start the head without it: nightshift head.');

const home = headHome(wished ?? defaultHome(process.env));
makeHome(home);
// One app a home, and what Chromium keeps of it stays there.
app.setPath('userData', join(home.folder, 'desktop'));
const log = openHeadLog(join(home.folder, 'desktop.log'));
const settings = new SettingsFile(join(home.folder, 'desktop.json'));
const icon = (name: string): string => join(projectRoot, 'assets', 'desktop', name);

const desktop = new DesktopApp(
  { app, BrowserWindow, dialog, Menu, Notification, screen, session, shell, Tray },
  {
    ...{ platform: process.platform, settings, hidden },
    ...{ iconPath: icon('icon.png'), trayIconPath: icon('tray.png') },
    openHead: () =>
      runOrJoin({
        readFacts: () => readHeadJson(home),
        run: () =>
          runHead({
            ...{ home: home.folder, cacheDir: systemCacheDir(process.env), practice, lab },
            port: port ?? defaultPort,
            uiFolder: join(projectRoot, 'dist', 'ui'),
            log: openHeadLog(home.log),
            onShutdown: () => setImmediate(() => void desktop.end()),
          }),
      }),
    watch: watchLab,
    startWithComputer: (wanted) => startWithComputer(app, loginItem(), wanted),
    lookForUpdates: (tell) =>
      void lookForUpdates({
        feed: app.isPackaged ? settings.now.updates : null,
        load: async () => (await import('electron-updater')).autoUpdater,
        daily: (look) => setInterval(look, 24 * 3_600_000).unref(),
        tell,
        log: (line) => log.line(line),
      }).catch((error: unknown) => log.fault('updates', error)),
    log: (line) => log.line(line),
  },
);
const end = (): void => void desktop.end();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
const onSurprise = (error: unknown): void => {
  log.fault('the app ended', error);
  leave(`the app cannot go on; ${join(home.folder, 'desktop.log')} says more.`);
};
process.on('uncaughtException', onSurprise);
process.on('unhandledRejection', onSurprise);
// The computer goes down: nobody is there to be asked.
void app.whenReady().then(() => powerMonitor.on('shutdown', end));
void desktop.start();

function loginItem(): Parameters<typeof startWithComputer>[1] {
  const program = process.env['APPIMAGE'] ?? process.execPath;
  const script = app.isPackaged ? [] : [import.meta.filename];
  return {
    platform: process.platform,
    command: [program, ...script, '--home', home.folder],
    configFolder: process.env['XDG_CONFIG_HOME'] || join(homedir(), '.config'),
  };
}

function leave(sentence: string): never {
  console.error(`nightshift: ${sentence}`);
  process.exit(1);
}
