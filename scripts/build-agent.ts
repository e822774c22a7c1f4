// `npm run build:agent`: the member agent as the one file that goes into the member image,
// together with Node 24 and no node_modules. Takes another place for the file as its only argument.
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import { projectRoot } from './project-node.mjs';
import { scriptWords } from './script-words.ts';

const [outfile = join(projectRoot, 'dist', 'agent.mjs')] = scriptWords(
  `npm run build:agent [-- FILE]
  FILE   where it goes (default: in dist)`,
  {},
  1,
).words;
const bytes = await bundle(join('src-member', 'agent.ts'), outfile, '#!/usr/bin/env node');
chmodSync(outfile, 0o755);
console.log(`${outfile}: ${(bytes / 1024).toFixed(0)} KiB`);
