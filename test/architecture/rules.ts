// The rules of the house as functions over paths and texts: each returns its complaints as
// sentences. test/architecture.test.ts applies them to the tree and to made-up trees that break them.
import { basename, dirname, join } from 'node:path/posix';
import ts from 'typescript';

export type SourceFile = { readonly path: string; readonly text: string };
type Rule = (file: SourceFile) => readonly string[];

/**
 * Which layer a file belongs to. Within src-main, src-member and src-cli the files at the top are
 * composition roots and every folder is a layer.
 */
export function layerOf(path: string): string {
  const [top = '', ...rest] = path.split('/');
  if (rest.length === 0) return 'configuration';
  if (top === 'shared') return rest.length === 1 ? 'shared' : `shared/${rest[0]}`;
  if (top === 'src-main' || top === 'src-member' || top === 'src-cli') {
    return rest.length === 1 ? `${top}/root` : `${top}/${rest[0]}`;
  }
  return top;
}

/** Layer → the layers it may see besides itself. A layer that is not listed is a complaint. */
const visibleFrom: Readonly<Record<string, readonly string[] | 'everything'>> = {
  'shared/base': [],
  'shared/domain': ['shared/base'],
  'shared/ports': ['shared/base', 'shared/domain', 'shared/wire'],
  'shared/wire': ['shared/base', 'shared/domain'],
  'shared/api': ['shared/base', 'shared/domain', 'shared/wire'],
  'shared/words': ['shared/base', 'shared/domain'],
  'shared/node': ['shared/base', 'shared/domain', 'shared/ports', 'shared/words'],

  'src-main/ports': ['shared'],
  'src-main/core': ['shared', 'src-main/ports'],
  'src-main/shells': ['shared', 'src-main/ports', 'src-main/core'],
  'src-main/platform': ['shared', 'src-main/ports'],
  'src-main/api': [
    ...['shared', 'src-main/ports', 'src-main/core', 'src-main/shells', 'src-main/platform'],
  ],
  'src-main/features': ['shared', 'src-main'],
  'src-main/desktop': ['shared', 'src-main'],
  'src-main/root': ['shared', 'src-main'],

  'src-member/ports': ['shared'],
  'src-member/core': ['shared', 'src-member/ports'],
  'src-member/shells': ['shared', 'src-member/ports', 'src-member/core'],
  'src-member/platform': ['shared', 'src-member/ports'],
  'src-member/root': ['shared', 'src-member'],

  'src-cli/ports': ['shared'],
  'src-cli/platform': ['shared', 'src-cli/ports'],
  'src-cli/root': ['shared', 'src-cli'],
  'src-renderer': ['shared'],
  'src-sim': ['shared', 'src-main/ports', 'src-main/core', 'src-main/shells', 'src-main/api'],

  scripts: 'everything',
  test: 'everything',
  bin: 'everything',
  configuration: 'everything',
  types: [],
  assets: [],
};
/** Folders of the command line (commands, output …) see one another but not their platform. */
const commandLine = ['shared', 'src-cli'];

/** Layers that may use what is common to our programs under Node. */
const touchesTheWorld =
  /\/(platform|root|api|features|desktop)$|^(scripts|test|bin|configuration)$/;

function maySee(from: string, to: string): boolean {
  if (from === to) return true;
  if (to === 'shared/node' && !touchesTheWorld.test(from)) return false;
  const inCommandLine = from.startsWith('src-cli/') && !(from in visibleFrom);
  if (inCommandLine && (to === 'src-cli/platform' || to === 'src-cli/root')) return false;
  const visible = inCommandLine ? commandLine : visibleFrom[from];
  if (visible === undefined) return false;
  if (visible === 'everything') return true;
  return visible.some((layer) => to === layer || to.startsWith(`${layer}/`));
}

/** The modules a text imports, exports from or loads, as written. Works on Svelte files too. */
export function importsOf({ path, text }: SourceFile): readonly string[] {
  const script = path.endsWith('.svelte')
    ? [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1]).join('\n')
    : text;
  return ts.preProcessFile(script, true, true).importedFiles.map(({ fileName }) => fileName);
}

/** shared ← core ← shells ← roots; the programs never import one another. */
export const importsPointInwards: Rule = (file) => {
  const from = layerOf(file.path);
  return importedFiles(file)
    .filter((target) => !maySee(from, layerOf(target)))
    .map((target) => `${file.path} (${from}) imports ${target} (${layerOf(target)})`);
};

/**
 * Floors of the head's core, the ground first. What a room imports lies below it; rooms of one floor do not know one another. Rooms
 * that are not listed (boot-image, identity, netboot …) stand beside the tower and are not part of it.
 */
const floors: readonly (readonly string[])[] = [
  ['state'],
  ['log-form'],
  ['nights'],
  ['membership'],
  ['attempts'],
  ['plan'],
  ['commands', 'services', 'storage', 'orders', 'consoles', 'jobs', 'views'],
  ['lab'],
];

const floorOf = (path: string): { readonly room: string; readonly floor: number } | undefined => {
  const room = /^src-main\/core\/([^/]+)\//.exec(path)?.[1];
  const floor = floors.findIndex((rooms) => room !== undefined && rooms.includes(room));
  return room === undefined || floor < 0 ? undefined : { room, floor };
};

/** Inside the head's core, too: lab ← commands, views … ← plan ← attempts ← membership ← state. */
export const coreImportsPointDown: Rule = (file) => {
  const from = floorOf(file.path);
  if (from === undefined) return [];
  return importedFiles(file)
    .filter((target) => {
      const to = floorOf(target);
      return to !== undefined && to.room !== from.room && to.floor >= from.floor;
    })
    .map((target) => `${file.path} (${from.room}) imports ${target}, which is no floor below it`);
};

const importedFiles = (file: SourceFile): readonly string[] =>
  importsOf(file)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => join(dirname(file.path), specifier));

/**
 * Files that import one another in a circle, each circle once. Strongly connected components (Tarjan 1972).
 */
export function circles(files: readonly SourceFile[]): readonly string[] {
  const imports = new Map(files.map((file) => [file.path, importedFiles(file)]));
  const found: string[] = [];
  const order = new Map<string, number>();
  const open: string[] = [];
  const visit = (path: string): number => {
    const mine = order.size;
    let lowest = mine;
    order.set(path, mine);
    open.push(path);
    for (const target of imports.get(path) ?? []) {
      if (!imports.has(target)) continue;
      const seen = order.get(target);
      if (seen === undefined) lowest = Math.min(lowest, visit(target));
      else if (open.includes(target)) lowest = Math.min(lowest, seen);
    }
    if (lowest === mine) {
      const circle = open.splice(open.indexOf(path));
      if (circle.length > 1) found.push(`${circle.sort().join(' and ')} import one another`);
    }
    return lowest;
  };
  for (const { path } of files) if (!order.has(path)) visit(path);
  return found;
}

export const layerIsKnown: Rule = ({ path }) => {
  const layer = layerOf(path);
  const known = layer in visibleFrom || layer.startsWith('src-cli/');
  return known ? [] : [`${path}: there is no layer ${layer}`];
};

/**
 * Rooms of pure rules, and where their tests stand: `src-main/core/plan/drains.ts` has `test/unit/core/plan/drains.test.ts`. Of the
 * head's core these are the floors above; `log-form` is tested by recorded logs, whatever heads wrote them.
 */
const testedBeside = /^src-(main|member)\/core\/((?:[^/]+\/)+)([^/]+)\.ts$/;
const testFolders = { main: 'test/unit/core', member: 'test/unit/member' } as const;

/** Each file that exports a decider, or any other function or class, has a test of its own. */
export function decidersWithoutTest(files: readonly SourceFile[]): readonly string[] {
  const paths = new Set(files.map(({ path }) => path));
  return files.flatMap((file) => {
    const [, program, room, name] = testedBeside.exec(file.path) ?? [];
    if (program === undefined || room === undefined || name === undefined) return [];
    const floor = floorOf(file.path)?.room;
    if (program === 'main' && (floor === undefined || floor === 'log-form')) return [];
    const wanted = `${testFolders[program === 'main' ? 'main' : 'member']}/${room}${name}.test.ts`;
    return exportsRule(file) && !paths.has(wanted)
      ? [`${file.path} decides something and has no ${wanted}`]
      : [];
  });
}

function exportsRule({ path, text }: SourceFile): boolean {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  return source.statements.some(
    (statement) =>
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) &&
      (ts.isFunctionDeclaration(statement) ||
        ts.isClassDeclaration(statement) ||
        (ts.isVariableStatement(statement) &&
          statement.declarationList.declarations.some(
            ({ initializer }) => initializer !== undefined && ts.isFunctionLike(initializer),
          ))),
  );
}

/** What a message speaks of is asked in one file and handed down from there. */
export const attemptsAreAskedForOnce: Rule = ({ path, text }) =>
  path.startsWith('src-main/') &&
  path !== 'src-main/core/lab/hear.ts' &&
  path !== 'src-main/core/attempts/spoken-of.ts' &&
  /\bspokenOf\(/.test(text)
    ? [`${path} asks spokenOf itself; lab/hear.ts does, and hands down what was meant`]
    : [];

/** What a person may do with the lab is refused by a code, which each face words for itself. */
export const commandsRefuseByCode: Rule = ({ path, text }) =>
  /^src-main\/(core\/(commands|state|plan|nights|jobs|identity)|shells\/(lab|media|netboot|wake)-)/.test(
    path,
  ) && /[^\w.]refuse\(/.test(text)
    ? [`${path} refuses in a sentence of its own; give it a code in shared/domain/refusals.ts`]
    : [];

/**
 * Words that say less than the field's own, and what is said instead. Also the glossary's other side: docs/glossary.md has the terms
 * that are in use. Quoted text is passed over: a PC may be called "desk", and an older head's file may hold such a name.
 */
const plainWords: readonly (readonly [RegExp, string])[] = [
  [/\bstrangers?\b|Strangers?(?![a-z])/i, 'unenrolled PC, unknown caller or other head'],
  [/\bdoors?\b|[a-z]Doors?(?![a-z])|\bDoors?[A-Z]/, 'enrolment listener, listener or client'],
  [/(?<!-)\bdesks?\b|[a-z]Desks?(?![a-z])|\bDesk[A-Z]/, 'what it does: requests, readers, book'],
  [/\b(?:[a-z]+-)?keepers?\b|Keepers?(?![a-z])/i, 'supervisor or holder'],
];

/** The words of the house are those of the field. */
export const wordsArePlain: Rule = ({ path, text }) => {
  if (path.startsWith('test/architecture')) return [];
  const own = `${basename(path)}\n${text.replaceAll(/'[^'\n]*'|`[^`]*`|"[^"\n]*"/g, '')}`;
  return plainWords
    .filter(([word]) => word.test(own))
    .map(([word, instead]) => `${path} says ${word.exec(own)?.[0] ?? ''}; say ${instead}`);
};

/** Packages that are as pure as the layers that use them. */
const purePackages: Readonly<Record<string, readonly string[]>> = {
  'shared/base': [],
  'shared/domain': ['zod'],
  'shared/ports': [],
  'shared/wire': ['zod'],
  'shared/api': ['zod', '@orpc/contract'],
  'src-main/ports': [],
  'src-main/core': ['zod', 'croner', 'temporal-polyfill'],
  'src-main/shells': ['zod'],
  'src-member/ports': [],
  'src-member/core': ['zod'],
  'src-member/shells': ['zod'],
  'src-sim': ['@orpc/server'],
};

export const pureLayersUsePurePackages: Rule = (file) => {
  const allowed = purePackages[layerOf(file.path)];
  if (allowed === undefined) return [];
  return importsOf(file)
    .filter((specifier) => !specifier.startsWith('.') && !allowed.includes(specifier))
    .map((specifier) => `${file.path} imports ${specifier}; a pure layer may not`);
};

const rootLineCap = 250;
const rootFile =
  /^((src-(main|member|cli)|scripts)\/[^/]+|src-main\/(features|desktop)\/[^/]+)\.(ts|mjs)$/;

/** Roots construct and connect, no more. */
export const rootsStaySmall: Rule = ({ path, text }) => {
  const lines = text.split('\n').length;
  return rootFile.test(path) && lines > rootLineCap
    ? [`${path} has ${lines} lines; a composition root stays under ${rootLineCap}`]
    : [];
};

const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
const pascalCase = /^([A-Z][a-z0-9]*)+\.svelte$/;
const says =
  /^(utils?|helpers?|misc|common|data|info|manager|stuff)\.|-(utils?|helpers?|manager|info|data)\./;
const code = /\.(ts|mjs|js|cjs|svelte)$/;

/** kebab-case after the main export, PascalCase for components, and a name that says something. */
export const filesAreNamedWell: Rule = ({ path }) => {
  const name = basename(path);
  if (!code.test(name)) return [];
  const shape = name.endsWith('.svelte') ? pascalCase : kebabCase;
  if (!shape.test(name)) return [`${path}: files are kebab-case, Svelte components PascalCase`];
  if (/^index\.[a-z]+$/.test(name)) return [`${path}: no barrel files; import the file itself`];
  if (says.test(name)) return [`${path}: name the file after what it does`];
  return [];
};

const baseFiles = ['assert-never.ts', 'brand.ts', 'result.ts', 'units.ts'];

/** shared/base is where everything could go, so nothing may. */
export const baseIsClosed: Rule = ({ path }) => {
  const inBase = path.startsWith('shared/base/') && path.endsWith('.ts');
  return inBase && !baseFiles.includes(path.slice('shared/base/'.length))
    ? [`${path}: shared/base is a closed list (${baseFiles.join(', ')})`]
    : [];
};

const foreignWords: readonly (readonly [RegExp, string])[] = [
  [/(^|[\s"'`(=:])\/(work|home\/[a-z]\w*|Users\/[A-Za-z]\w*)\//, "a path of somebody's machine"],
  [/\b(deb|ftp|security|snapshot)(\.[a-z]{2})?\.debian\.org\b/, 'the host of a Debian mirror'],
  [/\bregistry\.(npmjs|yarnpkg|npmmirror)\.[a-z]+/, 'the host of a package registry'],
  [/https?:\/\/[\w.-]*(mirror|registry|artifactory|nexus|proxy)[\w-]*\.[\w.-]+/, 'a mirror host'],
  [/"resolved": "https?:/, 'where a package came from'],
];

/** The project works anywhere: no file names this machine or the mirrors it uses. */
export const namesNoMachine: Rule = ({ path, text }) =>
  text
    .split('\n')
    .flatMap((line, index) =>
      foreignWords
        .filter(([pattern]) => pattern.test(line))
        .map(([, what]) => `${path}:${index + 1} names ${what}: ${line.trim().slice(0, 100)}`),
    );
