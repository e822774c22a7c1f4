import type { Command } from 'commander';
import type { World } from '../core/ports.ts';
import { Refused } from '../core/refused.ts';

type Flags = { readonly json?: boolean };

/** `seats`: where PCs stand. */
export function describeSeats(
  program: Command,
  command: (parent: Command, usage: string, description: string) => Command,
  world: () => World,
  ended: (exitCode: number) => void,
): void {
  const isJson = (flags: Flags): boolean => flags.json === true;
  const seats = command(program, 'seats', 'where the PCs stand: room, row and place').action(
    async (flags: Flags) =>
      ended(await (await import('./seats.ts')).listSeats(world(), isJson(flags))),
  );
  command(seats, 'set <pc> <seat>', 'say where a PC stands, as in "Room 12/1/4"')
    .addHelpText(
      'after',
      "\nA PC is named by its name or by its network card's address, also before it ever came.",
    )
    .action(async (pc: string, seat: string, flags: Flags) =>
      ended(await (await import('./seats.ts')).setSeat(world(), isJson(flags), pc, seat)),
    );
  command(seats, 'clear [pc...]', 'forget where these PCs stand')
    .option('--all', 'of every PC')
    .action(async (names: string[], flags: Flags & { all?: boolean }) => {
      if ((flags.all === true) === names.length > 0)
        throw new Refused('misuse', 'name the PCs, or write --all for every one (not both).');
      const which = flags.all === true ? 'all' : names;
      ended(await (await import('./seats.ts')).clearSeats(world(), isJson(flags), which));
    });
  command(seats, 'export', 'print them as a table for spreadsheets: mac,room,row,place,name')
    .option('-o, --to <file>', 'write it there instead')
    .action(async (flags: Flags & { to?: string }) =>
      ended(await (await import('./seats.ts')).exportSeats(world(), isJson(flags), flags.to)),
    );
  command(seats, 'import <file>', 'take over such a table; PCs that it does not name stay')
    .addHelpText(
      'after',
      '\nCommas, semicolons or tabs; titles in any order. A PC whose room, row and place are empty loses its seat.\n' +
        'Where mac is empty, name says which PC is meant. All lines are taken over, or none.',
    )
    .action(async (file: string, flags: Flags) =>
      ended(await (await import('./seats.ts')).importSeats(world(), isJson(flags), file)),
    );
}
