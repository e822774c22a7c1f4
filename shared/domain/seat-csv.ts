import { ok, refuse, type Result } from '../base/result.ts';
import { refuseFor } from './refusals.ts';
import { parseMacAddress } from './mac-address.ts';
import type { Seat } from './member.ts';
import { seatOf, seatText } from './seat.ts';

/** A line of the table: which PC, and where it stands; null: nobody says. */
export interface SeatLine {
  /** The address of its network card, or its name where that is unknown. */
  readonly machine: string;
  readonly seat: Seat | null;
}

/** As the lab knows it. */
export interface SeatRow {
  readonly mac: string;
  readonly name: string | null;
  readonly seat: Seat | null;
}

const columns = ['mac', 'room', 'row', 'place', 'name'] as const;
type Column = (typeof columns)[number];
const mostLines = 10_000;

/** Seats as a table for spreadsheets (RFC 4180): `mac,room,row,place,name`, seats first, in their order. */
export function seatCsv(rows: readonly SeatRow[]): string {
  const lines = [...rows]
    .sort(bySeat)
    .map(({ mac, name, seat }) =>
      [mac, seat?.room ?? '', seat?.row ?? '', seat?.place ?? '', name ?? '']
        .map((cell) => quoted(String(cell)))
        .join(','),
    );
  return [columns.join(','), ...lines, ''].join('\r\n');
}

function bySeat(a: SeatRow, b: SeatRow): number {
  if (a.seat === null || b.seat === null) return Number(a.seat === null) - Number(b.seat === null);
  return seatText(a.seat).localeCompare(seatText(b.seat), 'en', { numeric: true });
}

const quoted = (cell: string): string =>
  /[",;\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;

/**
 * Reads such a table, as a spreadsheet of any country saved it: commas, semicolons or tabs, with or without the line of titles,
 * titles in any order. `name` counts where a line has no `mac`. A fault names its line.
 */
export function parseSeatCsv(text: string): Result<SeatLine[]> {
  const lines = cellsOf(text.replace(/^\uFEFF/, ''));
  if (text.includes('\uFFFD') || text.includes('\0'))
    return refuse('misuse', 'the table is not UTF-8; save it as "CSV UTF-8".');
  const [first] = lines;
  if (first === undefined) return refuse('misuse', 'the table is empty.');
  if (lines.length > mostLines)
    return refuse('misuse', `the table has more than ${mostLines} lines.`);
  const titles = first.cells.map((cell) => cell.toLowerCase());
  const hasTitles = parseMacAddress(first.cells[0] ?? '') === undefined && titles.includes('room');
  const at = (column: Column): number =>
    hasTitles ? titles.indexOf(column) : columns.indexOf(column);
  if (at('mac') < 0 && at('name') < 0)
    return refuse('misuse', 'the table has neither a column "mac" nor a column "name".');
  const absent = (['room', 'row', 'place'] as const).find((column) => at(column) < 0);
  if (absent) return refuse('misuse', `the table has no column "${absent}".`);

  const read: SeatLine[] = [];
  for (const { number, cells } of hasTitles ? lines.slice(1) : lines) {
    const cell = (column: Column): string => cells[at(column)] ?? '';
    const line = lineOf(cell);
    if (!line.ok)
      return refuseFor(line.error.kind, 'line-of-table', { line: number, because: line.error });
    read.push(line.value);
  }
  return read.length > 0 ? ok(read) : refuse('misuse', 'the table names no PC.');
}

function lineOf(cell: (column: Column) => string): Result<SeatLine> {
  const mac = cell('mac') === '' ? undefined : parseMacAddress(cell('mac'));
  if (cell('mac') !== '' && mac === undefined)
    return refuse('misuse', `"${cell('mac')}" is no address of a network card.`);
  const machine = mac ?? cell('name');
  if (machine === '') return refuse('misuse', 'it names no PC: mac and name are empty.');
  if (['room', 'row', 'place'].every((column) => cell(column as Column) === ''))
    return ok({ machine, seat: null });
  const seat = seatOf(cell('room'), cell('row'), cell('place'));
  return seat.ok ? ok({ machine, seat: seat.value }) : seat;
}

interface Line {
  /** As an editor counts. */
  readonly number: number;
  readonly cells: readonly string[];
}

/** Lines with something in them; quotes may hold separators, doubled quotes and line ends. */
function cellsOf(text: string): Line[] {
  const separator = separatorOf(text);
  const lines: Line[] = [];
  let number = 1;
  let [cells, cell, start, isQuoted] = [[] as string[], '', 1, false];
  const end = (): void => {
    cells.push(cell.trim());
    if (cells.some((one) => one !== '')) lines.push({ number: start, cells });
    [cells, cell, start] = [[], '', number];
  };
  for (let at = 0; at < text.length; at += 1) {
    const letter = text.charAt(at);
    if (letter === '\n') number += 1;
    if (isQuoted) {
      if (letter !== '"') cell += letter;
      else if (text.charAt(at + 1) === '"') [cell, at] = [`${cell}"`, at + 1];
      else isQuoted = false;
    } else if (letter === '"' && cell.trim() === '') [cell, isQuoted] = ['', true];
    else if (letter === separator) {
      cells.push(cell.trim());
      cell = '';
    } else if (letter === '\n') end();
    else if (letter !== '\r') cell += letter;
  }
  end();
  return lines;
}

function separatorOf(text: string): string {
  const first = text.split('\n', 1)[0] ?? '';
  const count = (letter: string): number => first.split(letter).length;
  return [',', ';', '\t'].reduce((best, letter) => (count(letter) > count(best) ? letter : best));
}
