// `npm run check`: type-checks every layer by its own tsconfig, so that the compiler itself keeps
// the pure layers pure. Layers without a file yet are passed over.
import { spawn } from 'node:child_process';
import { globSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from './project-node.mjs';
import { scriptWords } from './script-words.ts';

scriptWords('npm run check');

type Layer = { readonly folder: string; readonly tool: 'tsc' | 'svelte-check' };

const layers: readonly Layer[] = [
  { folder: 'src-renderer', tool: 'svelte-check' }, // the slowest first
  { folder: 'test/ui', tool: 'svelte-check' },
  { folder: 'shared', tool: 'tsc' },
  { folder: 'shared/node', tool: 'tsc' },
  { folder: 'src-main/ports', tool: 'tsc' },
  { folder: 'src-main/core', tool: 'tsc' },
  { folder: 'src-main/shells', tool: 'tsc' },
  { folder: 'src-main', tool: 'tsc' },
  { folder: 'src-member/ports', tool: 'tsc' },
  { folder: 'src-member/core', tool: 'tsc' },
  { folder: 'src-member/shells', tool: 'tsc' },
  { folder: 'src-member', tool: 'tsc' },
  { folder: 'src-cli', tool: 'tsc' },
  { folder: 'src-sim', tool: 'tsc' },
  { folder: 'scripts', tool: 'tsc' },
  { folder: 'test', tool: 'tsc' },
  { folder: '.', tool: 'tsc' },
];

function hasSources({ folder }: Layer): boolean {
  const nested = layers
    .filter((other) => other.folder !== folder && other.folder.startsWith(`${folder}/`))
    .map((other) => `${other.folder}/**`);
  const pattern = folder === '.' ? '*.ts' : `${folder}/**/*.{ts,svelte}`;
  return (
    globSync(pattern, { cwd: projectRoot, exclude: ['node_modules/**', ...nested] }).length > 0
  );
}

function commandOf({ folder, tool }: Layer): readonly string[] {
  const tsconfig = join(folder, 'tsconfig.json');
  switch (tool) {
    case 'tsc':
      return ['node_modules/@typescript/native/bin/tsc', '--project', tsconfig, '--pretty'];
    case 'svelte-check':
      return [
        ...['node_modules/svelte-check/bin/svelte-check', '--tsgo', '--fail-on-warnings'],
        ...['--workspace', folder, '--tsconfig', 'tsconfig.json', '--output', 'human'],
      ];
  }
}

type Outcome = { readonly layer: Layer; readonly passed: boolean; readonly seconds: number };

function check(layer: Layer): Promise<Outcome> {
  return new Promise((resolve) => {
    const start = performance.now();
    // What it made of a component that has another name by now would be checked, too.
    rmSync(join(projectRoot, layer.folder, '.svelte-check'), { recursive: true, force: true });
    const child = spawn(process.execPath, commandOf(layer), {
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('close', (code) => {
      const seconds = (performance.now() - start) / 1000;
      const passed = code === 0;
      console.log(`${passed ? '✓' : '✗'} ${layer.folder} (${seconds.toFixed(1)} s)`);
      if (!passed) console.log(output.trimEnd());
      resolve({ layer, passed, seconds });
    });
  });
}

const queue = layers.filter(hasSources);
const outcomes: Outcome[] = [];
async function worker(): Promise<void> {
  for (let layer = queue.shift(); layer !== undefined; layer = queue.shift()) {
    outcomes.push(await check(layer));
  }
}
await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker));

const failed = outcomes.filter((outcome) => !outcome.passed);
if (failed.length > 0) {
  console.log(`\nTypes: ${failed.map(({ layer }) => layer.folder).join(', ')} failed.`);
  process.exit(1);
}
