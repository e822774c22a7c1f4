// The renderer: `npm run build:ui` writes dist/ui, which the head serves and the desktop opens.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import tailwindcss from '@tailwindcss/vite';
import { join } from 'node:path';
import { defineConfig } from 'vite';

export default defineConfig({
  root: join(import.meta.dirname, 'src-renderer'),
  base: './', // opened from a file by the desktop and from a path by the head
  plugins: [tailwindcss(), svelte({ configFile: join(import.meta.dirname, 'svelte.config.js') })],
  build: {
    outDir: join(import.meta.dirname, 'dist', 'ui'),
    emptyOutDir: true,
    target: 'es2023',
  },
});
