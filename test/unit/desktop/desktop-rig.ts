import type { DiaryEntry } from '../../../shared/domain/diary.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import type { LabView, MachineView } from '../../../shared/api/views.ts';
import { memberId } from '../../../shared/domain/ids.ts';
import type { AppHead } from '../../../src-main/desktop/app-head.ts';
import { DesktopApp, type DesktopParts } from '../../../src-main/desktop/desktop-app.ts';
import type { HeadClient, LabListener } from '../../../src-main/desktop/lab-watch.ts';
import type { Notice } from '../../../src-main/desktop/lab-words.ts';
import { SettingsFile } from '../../../src-main/platform/home/desktop-settings.ts';
import { SimulatedElectron, type SimulatedTray } from './simulated-electron.ts';

export const address = 'http://127.0.0.1:7078/?token=0123456789abcdef';

/** The app around a head that a test plays. */
export class DesktopRig {
  readonly electron = new SimulatedElectron();
  readonly folder = mkdtempSync(join(tmpdir(), 'nightshift-desktop-'));
  readonly settings = new SettingsFile(join(this.folder, 'desktop.json'));
  readonly logged: string[] = [];
  readonly released: unknown[] = [];
  readonly logins: boolean[] = [];
  stops = 0;
  opens = 0;
  /** The head ends with the app. */
  own = true;
  fails: string | null = null;
  minutesLost = 12;
  tellOfUpdate: (notice: Notice) => void = () => undefined;
  #listener: LabListener | undefined;
  app: DesktopApp;

  constructor(change: Partial<Pick<DesktopParts, 'platform' | 'hidden'>> = {}) {
    this.app = new DesktopApp(this.electron, {
      ...{ platform: 'linux', hidden: false, ...change, settings: this.settings },
      ...{ iconPath: 'icon.png', trayIconPath: 'tray.png' },
      openHead: () => Promise.resolve(this.#openHead()),
      watch: (_url, listener) => {
        this.#listener = listener;
        return { dispose: () => (this.#listener = undefined) };
      },
      startWithComputer: (wanted) => this.logins.push(wanted),
      lookForUpdates: (tell) => (this.tellOfUpdate = tell),
      log: (line) => this.logged.push(line),
    });
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  shows(view: LabView): void {
    this.#listener?.onPicture(view, this.#api());
  }
  falls(): void {
    this.#listener?.onSilence();
  }
  get isWatching(): boolean {
    return this.#listener !== undefined;
  }

  get tray(): SimulatedTray {
    const [tray] = this.electron.trays;
    if (tray === undefined) throw new Error('there is no icon in the tray');
    return tray;
  }

  /** A person takes an item of the tray's menu. */
  async take(label: string): Promise<void> {
    const item = this.tray.items.find((one) => one.label === label);
    if (item === undefined || item.enabled === false) throw new Error(`no "${label}" to take`);
    press(item.click);
    await settled();
  }

  get notes(): readonly string[] {
    return this.electron.notes.map(({ options }) => `${options.title}: ${options.body}`);
  }

  #openHead(): Result<AppHead> {
    this.opens += 1;
    if (this.fails !== null) return refuse('failed', this.fails);
    const facts = {
      pid: 1,
      port: 7077,
      url: '',
      browserUrl: address,
      startedAt: 0,
      practice: true,
    };
    const stop = async (): Promise<void> => void (this.stops += 1);
    return ok({ facts, own: this.own, stop });
  }

  #api(): HeadClient {
    const release = async (wish: { readonly preview?: boolean }) => {
      if (wish.preview !== true) this.released.push(wish);
      return { machines: [], minutesLost: this.minutesLost };
    };
    // The app asks for nothing else.
    return { machines: { release } } as unknown as HeadClient;
  }
}

export const press = (click: unknown): void => (click as () => void)();

/** Until all that was asked and answered has been acted on. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const pc = (name: string, change: Partial<MachineView> = {}): MachineView => ({
  ...{ id: memberId(name), name, seat: null, state: 'ready', cordoned: false, banned: false },
  ...{ draining: null, linked: true, cpu: 4, memory: 8, memoryFree: 4, load: 0, speed: 1000 },
  ...{ cpuModel: '', cpuFamily: '', tasks: [], slotsUsed: 0, releasedAt: null, leftAt: null },
  ...{ lostAt: null, flag: null, leaving: null, note: null },
  ...change,
});

/** A lab of these PCs, with these lines in its diary, numbered from 1. */
export const lab = (
  machines: readonly MachineView[],
  diary: readonly DiaryEntry[] = [],
): LabView => ({
  ...{ lab: 'Room 12', labId: 'x', version: '0', night: 3, startedAt: 0, address: '' },
  ...{ practice: false, otherHead: null, unenrolled: [], jobs: [], moves: [], arrived: [] },
  machines: [...machines],
  diary: diary.map((entry, index) => ({ seq: index + 1, at: 0, tone: 'plain', ...entry })),
});
