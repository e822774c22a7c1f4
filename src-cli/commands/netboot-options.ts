import type { Command } from 'commander';
import type { World } from '../core/ports.ts';
import { Refused } from '../core/refused.ts';
import type { ApproveOptions } from './approve.ts';
import type { NetbootOptions } from './netboot.ts';

type Describe = (parent: Command, usage: string, description: string) => Command;
type Flags = { readonly json?: boolean };

/** `nightshift netboot …`, `approve` and `wake`, part of the table of commands. */
export function describeNetboot(
  program: Command,
  command: Describe,
  world: () => World,
  ended: (exitCode: number) => void,
): void {
  const isJson = (flags: Flags): boolean => flags.json === true;
  const netboot = program
    .command('netboot')
    .description('PCs join the lab by booting from the network')
    .exitOverride();
  const module = () => import('./netboot.ts');

  command(netboot, 'on', 'answer PCs that boot from the network, beside the lab’s DHCP server')
    .option(
      '--hours <from-until>',
      'only between these hours, such as 18:00-07:30; by day PCs boot their own disk (default: always)',
    )
    .option('--interface <name...>', 'only on these interfaces of the head’s machine')
    .option('--at-once <number>', 'PCs that may fetch the member system at a time', '8')
    .option('--kernel-options <words>', 'for odd PCs, such as "nomodeset"')
    .action(async (flags: Flags & NetbootOptions) =>
      ended(await (await module()).netbootOn(world(), isJson(flags), flags)),
    );
  command(netboot, 'off', 'answer no more').action(async (flags: Flags) =>
    ended(await (await module()).netbootOff(world(), isJson(flags))),
  );
  command(netboot, 'status', 'how far each PC is').action(async (flags: Flags) =>
    ended(await (await module()).netbootStatus(world(), isJson(flags))),
  );
  command(netboot, 'diagnose', 'find out what keeps PCs from booting from the network').action(
    async (flags: Flags) => ended(await (await module()).netbootDiagnose(world(), isJson(flags))),
  );

  command(
    program,
    'approve [code...]',
    'let in the PCs that show these codes; without a code, list those that wait',
  )
    .option('--refuse', 'keep them out instead, until they are forgotten')
    .option('--forget <machine>', 'undo what was decided on a machine, by name or network address')
    .action(async (codes: string[], flags: Flags & ApproveOptions) =>
      ended(await (await import('./approve.ts')).approve(world(), isJson(flags), codes, flags)),
    );

  command(program, 'wake [machine...]', 'call PCs awake over the network (Wake-on-LAN)')
    .option('--all', 'every PC that is not in the lab')
    .action(async (names: string[], flags: Flags & { all?: boolean }) => {
      if ((flags.all === true) === names.length > 0) {
        throw new Refused(
          'misuse',
          'name the PCs to wake, or write --all for every one (not both).',
        );
      }
      const which = flags.all === true ? 'all' : names;
      ended(await (await import('./wake.ts')).wakeMachines(world(), isJson(flags), which));
    });
}
