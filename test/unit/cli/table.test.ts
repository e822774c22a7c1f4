import { paintFor } from '../../../src-cli/core/paint.ts';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { formatPairs, formatTable, shorten } from '../../../src-cli/core/table.ts';

interface Pc {
  readonly name: string;
  readonly load: string;
  readonly note: string;
}
const columns = [
  { title: 'PC', text: ({ name }: Pc) => name, most: 12 },
  { title: 'LOAD', align: 'right' as const, text: ({ load }: Pc) => load },
  { title: 'NOTE', text: ({ note }: Pc) => note },
];

const onTerminal = paintFor(false, () => 80);
const onNarrow = paintFor(false, () => 30);

describe('a table', () => {
  it('is not cut where no person looks', () => {
    const rows = [{ name: 'pc-with-a-long-name', load: '1', note: '' }];
    expect(formatTable(columns, rows, paintFor(false))[1]).toBe('pc-with-a-long-name     1');
  });

  it('has a long sentence in full below its row', () => {
    const note = { title: 'NOTE', text: ({ note: text }: Pc) => text, most: 10, sentence: true };
    const rows = [
      { name: 'a', load: '1', note: 'a sentence of some length' },
      { name: 'b', load: '2', note: 'short' },
    ];
    expect(formatTable([...columns.slice(0, 2), note], rows, onTerminal)).toEqual([
      'PC  LOAD  NOTE',
      'a      1',
      '    a sentence of some length',
      'b      2  short',
    ]);
  });

  it('fits a narrow terminal: what can be cut gives way, and sentences are wrapped', () => {
    const note = { title: 'NOTE', text: ({ note: text }: Pc) => text, most: 60, sentence: true };
    const wide = { ...columns[0]!, most: 40 };
    const rows = [
      {
        name: 'a-computer-with-a-very-long-name',
        load: '1',
        note: 'it came back by itself an hour ago',
      },
    ];
    const lines = formatTable([wide, columns[1]!, note], rows, onNarrow);
    expect(lines).toEqual([
      'PC                  LOAD  NOTE',
      'a-computer-with-a…     1',
      '    it came back by itself an',
      '    hour ago',
    ]);
  });

  it('counts a family of emoji as the two columns it takes', () => {
    const rows = [
      { name: '👩‍👩‍👧 lab', load: '1', note: 'x' },
      { name: 'plain', load: '2', note: 'y' },
    ];
    const lines = formatTable(columns, rows, onTerminal).slice(1);
    expect(lines.map((line) => stringWidth(line))).toEqual([15, 15]);
  });

  it('is aligned, two spaces apart, without trailing ones', () => {
    const rows = [
      { name: 'pc-01', load: '0.25', note: 'by the window' },
      { name: 'pc-with-a-long-name', load: '12.00', note: '' },
    ];
    expect(formatTable(columns, rows, onTerminal)).toEqual([
      'PC             LOAD  NOTE',
      'pc-01          0.25  by the window',
      'pc-with-a-l…  12.00',
    ]);
  });

  it('counts a wide letter as two and a combining mark as none', () => {
    const rows = [
      { name: '教室', load: '1', note: 'x' },
      { name: 'cafe\u0301', load: '2', note: 'y' },
    ];
    expect(formatTable(columns, rows, onTerminal)).toEqual([
      'PC    LOAD  NOTE',
      '教室     1  x',
      'cafe\u0301     2  y',
    ]);
  });

  it('lets no control character of a name reach the terminal', () => {
    const [, line] = formatTable(
      columns,
      [{ name: 'a\u001b[2Jb\nc', load: '', note: '' }],
      onTerminal,
    );
    expect(line).toBe('a [2Jb c');
  });

  it('is painted after it is aligned', () => {
    const painted = formatTable(
      [
        { title: 'PC', text: ({ name }: Pc) => name, paint: (text) => `<${text}>` },
        ...columns.slice(1),
      ],
      [{ name: 'a', load: '1', note: '' }],
      onTerminal,
    );
    expect(painted).toEqual(['PC  LOAD  NOTE', '<a>      1']);
  });

  it('of pairs leaves out what has no value', () => {
    expect(
      formatPairs([
        ['Owner', 'ada'],
        ['Finished', null],
        ['At', 'x'],
      ]),
    ).toEqual(['Owner  ada', 'At     x']);
  });

  it('shortens to the width it is given', () => {
    expect(shorten('abcdef', 6)).toBe('abcdef');
    expect(shorten('abcdefg', 6)).toBe('abcde…');
  });
});
