import type { MenuItemConstructorOptions } from 'electron';

export interface MenuActions {
  go(hash: string): void;
  release(): void;
  hide(): void;
  quit(): void;
}

/** The application's menu: macOS has one of the app's own first; elsewhere it opens with Alt. Shortcuts are the platform's. */
export function appMenu(
  platform: NodeJS.Platform,
  actions: MenuActions,
): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin';
  const quit: MenuItemConstructorOptions = {
    label: isMac ? 'Quit Nightshift' : 'Quit…',
    accelerator: 'CmdOrCtrl+Q',
    click: () => actions.quit(),
  };
  const lab: MenuItemConstructorOptions[] = [
    { label: 'Release now…', click: () => actions.release() },
    { type: 'separator' },
    { label: 'Close window', accelerator: 'CmdOrCtrl+W', click: () => actions.hide() },
    ...(isMac ? [] : [quit]),
  ];
  const page = (label: string, hash: string, key: number): MenuItemConstructorOptions => ({
    label,
    accelerator: `CmdOrCtrl+${key}`,
    click: () => actions.go(hash),
  });
  const view: MenuItemConstructorOptions[] = [
    page('Lab', '#/lab', 1),
    page('Jobs', '#/jobs', 2),
    page('Report', '#/report', 3),
    { type: 'separator' },
    { role: 'reload' },
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { type: 'separator' },
    { role: 'togglefullscreen' },
  ];
  const ofMac: MenuItemConstructorOptions = {
    label: 'Nightshift',
    submenu: [
      { role: 'about' },
      { type: 'separator' },
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      { type: 'separator' },
      quit,
    ],
  };
  return [
    ...(isMac ? [ofMac] : []),
    { label: isMac ? 'Lab' : '&Lab', submenu: lab },
    { role: 'editMenu' },
    { label: isMac ? 'View' : '&View', submenu: view },
    { role: 'windowMenu' },
  ];
}
