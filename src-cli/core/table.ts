import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import { plainText } from '../../shared/domain/plain-text.ts';
import type { Paint } from './paint.ts';

/** A column: its heading, the text of a cell, and how the cell is shown where colours are wanted. */
export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  readonly align?: 'left' | 'right';
  /** Longest width on a terminal; longer cells end with `…`, and narrow terminals shorten them further. */
  readonly most?: number;
  /** A sentence is not cut: a longer one has lines of its own below its row. */
  readonly sentence?: boolean;
  readonly paint?: (text: string, row: Row) => string;
}

/** Letters of which each takes one column: nearly all that is told, and a job may have 100,000 tasks to tell of. */
const onlyPlain = /^[\x20-\x7e…]*$/;
const widthOf = (text: string): number => (onlyPlain.test(text) ? text.length : stringWidth(text));

/** To that many columns of a terminal; colours take no room. */
export function shorten(text: string, most: number): string {
  if (widthOf(text) <= most) return text;
  return onlyPlain.test(text) ? `${text.slice(0, most - 1)}…` : cliTruncate(text, most);
}

const gap = '  ';
const indent = '    ';
/** No column is made narrower than this for a terminal that has no room. */
const least = 8;

/**
 * Aligned lines, the heading first; columns are two spaces apart and lines have no trailing ones. What is not read by a
 * person on a terminal is never cut.
 */
export function formatTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  paint: Pick<Paint, 'quiet' | 'columns'>,
): readonly string[] {
  const room = paint.columns();
  const texts = rows.map((row) => columns.map((column) => plainText(column.text(row))));
  const most = mostWidths(columns, texts, room);
  const isBelow = (text: string, at: number): boolean =>
    columns[at]?.sentence === true && widthOf(text) > (most[at] ?? Infinity);
  const cells = texts.map((line) =>
    line.map((text, at) => {
      if (isBelow(text, at)) return '';
      const limit = most[at] ?? Infinity;
      return limit === Infinity ? text : shorten(text, limit);
    }),
  );
  const widths = widest(columns, cells);
  const pad = (text: string, at: number, show: (text: string) => string): string => {
    const space = ' '.repeat(Math.max(0, (widths[at] ?? 0) - widthOf(text)));
    if (columns[at]?.align === 'right') return space + show(text);
    return at === columns.length - 1 ? show(text) : show(text) + space;
  };
  const joined = (line: readonly string[]): string => line.join(gap).trimEnd();
  return [
    joined(columns.map(({ title }, at) => pad(title, at, paint.quiet))),
    ...rows.flatMap((row, line) => [
      joined(
        columns.map((column, at) =>
          pad(cells[line]?.[at] ?? '', at, (text) => column.paint?.(text, row) ?? text),
        ),
      ),
      ...(texts[line] ?? []).filter(isBelow).flatMap((text) => sentenceLines(text, room)),
    ]),
  ];
}

const sentenceLines = (text: string, room: number): readonly string[] => {
  const wide = Math.max(20, room - indent.length);
  const lines = wide === Infinity ? [text] : wrapAnsi(text, wide).split('\n');
  return lines.map((line) => indent + line);
};

const widest = (
  columns: readonly { readonly title: string }[],
  cells: readonly (readonly string[])[],
): number[] =>
  columns.map(({ title }, at) =>
    cells.reduce((width, line) => Math.max(width, widthOf(line[at] ?? '')), widthOf(title)),
  );

/** How wide each column may be, so that lines fit a terminal where that is possible: the widest of those that can be cut give way. */
function mostWidths<Row>(
  columns: readonly Column<Row>[],
  texts: readonly (readonly string[])[],
  room: number,
): number[] {
  if (room === Infinity) return columns.map(() => Infinity);
  const most = columns.map((column) => column.most ?? Infinity);
  const natural = widest(columns, texts);
  // What a sentence takes of a line is what the others leave.
  const wanted = columns.map(({ title, sentence }, at) =>
    sentence === true ? widthOf(title) : Math.min(natural[at] ?? 0, most[at] ?? Infinity),
  );
  const canGive = (at: number): boolean =>
    columns[at]?.most !== undefined && columns[at].sentence !== true && (wanted[at] ?? 0) > least;
  const left = (): number =>
    room - wanted.reduce((sum, width) => sum + width, gap.length * (columns.length - 1));
  while (left() < 0) {
    const [giving] = columns
      .map((_, at) => at)
      .filter(canGive)
      .sort((a, b) => (wanted[b] ?? 0) - (wanted[a] ?? 0));
    if (giving === undefined) break;
    wanted[giving] = (wanted[giving] ?? 0) - 1;
    most[giving] = wanted[giving] ?? 0;
  }
  const more = Math.max(0, left());
  return columns.map(({ sentence }, at) =>
    sentence === true ? Math.min(most[at] ?? Infinity, (wanted[at] ?? 0) + more) : (most[at] ?? 0),
  );
}

/** `Name   value` lines, for one thing in detail; pairs without a value are left out. */
export function formatPairs(
  pairs: readonly (readonly [string, string | null])[],
): readonly string[] {
  const shown = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== null);
  const width = Math.max(0, ...shown.map(([name]) => widthOf(name)));
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${plainText(value)}`);
}
