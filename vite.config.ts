// The renderer: `npm run build:ui` writes dist/ui, which the head serves and the desktop opens.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import tailwindcss from '@tailwindcss/vite';
import { join } from 'node:path';
import { defineConfig } from 'vite';

const root = join(import.meta.dirname, 'src-renderer');

export default defineConfig(({ command }) => {
  // Vite builds for development where NODE_ENV says so, whatever the mode: what people get must not hang on who builds it.
  if (command === 'build') process.env['NODE_ENV'] = 'production';
  return {
    root,
    mode: command === 'build' ? 'production' : 'development',
    // Neither `.env` files nor a PostCSS configuration somewhere above the checkout shape it.
    envDir: false,
    css: { postcss: { plugins: [] } },
    base: './', // opened from a file by the desktop and from a path by the head
    plugins: [tailwindcss(), svelte({ configFile: join(import.meta.dirname, 'svelte.config.js') })],
    build: {
      outDir: join(import.meta.dirname, 'dist', 'ui'),
      emptyOutDir: true,
      target: 'es2023',
      rolldownOptions: { input: join(root, 'index.html') },
    },
  };
});
