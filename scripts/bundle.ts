// What our bundles for Node have in common: one file of our code and of the packages, for programs that wait all night.
import { build, type Plugin } from 'esbuild';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectRoot } from './project-node.mjs';

/**
 * What a start would wait for and memory hold for nothing: as an ES module Node's `http` brings all of `fetch` with it, and zod
 * its messages in fifty languages.
 */
const quickStart: Plugin = {
  name: 'quick start',
  setup(bundler) {
    bundler.onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'import-statement' ? { path, namespace: 'of-node' } : { path, external: true },
    );
    bundler.onLoad({ filter: /.*/, namespace: 'of-node' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
      loader: 'js',
    }));
    bundler.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({ contents: 'export {};' }));
  },
};

/** Scripts in other languages lie beside the module that runs them; in a bundle their text stands in it. */
const textsInside: Plugin = {
  name: 'texts inside',
  setup(bundler) {
    bundler.onLoad({ filter: /[\\/]src-(main|member)[\\/].*\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      if (!source.includes('textBeside(')) return undefined;
      const contents = source.replaceAll(
        /textBeside\(import\.meta\.url, '(\.\/[\w.-]+)'\)/g,
        (_, file: string) => JSON.stringify(readFileSync(join(dirname(path), file), 'utf8')),
      );
      if (contents.includes('textBeside('))
        throw new Error(`${path} asks for the text of a file in words that a bundle does not know`);
      return { contents, loader: 'ts' };
    });
  },
};

/**
 * `entry`: a path in the checkout; `firstLine`: before all else; `outside`: packages that whoever runs it has. The size of the
 * file, bytes.
 */
export async function bundle(
  entry: string,
  outfile: string,
  firstLine = '',
  outside: readonly string[] = [],
): Promise<number> {
  const result = await build({
    absWorkingDir: projectRoot,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Packages are those of the lock file, wherever NODE_PATH points.
    nodePaths: [],
    charset: 'ascii',
    // Names stay, so that a log says where something went wrong.
    minifyWhitespace: true,
    minifySyntax: true,
    plugins: [quickStart, textsInside],
    inject: [join(projectRoot, 'scripts', 'bundle-without-forms.ts')],
    metafile: true,
    legalComments: 'none',
    logLevel: 'warning',
    // CommonJS packages inside the bundle still call require for Node's own modules.
    banner: {
      js: [
        ...(firstLine === '' ? [] : [firstLine]),
        "import { createRequire as requireFrom } from 'node:module';",
        'const require = requireFrom(import.meta.url);',
      ].join('\n'),
    },
    // ws looks for these two compiled accelerators and does without them.
    external: ['bufferutil', 'utf-8-validate', ...outside],
  });
  insistOnAscii(outfile);
  return Object.values(result.metafile.outputs)[0]?.bytes ?? 0;
}

/**
 * One sign beyond ASCII, and V8 keeps the whole file at two bytes a character: 1.8 MiB of the head's. esbuild writes signs in
 * strings as ASCII, and leaves those in regular expressions as they are.
 */
function insistOnAscii(file: string): void {
  const found = /.{0,40}[\u{80}-\u{10ffff}].{0,40}/u.exec(readFileSync(file, 'utf8'));
  if (found)
    throw new Error(`a bundle is ASCII; write the sign as \\u… where the sources say: ${found[0]}`);
}
