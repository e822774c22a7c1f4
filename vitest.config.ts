// One project a tier; test/README.md says what each is for. `npm test` runs them in order.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import tailwindcss from '@tailwindcss/vite';
import { playwright } from '@vitest/browser-playwright';
import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { findChromium } from './scripts/chromium.ts';

const minute = 60_000;
const chromium = findChromium(existsSync);
const isRoot = process.getuid?.() === 0;

export default defineConfig({
  test: {
    passWithNoTests: true,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/architecture.test.ts'],
          testTimeout: minute,
        },
      },
      {
        test: { name: 'sim', include: ['test/sim/**/*.test.ts'], testTimeout: minute },
      },
      // Real containers, real machines: one file at a time, since they share this one kernel.
      ...['lab', 'vm', 'interop', 'desktop'].map((name) => ({
        test: {
          name,
          include: [`test/${name}/**/*.test.ts`],
          fileParallelism: false,
          // Emulated PCs: limits count their own progress (test/lab/patience.ts), and this is but a last resort.
          testTimeout: name === 'lab' ? 5 * minute : 180 * minute,
          hookTimeout: name === 'lab' ? 5 * minute : 180 * minute,
          teardownTimeout: minute,
        },
      })),
      {
        plugins: [tailwindcss(), svelte()],
        // Packages found anew each time: a kept list that lacks one is mended in the middle of a test, by loading the page again.
        optimizeDeps: { force: true },
        test: {
          name: 'ui',
          // Without a browser there is nothing to run; `npm test` says so and how to get one.
          include: chromium === undefined ? [] : ['test/ui/**/*.test.ts'],
          testTimeout: minute,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            viewport: { width: 1280, height: 800 },
            provider: playwright({
              launchOptions: {
                ...(chromium === undefined ? {} : { executablePath: chromium }),
                // Chromium's sandbox refuses to run as root.
                args: isRoot ? ['--no-sandbox'] : [],
              },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
