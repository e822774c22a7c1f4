import { sha256Hex } from '../../../shared/node/sha256-hex.ts';

/** Raised when the builder itself makes another tree of the same recipe. */
export const builderFormat = 1;

export interface RecipeFile {
  /** Relative to the recipe folder, with `/`. */
  readonly path: string;
  readonly executable: boolean;
  readonly content: Uint8Array;
}

/** All that shapes a tree. Package versions are not in it: a rebuild is a choice (packages-of.ts), not a surprise. */
export interface TreeIngredients {
  readonly files: readonly RecipeFile[];
  /** As `uname -m` has it. */
  readonly architecture: string;
  /** Version of the Node that goes in. */
  readonly node?: string;
  /** When somebody chose to take Debian's packages as they were then; none: when it was first built. */
  readonly packages?: string;
}

/** 16 hex digits; the same for the same ingredients in any order. READMEs shape nothing. */
export function versionOf(ingredients: TreeIngredients, format: number = builderFormat): string {
  const files = ingredients.files
    .filter(({ path }) => path !== 'README.md')
    .map(({ path, executable, content }) => [path, executable, sha256Hex(content)] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const { packages } = ingredients;
  const all = [
    ...[format, ingredients.architecture, ingredients.node ?? null, files],
    ...(packages === undefined ? [] : [packages]),
  ];
  return sha256Hex(JSON.stringify(all)).slice(0, 16);
}
