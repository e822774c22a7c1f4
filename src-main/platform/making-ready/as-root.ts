import { join } from 'node:path';
import { commandAsRoot } from '../../../shared/domain/as-root.ts';
import { nodeProgram } from '../../../shared/node/node-program.ts';
import { projectRoot } from '../../../shared/node/project-root.ts';

/** A script of this checkout, by its path in it. */
export const asRoot = (script: string, ...words: readonly string[]): string =>
  commandAsRoot(nodeProgram, join(projectRoot, script), ...words);

/** What brings everything into the cache that only root may make. */
export const buildAsRoot = (): string => asRoot('scripts/build-system.ts');
