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

/** Seats are `room/row/place`; a room's name may hold slashes itself. Two PCs of one place both show. */
export function floorOf(machines: readonly MachineView[]): Floor {
  const rooms = new Map<string, Map<number, Placed[]>>();
  const unseated: MachineView[] = [];
  for (const machine of machines) {
    const seat = /^(.+)\/(\d+)\/(\d+)$/.exec(machine.seat ?? '');
    if (!seat?.[1]) {
      unseated.push(machine);
      continue;
    }
    const rows = getOrMake(rooms, seat[1], () => new Map<number, Placed[]>());
    getOrMake(rows, Number(seat[2]), () => []).push({ machine, place: Number(seat[3]) });
  }
  return {
    rooms: [...rooms].sort(byName).map(([room, rows]) => ({
      room,
      width: Math.max(1, ...[...rows.values()].flat().map(({ place }) => place)),
      rows: [...rows]
        .sort(([a], [b]) => a - b)
        .map(([row, placed]) => ({ row, machines: placed.sort((a, b) => a.place - b.place) })),
    })),
    unseated,
  };
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a.localeCompare(b, 'en', { numeric: true });

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
