import type { SeatView } from '../../../shared/api/seat-views.ts';
import type { Seat } from '../../../shared/domain/member.ts';
import { mostPlaces, seatText } from '../../../shared/domain/seat.ts';

/** A place of a room as it is arranged, with who stands there. */
export interface SeatCell {
  readonly seat: Seat;
  readonly pc: SeatView | null;
}
export interface SeatRoom {
  readonly room: string;
  /** Rows of places; all have the same places. */
  readonly rows: readonly (readonly SeatCell[])[];
}
export interface SeatPlan {
  readonly rooms: readonly SeatRoom[];
  readonly unseated: readonly SeatView[];
}

/** Longer rows show only the places that are taken, and the next one: gaps are then written, not pointed at. */
const mostGaps = 40;
const order = new Intl.Collator('en', { numeric: true });

/** What to call a PC: one that has never been here has no name yet. */
export const pcName = ({ name, mac }: SeatView): string => name ?? mac;

/** `more`: rooms in which nobody stands yet. Each room has a row and a place more than are taken. */
export function seatPlanOf(seats: readonly SeatView[], more: readonly string[] = []): SeatPlan {
  const taken = new Map(seats.map((pc) => [pc.seat && seatText(pc.seat), pc]));
  const seated = seats.flatMap(({ seat }) => (seat ? [seat] : []));
  const names = new Set([...seated.map(({ room }) => room), ...more]);
  const rooms = [...names].sort(order.compare).map((room): SeatRoom => {
    const inRoom = seated.filter((seat) => seat.room === room);
    const rows = withNext(inRoom.map(({ row }) => row));
    const places = withNext(inRoom.map(({ place }) => place));
    const cell = (row: number, place: number): SeatCell => {
      const seat = { room, row, place };
      return { seat, pc: taken.get(seatText(seat)) ?? null };
    };
    return { room, rows: rows.map((row) => places.map((place) => cell(row, place))) };
  });
  const unseated = seats
    .filter(({ seat }) => seat === null)
    .sort((a, b) => order.compare(pcName(a), pcName(b)));
  return { rooms, unseated };
}

/** The numbers from 1 to the one after the highest; only those taken and the next, where these are too many. */
function withNext(numbers: readonly number[]): number[] {
  const next = Math.min(mostPlaces, Math.max(0, ...numbers) + 1);
  if (next <= mostGaps) return Array.from({ length: next }, (_, at) => at + 1);
  return [...new Set([...numbers, next])].sort((a, b) => a - b);
}

export interface SeatWish {
  readonly machine: string;
  readonly seat: Seat | null;
}

/** Who stands elsewhere changes places with whoever has the seat. Otherwise the head says whose it is. */
export function wishesToSit(
  seats: readonly SeatView[],
  pc: SeatView,
  seat: Seat | null,
): readonly SeatWish[] {
  const mine = { machine: pc.mac, seat };
  const other =
    seat && seats.find((one) => one.seat !== null && seatText(one.seat) === seatText(seat));
  return other && pc.seat && other.mac !== pc.mac
    ? [mine, { machine: other.mac, seat: pc.seat }]
    : [mine];
}

/** All who stand in a room are said to stand in one of another name. */
export const wishesToRename = (
  seats: readonly SeatView[],
  room: string,
  name: string,
): readonly SeatWish[] =>
  seats.flatMap(({ mac, seat }) =>
    seat?.room === room ? [{ machine: mac, seat: { ...seat, room: name } }] : [],
  );
