import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { blobHash } from '../../shared/domain/ids.ts';
import { ran } from './command-line.ts';
import { RealLab } from './practice/real-lab.ts';

/** The whole way, with the real parts: a person's folder, the head, a PC, its program, the head, a person's folder. */
let lab: RealLab;
let here: string;
beforeAll(async () => {
  lab = await RealLab.open(1);
  here = mkdtempSync(join(tmpdir(), 'nightshift-trees-'));
});
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
  rmSync(here, { recursive: true, force: true });
});

const script = (name: string, text: string): string => {
  writeFileSync(join(here, name), `#!/bin/bash\nset -e\n${text}`, { mode: 0o755 });
  return join(here, name);
};

test('a source tree is built where it was sent, since nothing in it is older than what it is made from', async () => {
  const tree = join(here, 'hello-1.0');
  mkdirSync(join(tree, 'empty'), { recursive: true });
  for (const [path, text, at] of [
    ['configure.ac', 'AC_INIT', '2020-01-01T00:00:00.100000001Z'],
    ['aclocal.m4', 'm4', '2020-01-01T00:00:00.100000002Z'],
    ['configure', '#!/bin/sh\necho configured', '2020-01-01T00:00:00.100000002Z'],
  ] as const) {
    writeFileSync(join(tree, path), text);
    execFileSync('touch', ['-d', at, join(tree, path)]);
  }
  chmodSync(join(tree, 'configure'), 0o755);
  symlinkSync('configure', join(tree, 'configure.sh'));
  symlinkSync('/nowhere/cacerts', join(tree, 'cacerts'));
  const build = script(
    'build.sh',
    [
      'cd src',
      '[ configure.ac -nt aclocal.m4 ] && echo "aclocal: not found" && exit 1',
      '[ aclocal.m4 -nt configure ] && echo "autoconf: not found" && exit 1',
      '[ -d empty ] && [ -h configure.sh ] && [ -h cacerts ]',
      './configure.sh',
      'mkdir -p ../out/empty; cp -a . ../out/tree; ln ../out/tree/configure ../out/same',
      `printf bung > $'../out/\\xdcbung.txt'; printf line > $'../out/a\\nb'`,
      'chmod 444 ../out/same; touch -d 2021-02-03T04:05:06.000000007Z ../out/empty',
    ].join('\n'),
  );
  const ended = await ran(
    lab.home,
    ...['submit', '--wait', '--name', 'tree', '--input', `${tree}:src`, '--output', 'out', build],
  );
  expect(ended.err).toContain('cacerts leads to nothing that can be sent');
  expect(ended.exitCode).toBe(0);
  const into = join(here, 'got');
  expect((await ran(lab.home, 'fetch', 'tree', '-o', into)).err).toBe('');
  const facts = (path: string) => lstatSync(join(into, 'out', path), { bigint: true });
  expect(facts('tree/aclocal.m4').mtimeNs - facts('tree/configure.ac').mtimeNs).toBe(1n);
  expect(facts('tree/configure').mtimeNs).toBe(1577836800100000002n);
  expect(facts('same').ino).toBe(facts('tree/configure').ino);
  expect(facts('same').mode & 0o777n).toBe(0o444n);
  expect(facts('empty').mtimeNs).toBe(1612325106000000007n);
  expect(readlinkSync(join(into, 'out/tree/configure.sh'))).toBe('configure');
  expect(readlinkSync(join(into, 'out/tree/cacerts'))).toBe('/nowhere/cacerts');
  const names = readdirSync(join(into, 'out'), { encoding: 'latin1' });
  expect(names.sort()).toEqual(['a\nb', 'empty', 'same', 'tree', '\xdcbung.txt']);
});

test('an output that is mostly hole costs neither the PC, nor the wire, nor a disk what it seems to', async () => {
  const hollow = script('hollow.sh', 'mkdir out; echo 42 >out/a.txt; truncate -s 256M out/z.img');
  await ran(lab.home, 'submit', '--wait', '--name', 'hollow', '--output', 'out', hollow);
  const [task] = await lab.api.jobs.outputs({ job: 'hollow' });
  const image = task?.files.find(({ path }) => path === 'out/z.img');
  expect(image?.size).toBe(1 << 28);
  const into = join(here, 'hollow');
  expect((await ran(lab.home, 'fetch', 'hollow', '-o', into)).exitCode).toBe(0);
  const hash = blobHash(image?.hash ?? '');
  for (const path of [join(lab.home, 'blobs', hash.slice(0, 2), hash), join(into, 'out/z.img')]) {
    const { size, blocks } = statSync(path);
    expect([size, blocks < 2048]).toEqual([1 << 28, true]);
  }
  expect(readFileSync(join(into, 'out/a.txt'), 'utf8')).toBe('42\n');
});

test('thousands of files come back, and what is gone from the head is named', async () => {
  const many = script(
    'many.sh',
    'mkdir out; for i in $(seq 1500); do echo $((i % 50)) >"out/a rather long name of a file, number $i"; done',
  );
  await ran(lab.home, 'submit', '--wait', '--name', 'many', '--output', 'out', many);
  const [task] = await lab.api.jobs.outputs({ job: 'many' });
  expect(task?.files).toHaveLength(1500);
  const gone = task?.files.find(({ path }) => path.endsWith('number 7'));
  const hash = blobHash(gone?.hash ?? '');
  rmSync(join(lab.home, 'blobs', hash.slice(0, 2), hash));
  const into = join(here, 'many');
  const ended = await ran(lab.home, 'fetch', 'many', '-o', into);
  expect(ended.exitCode).toBe(1);
  expect(ended.out).toContain('1470 files');
  expect(ended.err).toContain('10 more files could not be brought');
  expect(ended.err).toMatch(/does not have the content of .*number 1007 any more/);
  expect(readdirSync(join(into, 'out'))).toHaveLength(1470);
});
