import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppPort } from './electron-port.ts';

export interface LoginItemParts {
  readonly platform: NodeJS.Platform;
  /** The program, and what it is told beside `--hidden`. */
  readonly command: readonly [string, ...string[]];
  /** XDG's folder for settings: `~/.config` if nobody says otherwise. */
  readonly configFolder: string;
}

/** Whether Nightshift starts, in the tray, when this user logs in. */
export function startWithComputer(app: AppPort, parts: LoginItemParts, wanted: boolean): void {
  const [path, ...args] = parts.command;
  if (parts.platform !== 'linux') {
    app.setLoginItemSettings({ openAtLogin: wanted, path, args: [...args, '--hidden'] });
    return;
  }
  // Electron does nothing on Linux: https://specifications.freedesktop.org/autostart-spec
  const folder = join(parts.configFolder, 'autostart');
  const file = join(folder, 'nightshift.desktop');
  if (!wanted) {
    rmSync(file, { force: true });
    return;
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    file,
    [
      '[Desktop Entry]',
      'Type=Application',
      'Name=Nightshift',
      'Comment=The head of the lab, in the tray',
      `Exec=${[path, ...args, '--hidden'].map(quoted).join(' ')}`,
      'Terminal=false',
      '',
    ].join('\n'),
  );
}

/** Desktop Entry Specification, "The Exec key": in quotes, with these signs escaped, and backslashes once more as in any value. */
function quoted(word: string): string {
  const escaped = word.replaceAll(/["`$\\]/g, (sign) => `\\${sign}`).replaceAll('%', '%%');
  return `"${escaped.replaceAll('\\', '\\\\')}"`;
}
