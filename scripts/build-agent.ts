// `npm run build:agent`: the member agent as the one file that goes into the member image,
// together with Node 24 and no node_modules. Takes another place for the file as its only argument.
import { build, type Plugin } from 'esbuild';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './project-node.mjs';

const outfile = process.argv[2] ?? join(projectRoot, 'dist', 'agent.mjs');

/**
 * What a PC would wait for at each start, on its way to the head: as an ES module Node's `http` brings all of `fetch` with
 * it, and zod its messages in fifty languages.
 */
const quickStart: Plugin = {
  name: 'quick start',
  setup(bundler) {
    bundler.onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'of-node' } : { path, external: true },
    );
    bundler.onLoad({ filter: /.*/, namespace: 'of-node' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
      loader: 'js',
    }));
    bundler.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({ contents: 'export {};' }));
  },
};

const result = await build({
  absWorkingDir: projectRoot,
  entryPoints: [join('src-member', 'agent.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // Packages are those of the lock file, wherever NODE_PATH points.
  nodePaths: [],
  charset: 'utf8',
  // Names stay, so that a PC's log says where something went wrong.
  minifyWhitespace: true,
  minifySyntax: true,
  plugins: [quickStart],
  metafile: true,
  legalComments: 'none',
  logLevel: 'warning',
  // CommonJS packages inside the bundle still call require for Node's own modules.
  banner: {
    js: [
      '#!/usr/bin/env node',
      "import { createRequire as requireFrom } from 'node:module';",
      'const require = requireFrom(import.meta.url);',
    ].join('\n'),
  },
  // ws looks for these two compiled accelerators and does without them.
  external: ['bufferutil', 'utf-8-validate'],
});
chmodSync(outfile, 0o755);

const bytes = Object.values(result.metafile.outputs)[0]?.bytes ?? 0;
console.log(`${outfile}: ${(bytes / 1024).toFixed(0)} KiB`);
