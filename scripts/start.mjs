// `npm start`: brings the packages if they are missing or out of date, then becomes the head
// (src-main/start.ts) under the project's own Node. Works under any Node since 18.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { becomeNode, findProjectNode, projectRoot, quietFlags } from './project-node.mjs';

/** @param {string} path */
function changedAt(path) {
  return statSync(join(projectRoot, path), { throwIfNoEntry: false })?.mtimeMs;
}

/** Why `npm ci` has to run first, or undefined if the packages fit the lock file. */
function reasonToInstall() {
  // npm writes this file as the last step of an install.
  const installed = changedAt('node_modules/.package-lock.json');
  if (installed === undefined || findProjectNode() === undefined) {
    return 'Its packages are not installed yet';
  }
  if (installed < (changedAt('package-lock.json') ?? 0)) return 'Its packages have changed';
  return undefined;
}

// Said before anything is installed: asked for help it helps, and a slip costs no minute.
const typed = process.argv.slice(2);
if (typed.some((word) => word === '--help' || word === '-h')) {
  console.log(`npm start [-- OPTIONS]: makes ready what is missing, starts the head and opens the app
  --practice         plays one whole practice night and ends with 0 if every promise held (as root)
  --practice --keep  plays it and leaves it open
  --head-only        becomes the head, without a window
  --port N           as for the head
  --lab NAME         what the lab is called, when its home is new`);
  process.exit(0);
}
const known = ['--practice', '--keep', '--head-only', '--port', '--lab'];
const strange = typed.find(
  (word) => word.startsWith('--') && !known.includes(word.split('=', 1)[0] ?? ''),
);
if (strange !== undefined) {
  console.error(
    `nightshift: Unknown option '${strange}'; the options are ${known.join(', ')}, --help.`,
  );
  process.exit(2);
}

const reason = reasonToInstall();
if (reason !== undefined) {
  console.error(`nightshift: ${reason}: running \`npm ci\`, which takes about a minute.`);
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { status } = spawnSync(npm, ['ci', '--loglevel=error'], {
    cwd: projectRoot,
    stdio: ['ignore', process.stderr, 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}

const node = findProjectNode();
if (node === undefined) {
  console.error('nightshift: `npm ci` did not bring Node 24 (node_modules/node); run it again.');
  process.exit(1);
}
becomeNode(node, [
  ...quietFlags,
  join(projectRoot, 'src-main', 'start.ts'),
  ...process.argv.slice(2),
]);
