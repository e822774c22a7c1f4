import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './project-root.ts';

/**
 * Node, for programs of ours and for lines that people shall type. In the app the program that runs is Electron, which would
 * open another window: there it is the Node that came with the packages, else whatever is called so.
 */
export const nodeProgram: string =
  process.versions['electron'] === undefined ? process.execPath : nodeBeside();

function nodeBeside(): string {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const path = join(projectRoot, 'node_modules', 'node', 'bin', name);
  return existsSync(path) ? path : name;
}
