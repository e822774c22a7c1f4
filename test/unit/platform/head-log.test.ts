import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openHeadLog } from '../../../src-main/platform/home/head-log.ts';
import { LineLimit } from '../../../src-main/platform/home/line-limit.ts';

describe('lines that are alike', () => {
  let now = 0;
  beforeEach(() => (now = 0));

  it('are written twenty times a minute, and then counted', () => {
    const limit = new LineLimit(() => now);
    const written: string[] = [];
    for (let number = 0; number < 1224; number += 1)
      written.push(...limit.take(`mDNS from 10.0.0.${number % 250}:${number}: not a packet`));
    expect(written).toHaveLength(20);
    now = 60_000;
    expect(limit.take('something else')).toEqual([
      '… and 1,204 more like it: mDNS from 10.0.0.0:0: not a packet',
      'something else',
    ]);
    // A new minute, twenty new lines.
    expect(limit.take('mDNS from 10.0.0.1:9: not a packet')).toHaveLength(1);
  });

  it('are told of without a further line, too', () => {
    const limit = new LineLimit(() => now);
    for (let number = 0; number < 30; number += 1) limit.take('link closed');
    expect(limit.due()).toEqual([]);
    now = 61_000;
    expect(limit.due()).toEqual(['… and 10 more like it: link closed']);
    expect(limit.due()).toEqual([]);
  });

  it('are bounded as well when somebody makes each of them another', () => {
    const limit = new LineLimit(() => now);
    const word = (number: number): string =>
      number.toString(3).replaceAll('0', 'x').replaceAll('1', 'y').replaceAll('2', 'z');
    let written = 0;
    for (let number = 0; number < 50_000; number += 1) written += limit.take(word(number)).length;
    expect(written).toBe(2000);
    now = 60_000;
    expect(limit.due().at(-1)).toBe('… and 48,000 more lines of many kinds');
  });
});

describe('head.log', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nightshift-log-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is changed while the head runs, so that it and the one before it stay small', () => {
    const path = join(folder, 'head.log');
    const log = openHeadLog(path, 20_000);
    const letters = 'abcdefghijklmnopqrst';
    for (let number = 0; number < 1000; number += 1)
      log.line(
        `${letters[number % 20]}${letters[Math.floor(number / 20) % 20]}${'x'.repeat(100 + Math.floor(number / 400))}`,
      );
    for (const file of [path, `${path}.1`]) expect(statSync(file).size).toBeLessThan(20_500);
    expect(
      readFileSync(path, 'utf8')
        .trimEnd()
        .split('\n')
        .every((line) => JSON.parse(line)),
    ).toBe(true);
  });

  it('that was left too large is put aside at the next start', () => {
    const path = join(folder, 'head.log');
    writeFileSync(path, 'x'.repeat(30_000));
    openHeadLog(path, 20_000).line('begins');
    expect(statSync(`${path}.1`).size).toBe(30_000);
    expect(statSync(path).size).toBeLessThan(1000);
  });
});
