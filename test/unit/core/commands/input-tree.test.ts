import { describe, expect, test } from 'vitest';
import type { InputFile, InputNode } from '../../../../shared/domain/job.ts';
import { judgeInputTree } from '../../../../src-main/core/commands/input-tree.ts';
import { refusalWords } from '../../../../shared/words/refusal-words.ts';
import { plainSpec } from '../../../../src-sim/simulated-lab.ts';
import { hashOf } from '../told-lab.ts';

const file = (path: string, more: Partial<InputFile> = {}): InputFile => ({
  ...{ path, hash: hashOf('a'), size: 1, executable: false },
  ...more,
});
const link = (path: string, more: object = {}) =>
  ({ kind: 'link', path, target: 'x', mtime: '1', ...more }) as unknown as InputNode;
const folder = (path: string) =>
  ({ kind: 'folder', path, mode: 0o755, mtime: '1' }) as unknown as InputNode;
const fault = (inputs: InputFile[], inputNodes: InputNode[] = []) => {
  const judged = judgeInputTree({ ...plainSpec, inputs, inputNodes });
  return judged.ok ? undefined : refusalWords(judged.error);
};

describe('inputs are a tree', () => {
  test.each<[string, InputFile[], InputNode[]]>([
    ['when there are none', [], []],
    ['when all have names of their own', [file('a'), file('a/b'), file('ab')], [folder('a')]],
    [
      'when each task has its own of one name',
      [file('a', { onlyTask: 1 }), file('a', { onlyTask: 2 })],
      [],
    ],
    [
      'when one is escaped and only looks like the other',
      [file('a'), file('a', { escaped: true })],
      [],
    ],
    ['when a name begins like a link', [file('linked')], [link('link')]],
    ['when a folder stands beside a link', [file('d/a')], [folder('d'), link('d/l')]],
  ])('%s', (_what, inputs, nodes) => {
    expect(fault(inputs, nodes)).toBeUndefined();
  });
});

describe('inputs are none', () => {
  test.each<[string, InputFile[], InputNode[], string]>([
    ['with one name twice', [file('a'), file('a')], [], '"a"'],
    ['with one of all and one of a task', [file('a'), file('a', { onlyTask: 0 })], [], '"a"'],
    ['with a file and a link of one name', [file('a')], [link('a')], '"a"'],
    ['with a file below a link', [file('l/a')], [link('l')], '"l/a" stands below "l"'],
    ['with a file deep below a link', [file('l/a/b/c')], [link('l')], '"l"'],
    ['with a link below a link', [], [link('l'), link('l/m')], '"l/m"'],
    ['with a folder below a link', [], [link('l'), folder('l/d')], '"l/d"'],
  ])('%s', (_what, inputs, nodes, words) => {
    expect(fault(inputs, nodes)).toContain(words);
  });
});
