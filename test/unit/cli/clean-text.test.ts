import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOfBase64 } from '../../../src-cli/core/base64.ts';
import { isPlainText, plainJson, plainText } from '../../../shared/domain/plain-text.ts';
import { cleanLines, ProgramText } from '../../../src-cli/core/clean-text.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

// What anybody could say in a PC's name, a reason, a job's name, a member's complaint or an output's path.
const attacks: readonly (readonly [string, string])[] = [
  ['clears the screen', 'a\u001b[2Jb'],
  ['moves the cursor', 'a\u001b[1;1Hb'],
  ['sets the title', 'a\u001b]0;owned\u0007b'],
  ['writes the clipboard', 'a\u001b]52;c;cm0gLXJm\u0007b'],
  ['makes a link', '\u001b]8;;http://x\u001b\\text\u001b]8;;\u001b\\'],
  ['asks the terminal', 'a\u001b[6nb\u001bP$q"p\u001b\\'],
  ['fakes a line', 'a\r\nDone: 0 failed'],
  ['uses one-byte controls', 'a\u009b2Jb\u009d0;x\u009c'],
  ['turns letters around', 'exe.\u202etxt\u2066\u2069'],
  ['rings and erases', 'a\u0007\b\bb\u007f'],
  ['changes the letters', 'a\u001b(0b\u000e'],
  ['ends a line as Unicode may', 'a\u2028b\u2029c'],
];

describe('what others say, on a technician’s terminal', () => {
  it.each(attacks)('that %s is plain text in a sentence of ours', (_, text) => {
    const shown = cleanLines(`pc-07 says: ${text.replaceAll('\n', ' ')}`);
    expect(isPlainText(shown)).toBe(true);
    expect(isPlainText(text)).toBe(false);
  });

  it.each(attacks)('that %s is kept in JSON, and does nothing there', (_, text) => {
    const json = plainJson(JSON.stringify({ text }));
    expect(isPlainText(json)).toBe(true);
    expect(JSON.parse(json)).toEqual({ text });
  });

  it.each(attacks)('that %s is text in the output of a program', (_, text) => {
    const shown = new ProgramText().push(bytes(text));
    expect(isPlainText(shown.replace(/[\n\r\t]/g, ''))).toBe(true);
  });

  it('keeps colours, and no colour that hides', () => {
    expect(cleanLines('\u001b[32mgood\u001b[39m')).toBe('\u001b[32mgood\u001b[39m');
    expect(cleanLines('\u001b[8mhidden\u001b[1;8mtoo\u001b[38;5;8mgrey')).not.toContain(
      '\u001b[8m',
    );
    expect(cleanLines('\u001b[1;8mtoo')).toBe(' [1;8mtoo');
  });

  it('is the same however the output was cut into pieces', () => {
    const letter = fc.constantFrom('a', 'ä', '\n', '\u001b', '[', '3', '1', 'm', ';', 'J', '😀');
    fc.assert(
      fc.property(fc.array(letter, { maxLength: 60 }), fc.nat(20), (letters, cut) => {
        const all = bytes(letters.join(''));
        const whole = new ProgramText();
        const pieces = new ProgramText();
        let shown = '';
        for (let at = 0; at < all.length; at += cut + 1)
          shown += pieces.push(all.subarray(at, at + cut + 1));
        expect(shown + pieces.end()).toBe(whole.push(all) + whole.end());
      }),
    );
  });

  it('of any content becomes plain', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(isPlainText(plainText(text))).toBe(true);
      }),
    );
  });
});

it('base64 gives back the bytes that Node wrote, and nothing for what is none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (given) => {
      expect(bytesOfBase64(Buffer.from(given).toString('base64'))).toEqual(given);
    }),
  );
  expect(bytesOfBase64('ab!d')).toEqual(new Uint8Array(0));
});
