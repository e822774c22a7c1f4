// The rules a reader can rely on without looking: what each layer may touch (see README of each
// top folder). Direction between folders is held by test/architecture.test.ts.
import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import { builtinModules } from 'node:module';
import tseslint from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

const typescript = ['**/*.ts', '**/*.svelte'];

/** Decide and never act: no clock, no chance, no timers, no outside world. */
const pure = [
  'shared/{base,domain,wire,ports,api}/**/*.ts',
  'src-{main,member}/{ports,core,shells}/**/*.ts',
  'src-sim/**/*.ts',
];
const roots = [
  ...['src-main/*.ts', 'src-main/{features,desktop}/*.ts'],
  ...['src-member/*.ts', 'src-cli/*.ts'],
];
const adapters = [
  'shared/node/**/*.ts',
  'src-{main,member,cli}/platform/**/*.ts',
  'src-main/api/**/*.ts',
];
const tools = ['scripts/**', 'test/**', 'bin/**', '*.{js,ts}', 'src-renderer/*.ts'];
/** Bytes and text from outside become `unknown` here and a domain type in a decoder. */
const edges = ['src-{main,member,cli}/platform/**', 'src-renderer/bridge/**'];
/** The pure edge: bytes of a member's message in, a decoded message or a refusal out. */
const wire = ['shared/wire/**/*.ts'];
/** The simulated head's disk: text, as the real one's. */
const memoryStore = ['src-sim/memory-*.ts'];

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration, ExportSpecifier[exported.name="default"]',
  message: 'Export by name; one name everywhere.',
};
const noJsonParse = {
  selector: 'CallExpression[callee.object.name="JSON"][callee.property.name="parse"]',
  message:
    'JSON.parse belongs to the edges (platform/, api/, bridge/): into unknown, then a decoder.',
};
const noIpcMain = {
  selector: 'MemberExpression[property.name=/^ipc(Main|Renderer)$/]',
  message: 'There is no IPC: a window speaks HTTP and WebSocket with the head, like any browser.',
};
const noAmbientTime = [
  {
    selector: 'MemberExpression[object.name="Date"][property.name="now"]',
    message: 'Time comes in as a value or through the Clock port.',
  },
  {
    selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
    message: 'Time comes in as a value or through the Clock port.',
  },
  {
    selector: 'CallExpression[callee.name="Date"]',
    message: 'Time comes in as a value or through the Clock port.',
  },
  {
    selector: 'MemberExpression[object.name="Math"][property.name="random"]',
    message: 'Chance comes through the Rng port.',
  },
];
const noSleep = [
  {
    selector: 'NewExpression[callee.name="Promise"] :matches(Identifier[name="setTimeout"])',
    message: 'A test waits on a state (expect.poll, vi.waitFor), never on time.',
  },
  {
    selector: 'CallExpression[callee.object.name="scheduler"][callee.property.name="wait"]',
    message: 'A test waits on a state (expect.poll, vi.waitFor), never on time.',
  },
  {
    selector: 'CallExpression[callee.object.name="vi"][callee.property.name=/^(doM|m)ock$/]',
    message: 'Modules are not mocked: hand a simulated port in.',
  },
];
const everywhere = [noDefaultExport, noJsonParse, noIpcMain];

const timers = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'performance'];

const noPlatformImports = {
  paths: [
    ...builtinModules.filter((name) => !name.startsWith('node:')),
    ...['electron', 'ws', 'bonjour-service', 'execa', 'pino', 'node-pty'],
  ].map((name) => ({ name, message: 'Only platform/, api/ and the roots see the outside world.' })),
  patterns: [
    {
      group: ['node:*', 'electron/*'],
      message: 'Only platform/, api/ and the roots see the outside world.',
    },
  ],
};
const noIpcImport = {
  name: 'electron',
  importNames: ['ipcMain', 'ipcRenderer'],
  message: 'There is no IPC: a window speaks HTTP and WebSocket with the head, like any browser.',
};

/** @type {import('eslint').Linter.Config[]} */
export default [
  {
    ignores: [
      ...['**/node_modules/', 'dist/', 'out/', 'coverage/', '**/.svelte-check/', '**/*.d.ts'],
      // Recorded output of earlier versions is evidence, not source.
      'test/fixtures/',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },

  js.configs.recommended,
  {
    rules: {
      'no-undef': 'off', // the compiler knows better
      'no-control-regex': 'off', // terminals are part of the trade
    },
  },
  ...tseslint.configs.recommendedTypeChecked,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.svelte'],
      },
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser, svelteConfig } },
  },
  {
    files: typescript,
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }], // `== null` is null or undefined
      'no-console': 'off',
      'no-restricted-syntax': ['error', ...everywhere],
      'prefer-const': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': [
        'error',
        { checksVoidReturn: { arguments: false } },
      ],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      // An async method may answer at once because its port says Promise.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/return-await': ['error', 'in-try-catch'],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },

  {
    files: ['**/*.ts', '**/*.svelte'],
    ignores: [...roots, ...adapters, ...tools],
    rules: { 'no-restricted-imports': ['error', noPlatformImports] },
  },
  {
    // `let { x } = $props()` is how a component reads its properties.
    files: ['**/*.svelte', '**/*.svelte.ts'],
    rules: { 'prefer-const': 'off', 'svelte/prefer-const': 'error' },
  },
  {
    files: pure,
    rules: {
      'no-console': 'error',
      'no-restricted-globals': [
        'error',
        ...timers.map((name) => ({
          name,
          message: 'Wake-ups and time go through the Clock port.',
        })),
        ...['process', 'Buffer', 'crypto', 'fetch', 'globalThis'].map((name) => ({
          name,
          message: 'The outside world comes in through a port.',
        })),
      ],
      'no-restricted-syntax': ['error', ...everywhere, ...noAmbientTime],
    },
  },
  {
    files: [...wire, ...memoryStore],
    rules: { 'no-restricted-syntax': ['error', noDefaultExport, noIpcMain, ...noAmbientTime] },
  },
  {
    files: [...edges, 'scripts/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', noDefaultExport, noIpcMain],
      'no-restricted-imports': ['error', { paths: [noIpcImport] }],
    },
  },
  {
    files: roots,
    rules: { 'no-restricted-imports': ['error', { paths: [noIpcImport] }] },
  },
  {
    files: ['src-main/api/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', noDefaultExport, noIpcMain],
      'no-restricted-imports': ['error', { paths: [noIpcImport] }],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-restricted-syntax': ['error', noDefaultExport, noIpcMain, ...noSleep],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'node:timers/promises',
              message: 'A test waits on a state (expect.poll, vi.waitFor), never on time.',
            },
          ],
        },
      ],
    },
  },
  {
    // A benchmark measures time, so it may also let it pass.
    files: ['test/bench/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', noDefaultExport], 'no-restricted-imports': 'off' },
  },
  {
    files: ['*.{js,ts}', '**/*.config.{js,ts}'],
    rules: { 'no-restricted-syntax': 'off' }, // their tools ask for a default export
  },
  {
    files: ['**/*.{js,mjs}'],
    ...tseslint.configs.disableTypeChecked,
  },
];
