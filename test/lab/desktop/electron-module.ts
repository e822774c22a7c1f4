// What `import … from 'electron'` gives to the built app when a test runs it under Node: the stand-in, played by lines on stdin. Each
// line is the label of an item of the tray's menu to take, or nothing to look; the answer is what a person would see, as JSON.
import { createInterface } from 'node:readline';
import { SimulatedElectron } from '../../unit/desktop/simulated-electron.ts';

const electron = new SimulatedElectron();
// A person who quits means it.
electron.answers.push(1, 1, 1);
const exit = (code = 0): never => process.exit(code);
export const app = Object.assign(electron.app, { exit, setPath: () => undefined });
export const { BrowserWindow, dialog, Menu, Notification, screen, session, shell, Tray } = electron;
export const powerMonitor = { on: () => undefined };

createInterface({ input: process.stdin }).on('line', (label) => {
  const items = electron.trays[0]?.items ?? [];
  const taken = items.find((item) => item.label === label)?.click as (() => void) | undefined;
  const seen = {
    loaded: electron.windows.flatMap(({ loaded }) => loaded),
    tray: electron.trays.flatMap(({ labels }) => labels),
  };
  process.stdout.write(`${JSON.stringify(seen)}\n`);
  taken?.();
});
