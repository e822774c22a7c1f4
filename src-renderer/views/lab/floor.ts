import type { MachineView } from '../../../shared/api/views.ts';

export interface Placed {
  readonly machine: MachineView;
  readonly place: number;
}
export interface Row {
  readonly row: number;
  readonly machines: readonly Placed[];
}
export interface Room {
  readonly room: string;
  /** The highest place of any row. */
  readonly width: number;
  readonly rows: readonly Row[];
}
export interface Floor {
  readonly rooms: readonly Room[];
  /** Nobody said where these stand. */
  readonly unseated: readonly MachineView[];
}

/**
 * Seats are `room/row/place`; a room's name may hold slashes itself. Two PCs of one place both show. Places, rows and rooms
 * in which nothing changed stay the same objects as in `before`, so that a page draws anew only the others.
 */
export function floorOf(machines: readonly MachineView[], before: Floor = emptyFloor): Floor {
  const rooms = new Map<string, Map<number, Placed[]>>();
  const unseated: MachineView[] = [];
  for (const machine of machines) {
    const seat = seatOf(machine);
    if (!seat) {
      unseated.push(machine);
      continue;
    }
    const rows = getOrMake(rooms, seat.room, () => new Map<number, Placed[]>());
    getOrMake(rows, seat.row, () => []).push(seat.placed);
  }
  const roomsBefore = new Map(before.rooms.map((room) => [room.room, room]));
  return {
    rooms: [...rooms]
      .sort(byName)
      .map(([room, rows]) => sameRoom(roomOf(room, rows), roomsBefore.get(room))),
    unseated: sameList(unseated, before.unseated),
  };
}

const emptyFloor: Floor = { rooms: [], unseated: [] };

/** The floor of a page, which remembers what it showed. */
export class ShownFloor {
  #floor = emptyFloor;

  of(machines: readonly MachineView[]): Floor {
    this.#floor = floorOf(machines, this.#floor);
    return this.#floor;
  }
}

const roomOf = (room: string, rows: ReadonlyMap<number, Placed[]>): Room => ({
  room,
  width: Math.max(1, ...[...rows.values()].flat().map(({ place }) => place)),
  rows: [...rows]
    .sort(([a], [b]) => a - b)
    .map(([row, placed]) => ({ row, machines: placed.sort((a, b) => a.place - b.place) })),
});

function sameRoom(room: Room, before: Room | undefined): Room {
  if (!before) return room;
  const rowsBefore = new Map(before.rows.map((row) => [row.row, row]));
  const rows = room.rows.map((row) => {
    const same = rowsBefore.get(row.row);
    return same && sameList(row.machines, same.machines) === same.machines ? same : row;
  });
  return room.width === before.width && sameList(rows, before.rows) === before.rows
    ? before
    : { ...room, rows };
}

/** The list of before, if the new one has the same in it. */
const sameList = <Item>(list: readonly Item[], before: readonly Item[]): readonly Item[] =>
  list.length === before.length && list.every((item, at) => item === before[at]) ? before : list;

interface Seated {
  readonly room: string;
  readonly row: number;
  readonly placed: Placed;
}
const seats = new WeakMap<MachineView, Seated | null>();

function seatOf(machine: MachineView): Seated | null {
  const known = seats.get(machine);
  if (known !== undefined) return known;
  const seat = /^(.+)\/(\d+)\/(\d+)$/.exec(machine.seat ?? '');
  const found = seat?.[1]
    ? { room: seat[1], row: Number(seat[2]), placed: { machine, place: Number(seat[3]) } }
    : null;
  seats.set(machine, found);
  return found;
}

const order = new Intl.Collator('en', { numeric: true });
const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  order.compare(a, b);

function getOrMake<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}

/** Beyond this many, or in long rows, PCs are small tiles. */
const mostCards = 60;
const longestRowOfCards = 10;

export function wantsTiles(floor: Floor, machines: number): boolean {
  return machines > mostCards || floor.rooms.some(({ width }) => width > longestRowOfCards);
}

/** What the names of all have in front, up to a hyphen or digit: left out where room is scarce. */
export function commonPrefix(names: readonly string[]): string {
  const [first = ''] = names;
  if (names.length < 2) return '';
  let length = first.length;
  for (const name of names) while (!name.startsWith(first.slice(0, length))) length -= 1;
  return /^.*?-/.exec(first.slice(0, length))?.[0] ?? '';
}
