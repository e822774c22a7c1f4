// `npm run build:head`: the head as one file, which takes a third of the memory that its sources and packages take one by one,
// and starts sooner. Takes another place for the file as its only argument.
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import { projectRoot } from './project-node.mjs';
import { scriptWords } from './script-words.ts';

const [outfile = join(projectRoot, 'dist', 'head', 'run-head.mjs')] = scriptWords(
  `npm run build:head [-- FILE]
  FILE   where it goes (default: in dist)`,
  {},
  1,
).words;
const bytes = await bundle(join('src-main', 'run-head.ts'), outfile);
console.log(`${outfile}: ${(bytes / 1024).toFixed(0)} KiB`);
