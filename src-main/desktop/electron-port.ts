// What the app needs of Electron, cut out of Electron's own types: the real module and the stand-in of the tests both have to
// fit it, or they do not compile.
import type {
  App,
  BrowserWindow,
  BrowserWindowConstructorOptions,
  Display,
  Menu,
  MenuItemConstructorOptions,
  MessageBoxOptions,
  MessageBoxReturnValue,
  Notification,
  NotificationConstructorOptions,
  Session,
  Shell,
  Tray,
  WebContents,
} from 'electron';

export type AppPort = Pick<
  App,
  | 'enableSandbox'
  | 'exit'
  | 'isPackaged'
  | 'on'
  | 'quit'
  | 'requestSingleInstanceLock'
  | 'setAppUserModelId'
  | 'setLoginItemSettings'
  | 'whenReady'
>;

export type PagePort = Pick<WebContents, 'getURL' | 'on' | 'reload' | 'setWindowOpenHandler'>;

export type WindowPort = Pick<
  BrowserWindow,
  | 'close'
  | 'focus'
  | 'getNormalBounds'
  | 'hide'
  | 'isDestroyed'
  | 'isMaximized'
  | 'isMinimized'
  | 'isVisible'
  | 'loadURL'
  | 'maximize'
  | 'on'
  | 'restore'
  | 'show'
> & { readonly webContents: PagePort };

export type TrayPort = Pick<Tray, 'destroy' | 'on' | 'setContextMenu' | 'setToolTip'>;
export type NotePort = Pick<Notification, 'on' | 'show'>;
export type SessionPort = Pick<
  Session,
  'setDevicePermissionHandler' | 'setPermissionCheckHandler' | 'setPermissionRequestHandler'
>;

export interface ElectronPort {
  readonly app: AppPort;
  readonly BrowserWindow: new (options: BrowserWindowConstructorOptions) => WindowPort;
  readonly Tray: new (image: string) => TrayPort;
  readonly Notification: (new (options: NotificationConstructorOptions) => NotePort) & {
    isSupported(): boolean;
  };
  readonly Menu: {
    buildFromTemplate(template: MenuItemConstructorOptions[]): Menu;
    setApplicationMenu(menu: Menu | null): void;
  };
  readonly dialog: {
    showMessageBox(options: MessageBoxOptions): Promise<MessageBoxReturnValue>;
  };
  readonly screen: { getAllDisplays(): Pick<Display, 'workArea'>[] };
  readonly session: { readonly defaultSession: SessionPort };
  readonly shell: Pick<Shell, 'openExternal'>;
}
