import { z } from 'zod';
import { decodeSafely } from '../../../shared/wire/decode-safely.ts';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';

const packageName = z.string().regex(/^[a-z0-9][a-z0-9.+-]+$/, 'expected a Debian package name');
const absolutePath = z.string().regex(/^\/[^,\n]+$/, 'expected an absolute path');
/** Never up or out of the tree: these are removed or written with root's rights. */
const pathInTree = z
  .string()
  .regex(/^[^/\n][^\n]*$/, 'expected a path inside the tree, without a leading slash')
  .refine((path) => !path.split('/').includes('..'), 'expected a path without ".."');

const recipe = z.strictObject({
  /** Debian release, such as `trixie`. */
  suite: z.string().regex(/^[a-z][a-z0-9-]*$/, 'expected a Debian suite such as trixie'),
  /** mmdebstrap's choice of what is there besides `packages`. */
  variant: z.enum(['extract', 'essential', 'apt', 'minbase']),
  /** Parts of Debian to take packages from; by default only `main`. */
  components: z
    .array(z.string().regex(/^[a-z-]+$/, 'expected a component such as main'))
    .optional(),
  packages: z.array(packageName),
  /** dpkg's path-exclude and path-include: the second wins over the first. */
  withoutPaths: z.array(absolutePath),
  butWithPaths: z.array(absolutePath),
  /** Globs of what to take out once all is installed. */
  remove: z.array(pathInTree),
  /** Where our Node goes, if it does. */
  node: pathInTree.optional(),
});

/** What a tree is made of. `files/` beside it is laid over the result. */
export type TreeRecipe = z.infer<typeof recipe>;

/** `name` is for the sentence only. */
export function decodeRecipe(value: unknown, name: string): Result<TreeRecipe> {
  const decoded = decodeSafely(recipe, value);
  if (decoded.success) return ok(decoded.data);
  const [first] = decoded.error.issues;
  const place = ['$', ...(first?.path ?? [])].join('.');
  return refuse(
    'misuse',
    `The recipe ${name} cannot be used: ${place}: ${first?.message ?? 'unknown'}.`,
  );
}
