// `npm run build:desktop`: Electron's main process with the head in it, as one file. Takes another place for it as its only argument.
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import { projectRoot } from './project-node.mjs';

const outfile = process.argv[2] ?? join(projectRoot, 'dist', 'desktop', 'desktop.mjs');
const bytes = await bundle(join('src-main', 'desktop', 'main.ts'), outfile, '', ['electron']);
console.log(`${outfile}: ${(bytes / 1024).toFixed(0)} KiB`);
