// `npm test [TIER…] [vitest arguments]`: every check this machine can make, and one honest sum.
// A tier that cannot run here says why; NIGHTSHIFT_REQUIRE_ALL=1 makes that a failure.
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asksForHelp } from '../src-main/platform/home/head-arguments.ts';
import { projectRoot } from './project-node.mjs';
import { missingPackages } from './system-packages.ts';
import { partWords, tiers, type Tier } from './tiers.ts';
import { countVitest, type Count } from './vitest-count.ts';

const requireAll = process.env['NIGHTSHIFT_REQUIRE_ALL'] === '1';
const arguments_ = process.argv.slice(2);
const { chosen, forVitest } = partWords(arguments_);
if (asksForHelp(forVitest)) {
  console.log(`npm test [-- TIER… VITEST-ARGUMENTS]
  TIER               ${tiers.map(({ name }) => name).join(', ')}
  VITEST-ARGUMENTS   such as a part of a file's name, or -t "a part of a test's name"`);
  process.exit(0);
}
const byDefault = tiers.filter((tier) => !tier.onlyWhenNamed).map(({ name }) => name);
const wanted = chosen.length > 0 ? chosen : byDefault;

const workFolder = mkdtempSync(join(tmpdir(), 'nightshift-test-'));
process.on('exit', () => rmSync(workFolder, { recursive: true, force: true }));

const node = (args: readonly string[]): boolean =>
  spawnSync(process.execPath, args, { cwd: projectRoot, stdio: 'inherit' }).status === 0;

const oneOf = (passed: boolean): Count =>
  passed ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };

function runVitest(project: string): Count {
  const report = join(workFolder, `${project}.json`);
  const passed = node([
    ...['node_modules/vitest/vitest.mjs', 'run', '--project', project],
    ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    ...forVitest,
  ]);
  let text: string | undefined;
  try {
    text = readFileSync(report, 'utf8');
  } catch {
    // It fell before it could write one, which countVitest reads as a failure.
  }
  return countVitest(text, passed);
}

function runTier(tier: Tier): Count | undefined {
  if (tier.kind === 'tool') return oneOf(node(tier.command));
  const folder = `test/${tier.name}/**/*.test.ts`;
  if (globSync([folder, ...(tier.alsoIn ?? [])], { cwd: projectRoot }).length === 0) {
    console.log('no tests yet');
    return undefined;
  }
  const obstacle = tier.obstacle?.() ?? missingPackages(tier.packages ?? []);
  if (obstacle === undefined) return runVitest(tier.name);
  console.log(
    `${requireAll ? 'FAILED' : 'Skipped'}: the ${tier.name} tier cannot run: ${obstacle}.`,
  );
  return requireAll ? oneOf(false) : { passed: 0, failed: 0, skipped: 1 };
}

const lines: string[] = [];
const total = { passed: 0, failed: 0, skipped: 0 };
for (const tier of tiers.filter(({ name }) => wanted.includes(name))) {
  console.log(`\n── ${tier.name}: ${tier.meaning}`);
  const start = performance.now();
  const count = runTier(tier);
  if (count === undefined) continue;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  total.passed += count.passed;
  total.failed += count.failed;
  total.skipped += count.skipped;
  const verdict = count.failed > 0 ? '✗' : count.passed > 0 ? '✓' : '–';
  lines.push(`${verdict} ${tier.name.padEnd(8)} ${describe(count)} (${seconds} s)`);
}

function describe({ passed, failed, skipped }: Count): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

console.log(`\n${lines.join('\n')}\n\n${describe(total)}`);
process.exitCode = total.failed > 0 ? 1 : 0;
