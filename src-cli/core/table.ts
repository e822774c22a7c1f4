import { plainText } from '../../shared/domain/plain-text.ts';
import type { Paint } from './paint.ts';

/** A column: its heading, the text of a cell, and how the cell is shown where colours are wanted. */
export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  readonly align?: 'left' | 'right';
  /** Longest width on a terminal; longer cells end with `…`. */
  readonly most?: number;
  /** A sentence is not cut: a longer one has a line of its own below its row. */
  readonly sentence?: boolean;
  readonly paint?: (text: string, row: Row) => string;
}

/** Columns a text takes on a terminal: East Asian wide letters take two, combining marks none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const letter of text) {
    if (/\p{Mark}/u.test(letter)) continue;
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
        letter,
      )
        ? 2
        : 1;
  }
  return width;
}

export function shorten(text: string, most: number): string {
  if (displayWidth(text) <= most) return text;
  let short = '';
  for (const letter of text) {
    if (displayWidth(short + letter) > most - 1) break;
    short += letter;
  }
  return `${short}…`;
}

/**
 * Aligned lines, the heading first; columns are two spaces apart and lines have no trailing ones. What is not read by a
 * person on a terminal is never cut.
 */
export function formatTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  paint: Pick<Paint, 'quiet' | 'isTty'>,
): readonly string[] {
  const cells = rows.map((row) =>
    columns.map((column) => {
      const text = plainText(column.text(row));
      if (!paint.isTty || column.most === undefined) return text;
      if (column.sentence === true) return displayWidth(text) > column.most ? '' : text;
      return shorten(text, column.most);
    }),
  );
  const below = (row: Row): readonly string[] =>
    columns
      .filter(
        ({ sentence, most = Infinity }) => paint.isTty && sentence === true && most < Infinity,
      )
      .map((column) => ({ text: plainText(column.text(row)), most: column.most ?? Infinity }))
      .filter(({ text, most }) => displayWidth(text) > most)
      .map(({ text }) => `    ${text}`);
  const widths = columns.map((column, at) =>
    Math.max(displayWidth(column.title), ...cells.map((line) => displayWidth(line[at] ?? ''))),
  );
  const pad = (text: string, at: number, paint: (text: string) => string): string => {
    const space = ' '.repeat(Math.max(0, (widths[at] ?? 0) - displayWidth(text)));
    if (columns[at]?.align === 'right') return space + paint(text);
    return at === columns.length - 1 ? paint(text) : paint(text) + space;
  };
  return [
    columns
      .map(({ title }, at) => pad(title, at, paint.quiet))
      .join('  ')
      .trimEnd(),
    ...rows.flatMap((row, line) => [
      columns
        .map((column, at) =>
          pad(cells[line]?.[at] ?? '', at, (text) => column.paint?.(text, row) ?? text),
        )
        .join('  ')
        .trimEnd(),
      ...below(row),
    ]),
  ];
}

/** `Name   value` lines, for one thing in detail; pairs without a value are left out. */
export function formatPairs(
  pairs: readonly (readonly [string, string | null])[],
): readonly string[] {
  const shown = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== null);
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${plainText(value)}`);
}
