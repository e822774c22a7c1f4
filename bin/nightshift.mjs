#!/usr/bin/env node
// The `nightshift` command. Any Node may start it; src-cli/nightshift.ts runs under Node 24.
import module from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  becomeNode,
  findProjectNode,
  projectRoot,
  runsTypeScript,
} from '../scripts/project-node.mjs';

if (runsTypeScript) {
  // A node: warning about an experimental feature is ours to know, not the user's.
  const show = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name !== 'ExperimentalWarning') for (const listener of show) listener(warning);
  });
  // Stripped and compiled code is kept, which halves the time to the first line of output.
  module.enableCompileCache(join(projectRoot, 'node_modules', '.cache', 'compile'));
  await import(pathToFileURL(join(projectRoot, 'src-cli', 'nightshift.ts')).href);
} else {
  const node = findProjectNode();
  if (node === undefined) {
    console.error(
      'nightshift: the packages are not installed; run `npm ci` in the checkout first.',
    );
    process.exit(1);
  }
  becomeNode(node, process.argv.slice(1));
}
