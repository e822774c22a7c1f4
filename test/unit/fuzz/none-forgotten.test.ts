// A decoder that nobody fuzzes is found here: by its name, which says that it takes what comes from outside.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../../../shared/node/project-root.ts';

const decoderName =
  /^export (?:async )?(?:function\*?|const) ((?:decode|parse|unpack)\w*|read\w*(?:Option|Script|Note)|(?:bad|said|architecture|processor|call|obstacle|hierarchies|found)\w*In)\b/gm;

/** Whose inputs are tried elsewhere, or do not come from outside. */
const elsewhere: Readonly<Record<string, string>> = {
  decodeSafely: 'what the schemas in the list are tried through',
  decodeBody: 'bodies of the log, by the recorded logs and test/unit/store',
  saidIn: 'an upgrade of bodies of the log, by the recorded logs',
  unpack: 'a stream into a folder, cut and flipped in test/unit/member/snapshot-stream.test.ts',
  unpackHoles: 'a stream, in test/unit/fuzz/decoders.test.ts',
  readPbsOption: 'a part of readScript',
  readSlurmOption: 'a part of readScript',
  decodeDiskutil: 'lists that were cut and flipped, in test/unit/media/other-systems.test.ts',
  parseRoute: 'the address a person has typed in the page, in test/unit/renderer',
};

const decodersIn = (source: string): readonly string[] =>
  [...source.matchAll(decoderName)].map(([, name = '']) => name);

const listed = readFileSync(join(import.meta.dirname, 'every-decoder.ts'), 'utf8');

test('every decoder is fuzzed, or it is said where it is tried', () => {
  const files = globSync('{shared,src-main,src-member,src-cli,src-renderer}/**/*.ts', {
    cwd: projectRoot,
    exclude: (path) => path.includes('.svelte-check'),
  });
  const found = files.flatMap((file) => decodersIn(readFileSync(join(projectRoot, file), 'utf8')));
  expect(found.length).toBeGreaterThan(40);
  expect(
    found.filter((name) => !(name in elsewhere) && !new RegExp(`\\b${name}\\b`).test(listed)),
  ).toEqual([]);
  expect(Object.keys(elsewhere).filter((name) => !found.includes(name))).toEqual([]);
});

test('what comes from outside is read by `decodeSafely`, since zod throws at what it does not expect', () => {
  const files = globSync('{shared,src-main,src-member,src-cli,src-renderer}/**/*.{ts,svelte}', {
    cwd: projectRoot,
    exclude: (path) => path.includes('.svelte-check'),
  });
  expect(
    files.filter((file) => /\.safeParse\(/.test(readFileSync(join(projectRoot, file), 'utf8'))),
  ).toEqual(['shared/wire/decode-safely.ts']);
});

test('one that was added and forgotten would be noticed', () => {
  expect(
    decodersIn(
      'export function decodeNews(bytes: Uint8Array) {}\nexport async function parseMore() {}\n' +
        'export const noDecoder = 1;\nfunction decodeInside() {}\nexport function processorIn(text: string) {}',
    ),
  ).toEqual(['decodeNews', 'parseMore', 'processorIn']);
});
