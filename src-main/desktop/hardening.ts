// What pages in the app may not do, after Electron's security checklist; SECURITY.md goes through it line by line.
import type { ElectronPort, PagePort } from './electron-port.ts';

/** Of every window: nothing of Node reaches a page. There is no preload script and no IPC at all. */
export const webPreferences = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  webSecurity: true,
  webviewTag: false,
  spellcheck: false,
} as const;

/** What the head's own pages may ask for: copying a command, and filling the screen. */
const granted: readonly string[] = ['clipboard-sanitized-write', 'fullscreen'];

/** Whether an address is a page of the head that has its plain port at `port` of this machine. */
export function isPageOfHead(address: string, port: number | undefined): boolean {
  if (port === undefined || !URL.canParse(address)) return false;
  const url = new URL(address);
  return (
    url.protocol === 'http:' &&
    url.port === String(port) &&
    url.username === '' &&
    /^(127\.0\.0\.1|nightshift-[0-9a-f]+\.localhost)$/.test(url.hostname)
  );
}

/** `port`: of the head of the moment; undefined while there is none, and then nothing is its page. */
export function harden(
  { app, session, shell }: Pick<ElectronPort, 'app' | 'session' | 'shell'>,
  port: () => number | undefined,
): void {
  app.enableSandbox();
  app.on('web-contents-created', (_event, page) => hardenPage(page, shell, port));
  void app.whenReady().then(() => {
    const { defaultSession } = session;
    defaultSession.setPermissionRequestHandler((page, permission, answer) =>
      answer(granted.includes(permission) && isPageOfHead(page.getURL(), port())),
    );
    defaultSession.setPermissionCheckHandler(
      (_page, permission, origin) => granted.includes(permission) && isPageOfHead(origin, port()),
    );
    defaultSession.setDevicePermissionHandler(() => false);
  });
}

function hardenPage(
  page: PagePort,
  shell: ElectronPort['shell'],
  port: () => number | undefined,
): void {
  const stay = (event: { preventDefault(): void; readonly url: string }): void => {
    if (!isPageOfHead(event.url, port())) event.preventDefault();
  };
  page.on('will-navigate', stay);
  page.on('will-frame-navigate', stay);
  page.on('will-redirect', stay);
  page.on('will-attach-webview', (event) => event.preventDefault());
  // Links elsewhere open in the user's own browser, and only those of the web: an address may start programs.
  page.setWindowOpenHandler(({ url }) => {
    const isWeb = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
    if (isWeb && !isPageOfHead(url, port())) void shell.openExternal(url);
    return { action: 'deny' };
  });
}
