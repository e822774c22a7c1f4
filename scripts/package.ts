// `npm run package [-- WORDS]`: builds all that a package holds, then the packages (electron-builder.yml). WORDS go to
// electron-builder: `-- --linux dir tar.gz`, `-- --win`.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { refusalWords } from '../shared/words/refusal-words.ts';
import {
  buildWhenChanged,
  builtAgent,
  builtHead,
  builtUi,
} from '../src-main/platform/making-ready/build-when-changed.ts';
import { builtDesktop } from '../src-main/platform/making-ready/desktop-app.ts';
import { asksForHelp } from '../src-main/platform/home/head-arguments.ts';
import { bundle } from './bundle.ts';
import { carryImages } from './carry-images.ts';
import { projectRoot } from './project-node.mjs';

// Everything else is electron-builder's to judge; this is asked before anything is built.
if (asksForHelp(process.argv.slice(2))) {
  console.log(`npm run package [-- WORDS]
  WORDS   what electron-builder takes, such as --linux dir tar.gz, or --win`);
  process.exit(0);
}

for (const built of [builtUi, builtAgent, builtHead, builtDesktop]) {
  const made = await buildWhenChanged(built, ({ step, line }) => console.log(`${step}: ${line}`));
  if (made.ok) continue;
  console.error(refusalWords(made.error));
  process.exit(1);
}
// The head without a window; the bulk of it lies in dist/head, and nothing is built in a package.
const entry = join(projectRoot, 'dist', 'desktop', 'head.mjs');
await bundle(join('src-main', 'head.ts'), entry, '', ['./run-head.ts']);

// What polkit lets write drives; it stands alone, since it runs as root.
const writer = join(projectRoot, 'dist', 'desktop', 'drive-writer.mjs');
await bundle(join('src-main', 'drive-writer.ts'), writer, '', []);

const carried = join(projectRoot, 'dist', 'carried');
const images = await carryImages(carried, (line) => console.log(line));
if (!images.ok) {
  console.error(refusalWords(images.error));
  process.exit(1);
}
if (images.value !== null) console.error(`The package is made, but ${images.value}.`);

const builder = join(projectRoot, 'node_modules', 'electron-builder', 'cli.js');
const words = ['--publish', 'never', ...process.argv.slice(2)];
const ended = spawnSync(process.execPath, [builder, ...words], {
  cwd: projectRoot,
  stdio: 'inherit',
  env: { ...toolsHere(), ...process.env },
});
process.exit(ended.status ?? 1);

/** Tools of the system are taken where they are; electron-builder fetches what is not named. */
function toolsHere(): NodeJS.ProcessEnv {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = (name: string): string | undefined =>
    folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  const archiver = found('7za');
  return {
    ...(archiver === undefined ? {} : { ELECTRON_BUILDER_7ZIP_PATH: archiver }),
    ...(found('fpm') === undefined ? {} : { USE_SYSTEM_FPM: 'true' }),
  };
}
