// `npm run build:desktop`: Electron's main process with the head in it, as one file. Takes another place for it as its only argument.
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import { projectRoot } from './project-node.mjs';
import { scriptWords } from './script-words.ts';

const [outfile = join(projectRoot, 'dist', 'desktop', 'desktop.mjs')] = scriptWords(
  `npm run build:desktop [-- FILE]
  FILE   where it goes (default: in dist)`,
  {},
  1,
).words;
const bytes = await bundle(join('src-main', 'desktop', 'main.ts'), outfile, '', ['electron']);
console.log(`${outfile}: ${(bytes / 1024).toFixed(0)} KiB`);
