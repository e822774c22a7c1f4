import { describe, expect, it } from 'vitest';
import { listed } from '../../../src-cli/core/answer.ts';
import { parseEnvironmentWish, parseWhole } from '../../../src-cli/core/environment-wish.ts';
import { inputWishOf, parseInputWish } from '../../../src-cli/core/input-wish.ts';
import { misuseSentence } from '../../../src-cli/core/misuse.ts';
import { coloursWanted, paintFor, paintState } from '../../../src-cli/core/paint.ts';
import { formatAgo, formatMoment } from '../../../src-cli/core/relative-time.ts';
import { nameOfCommand } from '../../../src-cli/core/submit-wishes.ts';
import { inWords } from '../../in-words.ts';

describe('--input', () => {
  it.each([
    ['scene.blend', 'scene.blend', 'scene.blend'],
    ['../data/a.txt', '../data/a.txt', 'a.txt'],
    ['data/', 'data/', 'data'],
    ['.', '.', ''],
    ['..', '..', ''],
    ['a.txt:in/b.txt', 'a.txt', 'in/b.txt'],
    ['a.txt:./b.txt', 'a.txt', 'b.txt'],
    ['data:.', 'data', ''],
    ['frame-{task}.png:frame.png', 'frame-{task}.png', 'frame.png'],
  ])('%s is %s and stands at "%s"', (text, from, to) => {
    expect(parseInputWish(text)).toEqual({ ok: true, value: { from, to, text } });
  });

  it.each(['a:', 'a:/etc/passwd', 'a:../b', ''])('%s is refused', (text) => {
    expect(parseInputWish(text)).toMatchObject({ ok: false, error: { kind: 'misuse' } });
  });

  it('has the task’s number in both places', () => {
    const wish = { from: 'in/{task}.txt', to: '{task}/{task}.txt', text: '' };
    expect(inputWishOf(wish, 7)).toEqual({ from: 'in/7.txt', to: '7/7.txt', text: '' });
  });
});

describe('words of the command line', () => {
  it('--env takes NAME=VALUE, and the value may be anything', () => {
    expect(parseEnvironmentWish('A=b=c')).toEqual({ ok: true, value: ['A', 'b=c'] });
    expect(parseEnvironmentWish('A=')).toEqual({ ok: true, value: ['A', ''] });
    expect(parseEnvironmentWish('1A=b').ok).toBe(false);
    expect(parseEnvironmentWish('A').ok).toBe(false);
  });

  it('numbers have bounds', () => {
    expect(parseWhole('-5', '--priority', -1000, 1000)).toEqual({ ok: true, value: -5 });
    for (const text of ['0', '1.5', 'two', '', '99999999999', '1e3']) {
      expect(inWords(parseWhole(text, '--cpus', 1, 64))).toEqual({
        ok: false,
        error: { kind: 'misuse', sentence: `--cpus "${text}": write a whole number from 1 to 64.` },
      });
    }
  });

  it('complaints of the parser become sentences', () => {
    expect(
      misuseSentence("error: unknown command 'jbos'\n(Did you mean jobs?)", 'nightshift'),
    ).toBe('unknown command "jbos"; did you mean jobs?');
    expect(misuseSentence("error: missing required argument 'id'", 'nightshift job')).toBe(
      'missing required argument "id"; see nightshift job --help.',
    );
  });

  it('a job is called after its program', () => {
    expect(nameOfCommand(['/usr/bin/python3', 'x.py'])).toBe('python3');
    expect(nameOfCommand(['xz', '-9'])).toBe('xz');
    expect(nameOfCommand(['/'])).toBe('job');
  });

  it('names are listed as people do', () => {
    expect(listed([])).toBe('');
    expect(listed(['a'])).toBe('a');
    expect(listed(['a', 'b', 'c'])).toBe('a, b and c');
  });
});

describe('times', () => {
  it.each([
    [-5000, 'just now'],
    [1000, 'just now'],
    [45_000, '45 s ago'],
    [5 * 60_000, '5 min ago'],
    [3 * 3_600_000, '3 h ago'],
    [50 * 3_600_000, '2 days ago'],
  ])('%d ms back are %s', (span, text) => {
    expect(formatAgo(1_000_000_000_000 - span, 1_000_000_000_000)).toBe(text);
  });

  it('a moment is written in the clock of the reader', () => {
    expect(formatMoment(Date.UTC(2026, 10, 21, 23, 30), -60)).toBe('2026-11-22 00:30');
  });
});

describe('colours', () => {
  it.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [false, { FORCE_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '0' }, false],
    [true, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
    [true, { TERM: 'dumb' }, false],
  ])('terminal %s with %o: %s', (isTty, environment, wanted) => {
    expect(coloursWanted(isTty, environment)).toBe(wanted);
  });

  it('are left out altogether where they are not wanted', () => {
    expect(paintState(paintFor(false), 'lost')('lost')).toBe('lost');
    expect(paintState(paintFor(true), 'lost')('lost')).toBe('\u001b[31mlost\u001b[39m');
  });
});
