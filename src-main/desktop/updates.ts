import type { AppUpdater } from 'electron-updater';
import type { Notice } from './lab-words.ts';

/** What is used of electron-updater. */
export type UpdaterPort = Pick<
  AppUpdater,
  'autoDownload' | 'autoInstallOnAppQuit' | 'checkForUpdates' | 'setFeedURL'
> & {
  on(event: 'update-downloaded', listener: (facts: { readonly version: string }) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
};

export interface UpdateParts {
  /** HTTPS, with `latest.yml` and its like in it; null: nothing is looked for. */
  readonly feed: string | null;
  load(): Promise<UpdaterPort>;
  /** Calls again once a day. */
  daily(look: () => void): void;
  tell(notice: Notice): void;
  log(line: string): void;
}

/**
 * Fetches a newer version in the background and installs it when the app is quit, never by itself: a head that stops in the
 * middle of a night stops the lab.
 */
export async function lookForUpdates(parts: UpdateParts): Promise<void> {
  if (parts.feed === null) return;
  const updater = await parts.load();
  updater.autoDownload = true;
  updater.autoInstallOnAppQuit = true;
  updater.setFeedURL({ provider: 'generic', url: parts.feed });
  updater.on('error', ({ message }) => parts.log(`updates: ${message.split('\n', 1)[0] ?? ''}`));
  updater.on('update-downloaded', ({ version }) =>
    parts.tell({
      kind: 'app',
      title: `Nightshift ${version} is here`,
      body: 'It is installed when you quit Nightshift.',
    }),
  );
  const look = (): void => {
    // What went wrong is told by the event above.
    updater.checkForUpdates().catch(() => undefined);
  };
  look();
  parts.daily(look);
}
