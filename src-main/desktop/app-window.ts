import type { ElectronPort, WindowPort } from './electron-port.ts';
import { webPreferences } from './hardening.ts';
import type { SettingsFile } from '../platform/home/desktop-settings.ts';
import { boundsFor } from './window-bounds.ts';

/** What the window asks of the app around it. */
export interface WindowParts {
  readonly settings: SettingsFile;
  readonly iconPath: string;
  /** Closing hides it: the night goes on. False while the app ends. */
  readonly closeHides: () => boolean;
  readonly onHidden: () => void;
  log(line: string): void;
}

/** A page that falls again and again is not loaded for ever; the window can still be opened anew. */
const mostFalls = 5;

/** The one window. It is made when it is first shown, and hidden rather than closed. */
export class AppWindow {
  readonly #electron: ElectronPort;
  readonly #parts: WindowParts;
  #window: WindowPort | undefined;
  #address: string | undefined;
  #falls = 0;

  constructor(electron: ElectronPort, parts: WindowParts) {
    this.#electron = electron;
    this.#parts = parts;
  }

  /** Shows the window at this address; at another head's, it goes there. */
  show(address: string): void {
    const window = this.#usable();
    if (this.#address !== address) {
      this.#address = address;
      this.#load(window, address);
    }
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  /** Another place of the same page, such as `#/jobs`. */
  go(hash: string): void {
    if (this.#address === undefined) return;
    const window = this.#usable();
    const here = window.webContents.getURL();
    // On the greeting, which still leads to the page, there is no place to go to yet.
    if (URL.canParse(here) && new URL(here).search === '')
      this.#load(window, new URL(hash, here).href);
    window.show();
    window.focus();
  }

  /** As its own button would: it is asked, and hidden. */
  close(): void {
    if (this.#window !== undefined && !this.#window.isDestroyed()) this.#window.close();
  }

  #usable(): WindowPort {
    if (this.#window !== undefined && !this.#window.isDestroyed()) return this.#window;
    this.#address = undefined;
    return (this.#window = this.#open());
  }

  #open(): WindowPort {
    const { settings, iconPath } = this.#parts;
    const screens = this.#electron.screen.getAllDisplays().map(({ workArea }) => workArea);
    const window = new this.#electron.BrowserWindow({
      ...boundsFor(settings.now.window, screens),
      minWidth: 380,
      minHeight: 400,
      title: 'Nightshift',
      icon: iconPath,
      show: false,
      webPreferences,
    });
    if (settings.now.window?.maximized === true) window.maximize();
    window.on('close', (event) => {
      const bounds = window.getNormalBounds();
      settings.change({ window: { ...bounds, maximized: window.isMaximized() } });
      if (!this.#parts.closeHides()) return;
      event.preventDefault();
      window.hide();
      this.#parts.onHidden();
    });
    // A page that fell takes nothing with it: the head goes on, and the page is a mirror of it.
    window.webContents.on('render-process-gone', (_event, { reason }) => {
      this.#parts.log(`the window's page ended: ${reason}`);
      this.#falls += 1;
      if (this.#falls <= mostFalls) window.webContents.reload();
    });
    return window;
  }

  #load(window: WindowPort, address: string): void {
    window.loadURL(address).catch((error: unknown) => {
      // A navigation that another one overtakes is aborted; a head that is gone is said in the tray.
      // Its words hold the address, and that the token.
      const { code } = error as { readonly code?: unknown };
      this.#parts.log(`the window did not open its page: ${String(code)}`);
      if (this.#address === address) this.#address = undefined;
    });
  }
}
