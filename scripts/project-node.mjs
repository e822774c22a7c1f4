// Plain JavaScript without packages: whatever Node a machine has must be able to run it, and it
// runs before `npm ci` has brought Node 24, which everything else here needs.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)));

/** The oldest Node that runs our TypeScript as it is. */
const oldestMajor = 24;

export const runsTypeScript = Number(process.versions.node.split('.')[0]) >= oldestMajor;

/** The Node 24 that `npm ci` brought, or undefined before it ran. */
export function findProjectNode() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const path = join(projectRoot, 'node_modules', 'node', 'bin', name);
  return existsSync(path) ? path : undefined;
}

/** Experimental parts of Node are in use on purpose; their warnings would only spoil the output. */
export const quietFlags = ['--disable-warning=ExperimentalWarning'];

/**
 * Becomes `node …args`: replaces this process where the system can, otherwise stands in for the
 * child, passing signals down and its end up.
 * @param {string} node
 * @param {readonly string[]} args
 */
export function becomeNode(node, args) {
  // Children that say plain `node` (and `npx`) get the project's own, too.
  const path = [dirname(node), process.env['PATH'] ?? ''].join(delimiter);
  const env = { ...process.env, PATH: path };
  const underNpm = process.env['npm_lifecycle_event'] !== undefined;

  if (!underNpm && typeof process.execve === 'function' && process.platform !== 'win32') {
    process.removeAllListeners('warning'); // execve itself is experimental
    process.execve(node, [node, ...args], env);
  }

  const child = spawn(node, args, { stdio: 'inherit', env });
  if (underNpm) onceOrphaned(() => child.kill('SIGTERM'));
  // A terminal sends ^C to the child as well; passed on, it would arrive twice.
  if (process.stdin.isTTY) process.on('SIGINT', () => undefined);
  else process.on('SIGINT', () => child.kill('SIGINT'));
  /** @type {NodeJS.Signals[]} */
  const passedOn = ['SIGTERM', 'SIGHUP', 'SIGQUIT'];
  for (const signal of passedOn) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`nightshift: cannot start ${node}: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    process.exit(signal === null ? (code ?? 1) : 128 + (constants.signals[signal] ?? 0));
  });
}

/**
 * npm runs a script through `sh -c`, passes SIGTERM to that shell, and where sh is dash the shell
 * dies alone: what it started would run on for ever. The new parent is the only sign of it.
 * @param {() => void} act
 */
function onceOrphaned(act) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    act();
  }, 500);
  timer.unref();
}
