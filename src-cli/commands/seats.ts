import type { SeatView } from '../../shared/api/seat-views.ts';
import { parseSeat, seatText } from '../../shared/domain/seat.ts';
import { parseSeatCsv, seatCsv } from '../../shared/domain/seat-csv.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import { answer } from '../core/answer.ts';
import { count } from '../core/count.ts';
import type { World } from '../core/ports.ts';
import { must, Refused } from '../core/refused.ts';
import { formatTable } from '../core/table.ts';
import { withHead } from '../core/with-head.ts';

export async function listSeats(world: World, json: boolean): Promise<number> {
  const seats = await withHead(world, ({ api }) => api.seats.list());
  answer(world, json, seats, () =>
    seats.length === 0
      ? [
          'No PC is known yet; nightshift seats import FILE also takes the network cards of PCs that have not come.',
        ]
      : formatTable<SeatView>(
          [
            { title: 'SEAT', text: ({ seat }) => (seat ? seatText(seat) : '-') },
            { title: 'MACHINE', text: ({ name }) => name ?? 'not here yet' },
            { title: 'MAC', text: ({ mac }) => mac },
          ],
          [...seats].sort(bySeat),
          world.terminal.paint,
        ),
  );
  return 0;
}

/** PCs without a seat last, by name. */
function bySeat(a: SeatView, b: SeatView): number {
  const key = ({ seat, name, mac }: SeatView): string =>
    `${seat ? `0 ${seatText(seat)}` : '1'} ${name ?? mac}`;
  return key(a).localeCompare(key(b), 'en', { numeric: true });
}

export async function setSeat(
  world: World,
  json: boolean,
  machine: string,
  text: string,
): Promise<number> {
  const seat = must(parseSeat(text));
  const done = await withHead(world, ({ api }) => api.seats.set({ seats: [{ machine, seat }] }));
  answer(world, json, done, () => [`${machine} stands at ${seatText(seat)}.`]);
  return 0;
}

export async function clearSeats(
  world: World,
  json: boolean,
  machines: string[] | 'all',
): Promise<number> {
  const done = await withHead(world, ({ api }) => api.seats.clear({ machines }));
  answer(world, json, done, () => [`${count(done.changed, 'PC')} without a seat from now on.`]);
  return 0;
}

export async function exportSeats(
  world: World,
  json: boolean,
  to: string | undefined,
): Promise<number> {
  const seats = await withHead(world, ({ api }) => api.seats.list());
  const table = seatCsv(seats);
  if (to === undefined) {
    if (json) answer(world, json, seats, () => []);
    else await world.terminal.write(table);
    return 0;
  }
  must(await world.files.writeText(world.files.absolute(to), table));
  answer(world, json, seats, () => [`${to} has ${count(seats.length, 'PC')}.`]);
  return 0;
}

export async function importSeats(world: World, json: boolean, file: string): Promise<number> {
  const text = must(await world.files.readText(world.files.absolute(file)));
  const read = parseSeatCsv(text);
  if (!read.ok) throw new Refused(read.error.kind, `${file}: ${refusalWords(read.error)}`);
  const done = await withHead(world, ({ api }) => api.seats.set({ seats: read.value }));
  answer(world, json, done, () => [
    `${count(read.value.length, 'PC')} read from ${file}; ${done.changed === 0 ? 'nothing was new' : `${count(done.changed, 'seat')} changed`}.`,
  ]);
  return 0;
}
