import { ok, refuse, type Result } from '../base/result.ts';
import type { Seat } from './member.ts';

/** As views and people write it: `Room 12/1/4`. A room's name may hold slashes itself. */
export const seatText = ({ room, row, place }: Seat): string => `${room}/${row}/${place}`;

export const isSameSeat = (a: Seat | null, b: Seat | null): boolean =>
  (a && seatText(a)) === (b && seatText(b));

/** The highest number of a row, and of a place in it. */
export const mostPlaces = 999;
const longestRoom = 60;

export function parseSeat(text: string): Result<Seat> {
  const [, room, row, place] = /^(.*)\/([^/]*)\/([^/]*)$/.exec(text) ?? [];
  if (room === undefined)
    return refuse('misuse', `"${text}" is no seat; write room, row and place as in "Room 12/1/4".`);
  return seatOf(room, row ?? '', place ?? '');
}

/** From what a person wrote, part by part. */
export function seatOf(room: string, row: string, place: string): Result<Seat> {
  const name = room.trim().replaceAll(/\s+/g, ' ');
  // Anything else at its beginning is a formula to a spreadsheet.
  if (!/^[\p{L}\p{N}]/u.test(name) || /\p{Cc}/u.test(name) || name.length > longestRoom)
    return refuse(
      'misuse',
      `"${name}" is no name for a room; take up to ${longestRoom} characters that begin with a letter or a digit.`,
    );
  const [inRow, inPlace] = [numberOf(row), numberOf(place)];
  if (inRow === undefined) return refuse('misuse', numberFault('row', row));
  if (inPlace === undefined) return refuse('misuse', numberFault('place', place));
  return ok({ room: name, row: inRow, place: inPlace });
}

function numberOf(text: string): number | undefined {
  const number = /^\d{1,3}$/.test(text.trim()) ? Number(text) : 0;
  return number >= 1 && number <= mostPlaces ? number : undefined;
}

const numberFault = (what: string, text: string): string =>
  `the ${what} "${text.trim()}" is none; rows and places are numbers from 1 to ${mostPlaces}.`;
