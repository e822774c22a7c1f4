// `node test/ui/screenshots.ts [folder]`: pictures of every view from a simulated head, light and dark, for the
// documentation and to look at while working on the UI. Needs a Chromium, as the ui tests do.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright';
import { createServer } from 'vite';
import { findChromium } from '../../scripts/chromium.ts';
import { scriptWords } from '../../scripts/script-words.ts';

interface Picture {
  readonly name: string;
  readonly address: string;
  /** What to do before it is taken. */
  readonly prepare?: (page: Page) => Promise<void>;
  readonly schemes?: readonly ('light' | 'dark')[];
  readonly viewport?: { readonly width: number; readonly height: number };
}

const projectRoot = join(import.meta.dirname, '..', '..');
const both = ['light', 'dark'] as const;
const pictures: readonly Picture[] = [
  { name: 'lab', address: '?scene=night#/lab' },
  {
    name: 'seats',
    address: '?scene=night#/lab',
    prepare: (page) => page.getByRole('button', { name: 'Arrange seats' }).click(),
  },
  { name: 'lab-empty', address: '?scene=empty#/lab', schemes: ['light'] },
  { name: 'lab-practice', address: '?scene=practice#/lab', schemes: ['dark'] },
  { name: 'lab-large', address: '?scene=large#/lab', schemes: ['dark'] },
  {
    name: 'lab-menu',
    address: '?scene=practice#/lab',
    schemes: ['light'],
    prepare: (page) => page.getByRole('button', { name: 'Actions for pc-01' }).click(),
  },
  {
    name: 'release',
    address: '?scene=night#/lab',
    schemes: ['light'],
    viewport: { width: 1280, height: 800 },
    prepare: (page) => page.getByRole('button', { name: 'Release lab…' }).click(),
  },
  { name: 'jobs', address: '?scene=night#/jobs' },
  { name: 'job', address: '?scene=night#/jobs/6' },
  { name: 'job-single', address: '?scene=night#/jobs/3', schemes: ['light'] },
  {
    name: 'submit',
    address: '?scene=night#/jobs',
    schemes: ['dark'],
    prepare: (page) => page.getByRole('button', { name: 'Submit a job' }).click(),
  },
  { name: 'report', address: '?scene=night#/report' },
  {
    name: 'narrow',
    address: '?scene=night#/lab',
    schemes: ['light'],
    viewport: { width: 420, height: 800 },
  },
];

const { words } = scriptWords(
  `npm run screenshots [-- FOLDER]
  FOLDER   where the pictures go (default: docs/screenshots)`,
  {},
  1,
);
const folder = words[0] ?? join(projectRoot, 'docs', 'screenshots');
mkdirSync(folder, { recursive: true });

const server = await createServer({
  configFile: join(projectRoot, 'vite.simulated.config.ts'),
  server: { port: 0, host: '127.0.0.1', hmr: false, watch: null },
  logLevel: 'warn',
});
await server.listen();
const [base] = server.resolvedUrls?.local ?? [];
const executablePath = findChromium(existsSync);
const browser = await chromium.launch({
  ...(executablePath === undefined ? {} : { executablePath }),
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
try {
  for (const { name, address, prepare, schemes = both, viewport } of pictures) {
    for (const colorScheme of schemes) {
      const page = await browser.newPage({
        viewport: viewport ?? { width: 1440, height: 900 },
        colorScheme,
        reducedMotion: 'reduce',
        locale: 'en-GB',
        timezoneId: 'UTC',
      });
      page.on('pageerror', (error) => console.error(`${name}: ${error.message}`));
      page.on('console', (message) => {
        if (message.type() === 'error') console.error(`${name}: ${message.text()}`);
      });
      await page.goto(`${base}${address.replace('?', '?still&')}`);
      await page.getByRole('main').waitFor();
      await page.waitForLoadState('networkidle');
      await page.locator('html[data-still]').waitFor({ state: 'attached' });
      await prepare?.(page);
      const file = `${name}-${colorScheme}.png`;
      await page.screenshot({ path: join(folder, file), animations: 'disabled' });
      await page.close();
      console.log(file);
    }
  }
} finally {
  await browser.close();
  await server.close();
}
