import { describe, expect, it } from 'vitest';
import { readProjectFiles } from './architecture/project-files.ts';
import {
  attemptsAreAskedForOnce,
  baseIsClosed,
  circles,
  commandsRefuseByCode,
  coreImportsPointDown,
  decidersWithoutTest,
  filesAreNamedWell,
  importsOf,
  importsPointInwards,
  layerIsKnown,
  namesNoMachine,
  pureLayersUsePurePackages,
  rootsStaySmall,
  type SourceFile,
  wordsArePlain,
} from './architecture/rules.ts';

const code = /\.(ts|mjs|js|cjs|svelte)$/;

describe('the house', () => {
  const files = readProjectFiles();
  const sources = files.filter(({ path }) => code.test(path));

  it('is found by this test', () => {
    expect(sources.map(({ path }) => path)).toContain('test/architecture.test.ts');
    expect(sources.map(({ path }) => path)).toContain('shared/base/brand.ts');
  });

  it.each([
    ['has only layers that its map knows', layerIsKnown],
    ['lets imports point inwards only', importsPointInwards],
    ["lets imports inside the head's core point down only", coreImportsPointDown],
    ['keeps pure layers to pure packages', pureLayersUsePurePackages],
    ['keeps composition roots small', rootsStaySmall],
    ['names files after what they do', filesAreNamedWell],
    ['keeps shared/base a closed list', baseIsClosed],
    ['asks in one place what a message speaks of', attemptsAreAskedForOnce],
    ['refuses people by codes', commandsRefuseByCode],
    ['speaks plainly', wordsArePlain],
  ])('%s', (_sentence, rule) => {
    expect(sources.flatMap(rule)).toEqual([]);
  });

  it('has no files that import one another in a circle', () => {
    expect(circles(sources)).toEqual([]);
  });

  it('has a test of its own for each of its deciders', () => {
    expect(decidersWithoutTest(sources)).toEqual([]);
  });

  it('names no machine and no mirror', () => {
    // The rules and their made-up offenders name such things to find them.
    const judged = files.filter(({ path }) => !path.startsWith('test/architecture'));
    expect(judged.flatMap(namesNoMachine)).toEqual([]);
  });
});

const file = (path: string, text = ''): SourceFile => ({ path, text });
const importing = (path: string, specifier: string): SourceFile =>
  file(path, `import { x } from '${specifier}';`);

describe('the rules notice', () => {
  it.each([
    ['shared/domain/job.ts', '../../src-main/core/jobs/queue.ts'],
    ['shared/base/brand.ts', '../domain/job.ts'],
    ['src-main/core/jobs/queue.ts', '../../shells/jobs.ts'],
    ['src-main/core/jobs/queue.ts', '../../platform/clock.ts'],
    ['src-main/shells/jobs.ts', '../platform/clock.ts'],
    ['src-main/platform/clock.ts', '../core/jobs/queue.ts'],
    ['src-main/head.ts', '../src-member/agent.ts'],
    ['src-member/core/lease.ts', '../../src-main/core/lease.ts'],
    ['src-renderer/state/lab.ts', '../../src-main/core/lab/lab.ts'],
    ['src-cli/commands/submit.ts', '../platform/terminal.ts'],
    ['src-cli/nightshift.ts', '../src-main/head.ts'],
    ['src-main/core/jobs/queue.ts', '../../../test/sim/lab.ts'],
    ['src-renderer/state/lab.ts', '../../src-sim/simulated-lab.ts'],
    ['src-main/head.ts', '../src-sim/simulated-lab.ts'],
    ['src-sim/simulated-lab.ts', '../src-main/platform/store/sqlite-event-store.ts'],
  ])('%s importing %s', (path, specifier) => {
    expect(importsPointInwards(importing(path, specifier))).toHaveLength(1);
  });

  it.each([
    ['src-main/core/jobs/queue.ts', '../../../shared/domain/job.ts'],
    ['src-main/core/jobs/queue.ts', '../nights/night.ts'],
    ['src-main/shells/jobs.ts', '../core/jobs/queue.ts'],
    ['src-main/head.ts', './platform/clock.ts'],
    ['src-main/api/server.ts', '../platform/clock.ts'],
    ['src-cli/nightshift.ts', './platform/terminal.ts'],
    ['src-cli/commands/submit.ts', '../../shared/api/contract.ts'],
    ['src-cli/commands/submit.ts', '../output/table.ts'],
    ['test/sim/lab.ts', '../../src-member/agent.ts'],
  ])('nothing when %s imports %s', (path, specifier) => {
    expect(importsPointInwards(importing(path, specifier))).toEqual([]);
  });

  it.each([
    ['src-main/core/state/turn.ts', '../jobs/log-cut.ts'],
    ['src-main/core/membership/leases.ts', '../lab/decide.ts'],
    ['src-main/core/attempts/moves.ts', '../plan/fit.ts'],
    ['src-main/core/plan/drains.ts', '../views/lab-view.ts'],
    ['src-main/core/commands/seats.ts', '../views/lab-view.ts'],
  ])('%s reaching up to %s', (path, specifier) => {
    expect(coreImportsPointDown(importing(path, specifier))).toHaveLength(1);
  });

  it('a command that refuses in a sentence of its own', () => {
    const text = "if (!job) return refuse('not-found', `there is no job ${id}.`);";
    expect(commandsRefuseByCode(file('src-main/core/commands/seats.ts', text))).toHaveLength(1);
    expect(commandsRefuseByCode(file('src-main/core/boot-image/cpio.ts', text))).toEqual([]);
  });

  it.each([
    ['src-main/head.ts', '/** The front-door of it. */'],
    ['src-main/shells/shell.ts', 'class BootDesk {}'],
    ['src-main/shells/shell.ts', 'const { door } = ports;'],
    ['src-member/core/rules.ts', '/** A stranger that asks. */'],
    ['test/unit/some.test.ts', 'const taskKeeper = 1;'],
  ])('a word that is not plain in %s: %s', (path, text) => {
    expect(wordsArePlain(file(path, text))).toHaveLength(1);
    expect(wordsArePlain(file('src-main/desktop/x.ts', "const name = 'desk';"))).toEqual([]);
  });

  it('a second file that asks what a message speaks of', () => {
    const text = 'const spoken = spokenOf(turn.state, member.id, task, epoch);';
    expect(attemptsAreAskedForOnce(file('src-main/core/attempts/saves.ts', text))).toHaveLength(1);
    expect(attemptsAreAskedForOnce(file('src-main/core/lab/hear.ts', text))).toEqual([]);
  });

  it.each([
    ['src-main/core/lab/decide.ts', '../commands/seats.ts'],
    ['src-main/core/plan/drains.ts', '../attempts/moves.ts'],
    ['src-main/core/plan/place.ts', './speeds.ts'],
    ['src-main/core/netboot/boot-scripts.ts', '../boot-image/boot-menu.ts'],
  ])('nothing when %s reaches down to %s', (path, specifier) => {
    expect(coreImportsPointDown(importing(path, specifier))).toEqual([]);
  });

  it('files that import one another, however long the way round', () => {
    const made = [
      importing('shared/a.ts', './b.ts'),
      importing('shared/b.ts', './c.ts'),
      importing('shared/c.ts', './a.ts'),
      importing('shared/d.ts', './a.ts'),
    ];
    expect(circles(made)).toEqual([
      'shared/a.ts and shared/b.ts and shared/c.ts import one another',
    ]);
    expect(circles(made.slice(1))).toEqual([]);
  });

  it.each([
    ['src-main/core/plan/a.ts', 'export function a() {}', 'test/unit/core/plan/a.test.ts'],
    ['src-main/core/views/b.ts', 'export const b = () => 1;', 'test/unit/core/views/b.test.ts'],
    ['src-main/core/state/c.ts', 'export class C {}', 'test/unit/core/state/c.test.ts'],
    ['src-member/core/x/d.ts', 'export async function* d() {}', 'test/unit/member/x/d.test.ts'],
  ])('a decider without a test: %s', (path, text, test) => {
    expect(decidersWithoutTest([file(path, text)])).toEqual([
      `${path} decides something and has no ${test}`,
    ]);
    expect(decidersWithoutTest([file(path, text), file(test)])).toEqual([]);
    // A test of that name in another room is none.
    expect(
      decidersWithoutTest([file(path, text), file(test.replace(/\w+\/\w\./, 'y/x.'))]),
    ).toHaveLength(1);
  });

  it.each([
    ['src-main/core/plan/a.ts', 'export interface A {}\nexport type B = () => void;'],
    ['src-main/core/plan/a.ts', 'export const most = 5;\nfunction inner() {}'],
    ['src-main/core/log-form/a.ts', 'export function a() {}'],
    ['src-main/shells/a.ts', 'export function a() {}'],
  ])('no decider in %s: %s', (path, text) => {
    expect(decidersWithoutTest([file(path, text)])).toEqual([]);
  });

  it('imports in every spelling', () => {
    const text = [
      `import a from './a.ts';`,
      `import type { B } from './b.ts';`,
      `export { c } from './c.ts';`,
      `export * from './d.ts';`,
      `const e = await import('./e.ts');`,
      `import './f.ts';`,
    ];
    const all = ['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts', './f.ts'];
    expect([...importsOf(file('x.ts', text.join('\n')))].sort()).toEqual(all);
    const component = `<script lang="ts">\n${text.join('\n')}\n</script>\n<p>import './no.ts'</p>`;
    expect([...importsOf(file('X.svelte', component))].sort()).toEqual(all);
  });

  it('a package with an outside world in a pure layer', () => {
    expect(pureLayersUsePurePackages(importing('src-main/core/a.ts', 'ws'))).toHaveLength(1);
    expect(pureLayersUsePurePackages(importing('shared/domain/a.ts', 'node:fs'))).toHaveLength(1);
    expect(pureLayersUsePurePackages(importing('src-main/platform/a.ts', 'ws'))).toEqual([]);
  });

  it('a layer nobody has heard of', () => {
    expect(layerIsKnown(file('src-main/services/job.ts'))).toHaveLength(1);
    expect(layerIsKnown(file('lib/job.ts'))).toHaveLength(1);
  });

  it('a root that has grown', () => {
    const long = 'const a = 1;\n'.repeat(300);
    expect(rootsStaySmall(file('src-main/desktop/main.ts', long))).toHaveLength(1);
    expect(rootsStaySmall(file('src-main/core/jobs/queue.ts', long))).toEqual([]);
  });

  it.each([
    'shared/domain/jobQueue.ts',
    'shared/domain/index.ts',
    'src-main/core/utils.ts',
    'test/lab/lab-helpers.ts',
    'src-renderer/views/lab-view.svelte',
  ])('the name %s', (path) => {
    expect(filesAreNamedWell(file(path))).toHaveLength(1);
  });

  it.each([
    'vitest.config.ts',
    'src-renderer/ui/FloorPlan.svelte',
    'src-renderer/state/lab.svelte.ts',
  ])('nothing about the name %s', (path) => {
    expect(filesAreNamedWell(file(path))).toEqual([]);
  });

  it('a newcomer in shared/base', () => {
    expect(baseIsClosed(file('shared/base/array.ts'))).toHaveLength(1);
  });

  it.each([
    `const home = '/home/alice/lab';`,
    `cd /work/main && make`,
    `http://deb.debian.org/debian trixie main`,
    `"resolved": "https://registry.npmjs.org/ws/-/ws-8.0.0.tgz",`,
    `https://mirror.example.org/debian`,
  ])('the foreign word in: %s', (text) => {
    expect(namesNoMachine(file('scripts/build-image.ts', text)).length).toBeGreaterThan(0);
  });
});
