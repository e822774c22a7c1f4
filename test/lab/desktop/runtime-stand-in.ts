import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** https://www.electronjs.org/docs/latest/tutorial/fuses: what stands in Electron's program before the switches. */
const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const switches = 8;

/** A folder with the files of Electron's runtime for Linux that electron-builder touches; its program runs nothing. */
export function makeRuntimeStandIn(folder: string, version: string): void {
  for (const inside of ['locales', 'resources'])
    mkdirSync(join(folder, inside), { recursive: true });
  const program = Buffer.concat([
    Buffer.from('#!/bin/sh\necho "a stand-in for Electron" >&2\nexit 3\n' + sentinel),
    Buffer.from([1, switches]),
    Buffer.from('1'.repeat(switches)),
  ]);
  writeFileSync(join(folder, 'electron'), program);
  chmodSync(join(folder, 'electron'), 0o755);
  const texts = {
    version,
    LICENSE: 'stand-in\n',
    'LICENSES.chromium.html': 'stand-in\n',
    'chrome-sandbox': 'stand-in\n',
    'locales/en-US.pak': '',
    'resources/default_app.asar': '',
  };
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
}

/** The switches as they stand in a program: each `0`, `1`, or what it came with. */
export function fusesIn(program: Buffer): string {
  const at = program.indexOf(sentinel) + sentinel.length;
  return program.subarray(at + 2, at + 2 + (program[at + 1] ?? 0)).toString('latin1');
}
