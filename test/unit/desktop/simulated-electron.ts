// Electron without Electron: what the app's port names, cut out of the real types, so that it cannot drift from them.
import type {
  BrowserWindowConstructorOptions,
  Menu,
  MenuItemConstructorOptions,
  MessageBoxOptions,
  NotificationConstructorOptions,
  Rectangle,
} from 'electron';
import type {
  AppPort,
  ElectronPort,
  NotePort,
  PagePort,
  SessionPort,
  TrayPort,
  WindowPort,
} from '../../../src-main/desktop/electron-port.ts';

type Listener = (...facts: never[]) => unknown;

class Emitter {
  readonly #listeners: [string, Listener][] = [];

  /** `never`: Electron's own types say that each thing gives back itself. */
  on(event: string, listener: Listener): never {
    this.#listeners.push([event, listener]);
    return this as never;
  }

  /** Calls whoever listens; how many they were. */
  emit(event: string, ...facts: unknown[]): number {
    const heard = this.#listeners.filter(([name]) => name === event);
    for (const [, listener] of heard) listener(...(facts as never[]));
    return heard.length;
  }

  heeds(event: string): boolean {
    return this.#listeners.some(([name]) => name === event);
  }
}

/** An event that can be called off. */
export class SimulatedEvent {
  prevented = false;
  readonly url: string;

  constructor(url = '') {
    this.url = url;
  }

  preventDefault(): void {
    this.prevented = true;
  }
}

export class SimulatedApp extends Emitter implements AppPort {
  readonly isPackaged = true;
  /** Whether this is the first instance. */
  isFirst = true;
  sandboxed = false;
  quits = 0;
  exitCode: number | undefined;
  loginItems: unknown[] = [];
  appId = '';

  enableSandbox(): void {
    this.sandboxed = true;
  }
  exit(code = 0): void {
    this.exitCode = code;
  }
  quit(): void {
    this.quits += 1;
  }
  requestSingleInstanceLock(): boolean {
    return this.isFirst;
  }
  setAppUserModelId(id: string): void {
    this.appId = id;
  }
  setLoginItemSettings(settings: unknown): void {
    this.loginItems.push(settings);
  }
  whenReady(): Promise<void> {
    return Promise.resolve();
  }
}

type OpenHandler = Parameters<PagePort['setWindowOpenHandler']>[0];

export class SimulatedPage extends Emitter implements PagePort {
  url = '';
  reloads = 0;
  #open: OpenHandler = () => ({ action: 'allow' });

  getURL(): string {
    return this.url;
  }
  reload(): void {
    this.reloads += 1;
  }
  setWindowOpenHandler(handler: OpenHandler): void {
    this.#open = handler;
  }

  /** The page asks for another window. */
  opens(url: string): string {
    return this.#open({ url } as Parameters<OpenHandler>[0]).action;
  }
  /** The page goes elsewhere; whether it may. */
  goes(by: 'will-navigate' | 'will-redirect' | 'will-frame-navigate', url: string): boolean {
    const event = new SimulatedEvent(url);
    return this.emit(by, event) > 0 && !event.prevented;
  }
}

export class SimulatedWindow extends Emitter implements WindowPort {
  readonly options: BrowserWindowConstructorOptions;
  readonly webContents = new SimulatedPage();
  readonly loaded: string[] = [];
  visible = false;
  destroyed = false;
  maximized = false;
  minimized = false;
  focused = 0;
  bounds: Rectangle = { x: 10, y: 20, width: 900, height: 700 };

  constructor(options: BrowserWindowConstructorOptions) {
    super();
    this.options = options;
  }

  close(): void {
    const event = new SimulatedEvent();
    this.emit('close', event);
    if (!event.prevented) this.destroyed = true;
  }
  focus(): void {
    this.focused += 1;
  }
  getNormalBounds(): Rectangle {
    return this.bounds;
  }
  hide(): void {
    this.visible = false;
  }
  isDestroyed(): boolean {
    return this.destroyed;
  }
  isMaximized(): boolean {
    return this.maximized;
  }
  isMinimized(): boolean {
    return this.minimized;
  }
  isVisible(): boolean {
    return this.visible;
  }
  loadURL(url: string): Promise<void> {
    this.loaded.push(url);
    this.webContents.url = url;
    return Promise.resolve();
  }
  maximize(): void {
    this.maximized = true;
  }
  restore(): void {
    this.minimized = false;
  }
  show(): void {
    this.visible = true;
  }
}

const templates = new WeakMap<Menu, MenuItemConstructorOptions[]>();

export class SimulatedTray extends Emitter implements TrayPort {
  readonly image: string;
  tip = '';
  destroyed = false;
  #menu: Menu | null = null;

  constructor(image: string) {
    super();
    this.image = image;
  }

  destroy(): void {
    this.destroyed = true;
  }
  setContextMenu(menu: Menu | null): void {
    this.#menu = menu;
  }
  setToolTip(tip: string): void {
    this.tip = tip;
  }

  get items(): readonly MenuItemConstructorOptions[] {
    return (this.#menu && templates.get(this.#menu)) ?? [];
  }
  get labels(): readonly string[] {
    return this.items.flatMap(({ label }) => label ?? []);
  }
}

export class SimulatedNote extends Emitter implements NotePort {
  readonly options: NotificationConstructorOptions;
  shown = false;

  constructor(options: NotificationConstructorOptions) {
    super();
    this.options = options;
  }
  show(): void {
    this.shown = true;
  }
}

type RequestHandler = NonNullable<Parameters<SessionPort['setPermissionRequestHandler']>[0]>;
type CheckHandler = NonNullable<Parameters<SessionPort['setPermissionCheckHandler']>[0]>;
type DeviceHandler = NonNullable<Parameters<SessionPort['setDevicePermissionHandler']>[0]>;

export class SimulatedSession implements SessionPort {
  #request: RequestHandler | null = null;
  #check: CheckHandler | null = null;
  #device: DeviceHandler | null = null;

  setPermissionRequestHandler(handler: RequestHandler | null): void {
    this.#request = handler;
  }
  setPermissionCheckHandler(handler: CheckHandler | null): void {
    this.#check = handler;
  }
  setDevicePermissionHandler(handler: DeviceHandler | null): void {
    this.#device = handler;
  }

  /** What a page at this address is told; Electron grants what nobody handles. */
  grants(
    permission: string,
    address: string,
  ): { readonly asked: boolean; readonly checked: boolean } {
    let asked = this.#request === null;
    const page = { getURL: () => address } as Parameters<RequestHandler>[0];
    const name = permission as Parameters<RequestHandler>[1];
    this.#request?.(page, name, (given) => (asked = given), {} as never);
    const checked =
      this.#check?.(page, permission as Parameters<CheckHandler>[1], address, {} as never) ?? true;
    return { asked, checked };
  }
  grantsDevice(): boolean {
    return this.#device?.({} as Parameters<DeviceHandler>[0]) ?? true;
  }
}

export class SimulatedElectron implements ElectronPort {
  readonly app = new SimulatedApp();
  readonly windows: SimulatedWindow[] = [];
  readonly trays: SimulatedTray[] = [];
  readonly notes: SimulatedNote[] = [];
  readonly asked: MessageBoxOptions[] = [];
  readonly opened: string[] = [];
  /** What a person answers next; the first button, if nobody says otherwise. */
  readonly answers: number[] = [];
  menu: readonly MenuItemConstructorOptions[] = [];
  screens: Rectangle[] = [{ x: 0, y: 0, width: 1920, height: 1080 }];

  readonly session = { defaultSession: new SimulatedSession() };
  readonly screen = {
    getAllDisplays: () => this.screens.map((workArea) => ({ workArea })),
  };
  readonly shell = {
    openExternal: (url: string): Promise<void> => {
      this.opened.push(url);
      return Promise.resolve();
    },
  };
  readonly dialog = {
    showMessageBox: (options: MessageBoxOptions) => {
      this.asked.push(options);
      return Promise.resolve({ response: this.answers.shift() ?? 0, checkboxChecked: false });
    },
  };
  readonly Menu = {
    buildFromTemplate: (template: MenuItemConstructorOptions[]): Menu => {
      const menu = {} as Menu;
      templates.set(menu, template);
      return menu;
    },
    setApplicationMenu: (menu: Menu | null): void => {
      this.menu = (menu && templates.get(menu)) ?? [];
    },
  };
  readonly BrowserWindow: ElectronPort['BrowserWindow'];
  readonly Tray: ElectronPort['Tray'];
  readonly Notification: ElectronPort['Notification'];

  constructor() {
    const { app, windows, trays, notes } = this;
    this.BrowserWindow = class extends SimulatedWindow {
      constructor(options: BrowserWindowConstructorOptions) {
        super(options);
        windows.push(this);
        app.emit('web-contents-created', {}, this.webContents);
      }
    };
    this.Tray = class extends SimulatedTray {
      constructor(image: string) {
        super(image);
        trays.push(this);
      }
    };
    this.Notification = class extends SimulatedNote {
      static isSupported(): boolean {
        return true;
      }
      constructor(options: NotificationConstructorOptions) {
        super(options);
        notes.push(this);
      }
    };
  }
}
