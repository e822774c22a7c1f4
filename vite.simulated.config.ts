// The UI on a made-up lab: for `npm run dev:ui` and the screenshots, never for anything that is shipped.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import tailwindcss from '@tailwindcss/vite';
import { join } from 'node:path';
import { defineConfig } from 'vite';

export default defineConfig(({ command }) => {
  if (command === 'build') throw new Error('The simulated lab is served for development only.');
  return {
    root: join(import.meta.dirname, 'test', 'ui', 'simulated'),
    publicDir: join(import.meta.dirname, 'src-renderer', 'public'),
    server: { fs: { allow: [import.meta.dirname] } },
    plugins: [tailwindcss(), svelte({ configFile: join(import.meta.dirname, 'svelte.config.js') })],
  };
});
