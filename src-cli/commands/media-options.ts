import { Option, type Command } from 'commander';
import type { World } from '../core/ports.ts';
import type { DriveOptions, MediumOptions } from './media.ts';

type Describe = (parent: Command, usage: string, description: string) => Command;
type Flags = { readonly json?: boolean };

const typedNameHelp =
  'the name of a drive above 140 GB, or of which it is not sure what it is, to confirm that it is to be erased; once a drive';

/** Given several times, it is a list. */
const eachOne = (name: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  name,
];

/** `nightshift media …`, part of the table of commands. */
export function describeMedia(
  program: Command,
  command: Describe,
  world: () => World,
  ended: (exitCode: number) => void,
): void {
  const media = program
    .command('media')
    .description('boot sticks and floppies that make PCs members of the lab')
    .exitOverride();
  const module = () => import('./media.ts');
  const isJson = (flags: Flags): boolean => flags.json === true;

  command(media, 'list', 'list the drives of the head’s machine').action(async (flags: Flags) =>
    ended(await (await module()).listDrives(world(), isJson(flags))),
  );
  withMediumOptions(command(media, 'write', 'make boot sticks; what is on them is lost'))
    .option('--drive <path...>', 'drives to write, all at once, such as /dev/sdb')
    .option('--to <file>', 'write an image file instead')
    .addOption(new Option('--file <path>', 'the same as --to').hideHelp())
    .option('--typed-name <name>', typedNameHelp, eachOne)
    .action(
      async (
        flags: Flags & MediumOptions & DriveOptions & { readonly file?: string; to?: string },
      ) => ended(await (await module()).writeMedia(world(), isJson(flags), flags)),
    );
  withMediumOptions(
    command(media, 'floppy', 'write the image of a boot floppy (BIOS)'),
    'where the head’s boot files are, if not where it serves them now',
  )
    .option('--to <file>', 'where to write it')
    .addOption(new Option('--file <path>', 'the same as --to').hideHelp())
    .action(async (flags: Flags & MediumOptions & { readonly file?: string; to?: string }) =>
      ended(await (await module()).writeFloppy(world(), isJson(flags), flags)),
    );
  const tokens = () => import('./tokens.ts');
  command(
    media,
    'list-tokens',
    'list what boot media carry to be let in by, and whom it let in',
  ).action(async (flags: Flags) =>
    ended(await (await tokens()).listTokens(world(), isJson(flags))),
  );
  command(
    media,
    'revoke <token...>',
    'let nobody in by these tokens any more: a stick was lost',
  ).action(async (ids: string[], flags: Flags) =>
    ended(await (await tokens()).revokeTokens(world(), isJson(flags), ids)),
  );
  command(media, 'limit <token> <pcs>', 'how many PCs a token may let in, copies included').action(
    async (token: string, pcs: string, flags: Flags) =>
      ended(await (await tokens()).limitToken(world(), isJson(flags), token, pcs)),
  );
  command(media, 'restore', 'make ordinary empty sticks again; what is on them is lost')
    .option('--drive <path...>', 'drives to restore')
    .option('--typed-name <name>', typedNameHelp, eachOne)
    .action(async (flags: Flags & DriveOptions) =>
      ended(await (await module()).restoreDrives(world(), isJson(flags), flags)),
    );
}

const withMediumOptions = (
  command: Command,
  address = 'where the head is when multicast does not reach it',
): Command =>
  command
    .option(
      '--hours <from-until>',
      'join the lab between these hours, such as 18:00-07:30, by each PC’s own clock (default: always)',
    )
    .addOption(
      new Option(
        '--clocks <what>',
        'what the PCs’ own clocks show: the time on the wall, or UTC (PCs without Windows)',
      ).choices(['local', 'utc']),
    )
    .option('--pcs <number>', 'how many PCs it lets in, copies of it included', '100')
    .option('--valid-for <time>', 'how long it lets PCs in', '30d')
    .option('--address <host:port>', address)
    .option('--kernel-options <words>', 'for odd PCs, such as "nomodeset"')
    .option('--force', 'replace a file that is there');
