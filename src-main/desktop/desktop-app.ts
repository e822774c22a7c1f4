// The app: a window, an icon in the tray and notifications around a head. It decides nothing of the lab.
import type { Result } from '../../shared/base/result.ts';
import type { LabView } from '../../shared/api/views.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import type { Disposable } from '../../shared/ports/clock.ts';
import type { AppHead } from './app-head.ts';
import { appMenu } from './app-menu.ts';
import { AppWindow } from './app-window.ts';
import type { DesktopSettings, SettingsFile } from '../platform/home/desktop-settings.ts';
import type { ElectronPort, TrayPort } from './electron-port.ts';
import { harden } from './hardening.ts';
import { inTheLab, noticesBetween, type Notice } from './lab-words.ts';
import type { HeadClient, LabListener } from './lab-watch.ts';
import { quitQuestion, releaseAnswers, releaseQuestion } from './questions.ts';
import { stateLine, trayMenu, type HeadState } from './tray-menu.ts';

export interface DesktopParts {
  readonly platform: NodeJS.Platform;
  readonly settings: SettingsFile;
  /** Started with the computer: only the tray icon is shown. */
  readonly hidden: boolean;
  readonly iconPath: string;
  readonly trayIconPath: string;
  openHead(): Promise<Result<AppHead>>;
  watch(browserUrl: string, listener: LabListener): Disposable;
  startWithComputer(wanted: boolean): void;
  /** New versions, where a feed is configured. */
  lookForUpdates(tell: (notice: Notice) => void): void;
  log(line: string): void;
}

export class DesktopApp {
  readonly #electron: ElectronPort;
  readonly #parts: DesktopParts;
  readonly #window: AppWindow;
  #head: AppHead | undefined;
  #watching: Disposable | undefined;
  #api: HeadClient | undefined;
  #lastView: LabView | undefined;
  #state: HeadState = { is: 'opening' };
  #tray: TrayPort | undefined;
  #ending = false;
  #asking = false;
  /** Native notifications are dropped, clicks and all, when nobody holds them. */
  readonly #shown = new Set<object>();

  constructor(electron: ElectronPort, parts: DesktopParts) {
    this.#electron = electron;
    this.#parts = parts;
    this.#window = new AppWindow(electron, {
      settings: parts.settings,
      iconPath: parts.iconPath,
      closeHides: () => !this.#ending,
      onHidden: () => this.#sayThatItStays(),
      log: (line) => parts.log(line),
    });
  }

  /** Settles when the head is open, or cannot be; false: another instance has been told to show itself instead. */
  async start(): Promise<boolean> {
    const { app } = this.#electron;
    if (!app.requestSingleInstanceLock()) {
      app.quit();
      return false;
    }
    harden(this.#electron, () => this.#port());
    app.on('second-instance', () => this.show());
    app.on('activate', () => this.show());
    // The tray holds the app; without this Electron would quit with its last window.
    app.on('window-all-closed', () => undefined);
    app.on('before-quit', (event) => {
      if (this.#ending) return;
      event.preventDefault();
      void this.quit();
    });
    if (this.#parts.platform === 'win32') app.setAppUserModelId('org.nightshift.desktop');
    await app.whenReady();
    this.#makeMenus();
    this.#parts.lookForUpdates((notice) => this.#notify(notice));
    await this.#openHead();
    if (!this.#parts.hidden) this.show();
    return true;
  }

  show(): void {
    if (this.#head) this.#window.show(this.#head.facts.browserUrl);
  }

  /** Asks first where a head would end by it. */
  async quit(): Promise<void> {
    if (this.#ending || this.#asking) return;
    if (this.#head?.own === true) {
      this.#asking = true;
      const { response } = await this.#electron.dialog.showMessageBox(quitQuestion(this.#pcs()));
      this.#asking = false;
      if (response !== 1) return;
    }
    await this.end();
  }

  /** Ends at once and in good order, such as when the computer is shut down. */
  async end(): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    this.#watching?.dispose();
    this.#tray?.destroy();
    await this.#head?.stop().catch((error: unknown) => this.#parts.log(String(error)));
    this.#electron.app.exit(0);
  }

  async release(): Promise<void> {
    const [api, pcs] = [this.#api, this.#pcs()];
    if (api === undefined || pcs === 0 || this.#asking) return;
    this.#asking = true;
    try {
      const preview = { machines: 'all', when: 'now', preview: true } as const;
      const { minutesLost } = await api.machines.release(preview);
      const question = releaseQuestion(pcs, minutesLost);
      const { response } = await this.#electron.dialog.showMessageBox(question);
      const when = releaseAnswers[response] ?? null;
      if (when !== null) await api.machines.release({ machines: 'all', when });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#notify({ kind: 'trouble', title: 'Nothing was released', body: why });
    } finally {
      this.#asking = false;
    }
  }

  async #openHead(): Promise<void> {
    this.#become({ is: 'opening' });
    const opened = await this.#parts.openHead();
    if (!opened.ok) {
      const sentence = refusalWords(opened.error);
      this.#become({ is: 'away', sentence: 'No head runs' });
      this.#parts.log(sentence);
      void this.#electron.dialog.showMessageBox({
        type: 'error',
        title: 'Nightshift',
        message: 'The head of the lab did not start.',
        detail: sentence,
      });
      return;
    }
    this.#head = opened.value;
    this.#watching?.dispose();
    this.#watching = this.#parts.watch(opened.value.facts.browserUrl, {
      onPicture: (view, api) => {
        this.#api = api;
        // Also of what happened while the head was not heard of.
        const before = this.#lastView;
        this.#lastView = view;
        if (before !== undefined)
          for (const notice of noticesBetween(before, view)) this.#notify(notice);
        this.#become({ is: 'open', own: opened.value.own, view });
      },
      onSilence: () => {
        this.#api = undefined;
        this.#become({ is: 'away', sentence: 'The head does not answer' });
      },
    });
  }

  #become(state: HeadState): void {
    const before = this.#state;
    this.#state = state;
    // Load and the like change all the time; menus that are open would close.
    const isSame =
      before.is === state.is &&
      stateLine(before) === stateLine(state) &&
      !(before.is === 'open' && state.is === 'open' && before.own !== state.own);
    if (!isSame) this.#drawTray();
  }

  #makeMenus(): void {
    const { Menu, Tray } = this.#electron;
    const menu = appMenu(this.#parts.platform, {
      go: (hash) => this.#window.go(hash),
      release: () => void this.release(),
      hide: () => this.#window.close(),
      quit: () => void this.quit(),
    });
    Menu.setApplicationMenu(Menu.buildFromTemplate(menu));
    this.#tray = new Tray(this.#parts.trayIconPath);
    this.#tray.on('click', () => this.show());
    this.#drawTray();
  }

  #drawTray(): void {
    const { Menu } = this.#electron;
    const template = trayMenu(this.#state, this.#parts.settings.now, {
      open: () => this.show(),
      release: () => void this.release(),
      startHead: () => void this.#openHead().then(() => this.show()),
      change: (change) => this.#choose(change),
      quit: () => void this.quit(),
    });
    this.#tray?.setToolTip(`Nightshift: ${stateLine(this.#state)}`);
    this.#tray?.setContextMenu(Menu.buildFromTemplate(template));
  }

  #choose(change: Partial<DesktopSettings>): void {
    this.#parts.settings.change(change);
    if (change.startWithComputer !== undefined)
      this.#parts.startWithComputer(change.startWithComputer);
    this.#drawTray();
  }

  #notify({ title, body, kind }: Notice): void {
    const { Notification } = this.#electron;
    if (!this.#parts.settings.now.notify || !Notification.isSupported()) return;
    const note = new Notification({
      title,
      body,
      urgency: kind === 'trouble' ? 'critical' : 'normal',
    });
    this.#shown.add(note);
    const drop = (): void => void this.#shown.delete(note);
    note.on('click', () => {
      drop();
      this.show();
    });
    note.on('close', drop);
    note.show();
  }

  #said = false;
  /** Once a start: who closes the window may think that all is over. */
  #sayThatItStays(): void {
    if (this.#said) return;
    this.#said = true;
    const body =
      'The night goes on. The icon in the tray opens the window again; Quit is there, too.';
    this.#notify({ kind: 'app', title: 'Nightshift stays in the tray', body });
  }

  #port(): number | undefined {
    return this.#head && Number(new URL(this.#head.facts.browserUrl).port);
  }

  #pcs(): number {
    return this.#state.is === 'open' ? inTheLab(this.#state.view) : 0;
  }
}
