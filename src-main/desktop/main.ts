// The app's window: the same UI that a browser shows, on the head whose address NIGHTSHIFT_OPEN gives.
import { app, BrowserWindow, session, shell } from 'electron';

const address = process.env['NIGHTSHIFT_OPEN'];

async function openWindow(url: string): Promise<void> {
  const { port } = new URL(url);
  const window = new BrowserWindow({
    width: 1280,
    height: 800,
    title: 'Nightshift',
    autoHideMenuBar: true,
    webPreferences: { sandbox: true, contextIsolation: true, nodeIntegration: false },
  });
  // The window is for the head's own pages; links elsewhere open in the user's browser.
  window.webContents.on('will-navigate', (event) => {
    // The address leads to a name of the head's own, on the same port of this machine.
    const to = new URL(event.url);
    if (to.port !== port || !/^(127\.0\.0\.1|nightshift-\w+\.localhost)$/.test(to.hostname))
      event.preventDefault();
  });
  window.webContents.setWindowOpenHandler(({ url: elsewhere }) => {
    if (/^https?:/.test(elsewhere)) void shell.openExternal(elsewhere);
    return { action: 'deny' };
  });
  await window.loadURL(url);
}

if (address === undefined) {
  console.error('nightshift: the app opens on a head; start it with `npm start`.');
  app.exit(1);
} else {
  void app.whenReady().then(() => {
    // The UI needs no camera, place or notification of Chromium's; whatever asks is refused.
    session.defaultSession.setPermissionRequestHandler((_page, _permission, answer) =>
      answer(false),
    );
    session.defaultSession.setPermissionCheckHandler(() => false);
    return openWindow(address);
  });
  app.on('window-all-closed', () => app.quit());
}
