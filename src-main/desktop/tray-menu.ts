import type { MenuItemConstructorOptions } from 'electron';
import type { LabView } from '../../shared/api/views.ts';
import type { DesktopSettings } from '../platform/home/desktop-settings.ts';
import { inTheLab, labLine } from './lab-words.ts';

/** What the app knows of its head. */
export type HeadState =
  | { readonly is: 'opening' }
  /** Not heard of at the moment, or not to be had at all. */
  | { readonly is: 'away'; readonly sentence: string }
  /** `own`: it runs in this app and ends with it. */
  | { readonly is: 'open'; readonly own: boolean; readonly view: LabView };

export interface TrayActions {
  open(): void;
  release(): void;
  startHead(): void;
  change(change: Partial<DesktopSettings>): void;
  quit(): void;
}

export function stateLine(state: HeadState): string {
  switch (state.is) {
    case 'opening':
      return 'Nightshift is starting';
    case 'away':
      return state.sentence;
    case 'open':
      return labLine(state.view);
  }
}

/** The menu of the tray icon: the lab's state first. */
export function trayMenu(
  state: HeadState,
  settings: DesktopSettings,
  actions: TrayActions,
): MenuItemConstructorOptions[] {
  const pcs = state.is === 'open' ? inTheLab(state.view) : 0;
  const switches: MenuItemConstructorOptions[] = [
    {
      label: 'Start with the computer',
      type: 'checkbox',
      checked: settings.startWithComputer,
      click: () => actions.change({ startWithComputer: !settings.startWithComputer }),
    },
    {
      label: 'Notifications',
      type: 'checkbox',
      checked: settings.notify,
      click: () => actions.change({ notify: !settings.notify }),
    },
  ];
  return [
    { label: stateLine(state), enabled: false },
    { type: 'separator' },
    { label: 'Open Nightshift', enabled: state.is === 'open', click: () => actions.open() },
    { label: 'Release now…', enabled: pcs > 0, click: () => actions.release() },
    ...(state.is === 'away' ? [{ label: 'Start the head', click: () => actions.startHead() }] : []),
    { type: 'separator' },
    ...switches,
    { type: 'separator' },
    { label: state.is === 'open' && state.own ? 'Quit…' : 'Quit', click: () => actions.quit() },
  ];
}
