import { Command, Option } from 'commander';
import { nightshiftVersion } from '../../shared/domain/settings.ts';
import type { World } from '../core/ports.ts';
import { Refused } from '../core/refused.ts';
import type { SubmitOptions } from '../core/submit-wishes.ts';
import { runHelp, submitHelp, withJobOptions } from './job-options.ts';
import { describeMedia } from './media-options.ts';
import { describeNetboot } from './netboot-options.ts';
import { describeSeats } from './seats-options.ts';
import type { Typed } from './submit.ts';

/**
 * The table of commands. What each does is loaded when it is asked for, so that help and misuse are answered at
 * once. An action settles with the exit code.
 */
export function describeProgram(
  world: () => World,
  typed: readonly string[],
  ended: (exitCode: number) => void,
): Command {
  const program = new Command('nightshift')
    .description(
      'Turns a PC lab into one compute cluster for the night and gives it back in the morning.',
    )
    .version(nightshiftVersion, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .enablePositionalOptions()
    .configureHelp({ showGlobalOptions: false, sortSubcommands: false })
    .exitOverride();

  const command = (parent: Command, usage: string, description: string): Command =>
    parent
      .command(usage)
      .description(description)
      .option('--json', 'answer in JSON, for programs')
      .exitOverride();
  type Flags = { readonly json?: boolean };
  const isJson = (flags: Flags): boolean => flags.json === true;

  command(program, 'head', 'run a head in the foreground')
    .option('--port <number>', 'port for members and clients (default: 7411)')
    .option('--lab <name>', 'the name of a new lab, which PCs show on their screens')
    .option('--practice', 'with the short times of a practice lab')
    .action(async (flags: Flags & { port?: string; lab?: string; practice?: boolean }) =>
      ended(await (await import('./head.ts')).runHead(world(), isJson(flags), flags)),
    );

  const machines = command(program, 'machines', 'list the PCs of the lab').action(
    async (flags: Flags) =>
      ended(await (await import('./machines.ts')).showMachines(world(), isJson(flags))),
  );
  command(
    machines,
    'ban <machine...>',
    'keep PCs out from this moment on; what they run starts again elsewhere',
  )
    .option('--because <text>', 'why, for whoever wonders')
    .action(async (names: string[], flags: Flags & { because?: string }) =>
      ended(
        await (
          await import('./machines.ts')
        ).banMachines(world(), isJson(flags), names, flags.because ?? null),
      ),
    );
  for (const [order, description] of [
    ['unban', 'let PCs in again that were kept out'],
    ['forget', 'take PCs that are gone for good out of the books'],
  ] as const) {
    command(machines, `${order} <machine...>`, description).action(
      async (names: string[], flags: Flags) =>
        ended(
          await (await import('./machines.ts')).orderMachines(world(), isJson(flags), names, order),
        ),
    );
  }

  withJobOptions(
    command(
      program,
      'submit [words...]',
      'submit a job: submit [options] -- COMMAND… or submit [options] SCRIPT',
    ),
  )
    .usage('[options] -- COMMAND…\n       nightshift submit [options] SCRIPT [ARGUMENT…]')
    .option('--wait', 'block until the job is over; exit code 1 if a task failed')
    .addHelpText('after', submitHelp)
    .action(async (words: string[], flags: Flags & SubmitOptions) =>
      ended(
        await (
          await import('./submit.ts')
        ).submit(world(), isJson(flags), typedWords(typed, words), flags),
      ),
    );

  withJobOptions(
    command(program, 'run [words...]', 'run one program on the best PC as if it ran here'),
  )
    .usage('[options] -- COMMAND…')
    .option('--stdin', 'wait for the end of standard input, however long it takes')
    .addHelpText('after', runHelp)
    .action(async (words: string[], flags: Flags & SubmitOptions & { stdin?: boolean }) =>
      ended(
        await (
          await import('./run.ts')
        ).run(world(), isJson(flags), typedWords(typed, words), flags),
      ),
    );

  command(program, 'jobs', 'list the jobs').action(async (flags: Flags) =>
    ended(await (await import('./jobs.ts')).showJobs(world(), isJson(flags))),
  );
  command(program, 'job <id>', 'show a job and its tasks, by id or name').action(
    async (id: string, flags: Flags) =>
      ended(await (await import('./jobs.ts')).showJob(world(), isJson(flags), id)),
  );
  command(program, 'logs <task>', 'print what a task wrote (12, 12.3 or a name)')
    .option('-f, --follow', 'go on until the task ends')
    .option('--raw', 'to a terminal, too, whatever it wrote; without, text and colours only')
    .action(async (task: string, flags: Flags & { follow?: boolean; raw?: boolean }) =>
      ended(
        await (
          await import('./logs.ts')
        ).showLogs(world(), isJson(flags), task, {
          follow: flags.follow === true,
          raw: flags.raw === true,
        }),
      ),
    );
  command(program, 'fetch <id>', 'fetch the outputs of a job or of one task')
    .requiredOption(
      '-o, --into <folder>',
      'where to put them; those of an array go into a folder per task',
    )
    .option('--logs', `what each task wrote, too, as task.log`)
    .option('--force', 'overwrite files that differ')
    .action(async (id: string, flags: Flags & { into: string; logs?: boolean; force?: boolean }) =>
      ended(
        await (
          await import('./fetch.ts')
        ).fetchOutputs(world(), isJson(flags), id, {
          into: flags.into,
          logs: flags.logs === true,
          force: flags.force === true,
        }),
      ),
    );
  for (const [order, description] of [
    ['cancel', 'end a job: TERM, and KILL 3 s later'],
    ['hold', 'save what runs of a job and start no more of it'],
    ['resume', 'let a held job go on'],
  ] as const) {
    command(program, `${order} <id>`, description).action(async (id: string, flags: Flags) =>
      ended(await (await import('./jobs.ts')).orderJob(world(), isJson(flags), id, order)),
    );
  }

  command(
    program,
    'remove <job...>',
    'take jobs that are over out of the lab, with their results',
  ).action(async (jobs: string[], flags: Flags) =>
    ended(await (await import('./jobs.ts')).removeJobs(world(), isJson(flags), jobs)),
  );
  command(
    program,
    'keep-for [time]',
    'how long jobs that are over are kept, such as 90d; without a time, it is told',
  ).action(async (time: string | undefined, flags: Flags) =>
    ended(await (await import('./jobs.ts')).keepJobsFor(world(), isJson(flags), time)),
  );

  command(program, 'migrate <task> <machine>', 'move a running task to another PC')
    .option('--no-wait', 'do not wait for it to arrive')
    .action(async (task: string, machine: string, flags: Flags & { wait: boolean }) =>
      ended(
        await (
          await import('./migrate.ts')
        ).migrateTask(world(), isJson(flags), task, machine, flags.wait),
      ),
    );
  for (const [order, description] of [
    ['cordon', 'start no new tasks on these PCs'],
    ['uncordon', 'start tasks on these PCs again'],
  ] as const) {
    command(program, `${order} <machine...>`, description).action(
      async (names: string[], flags: Flags) =>
        ended(
          await (
            await import('./machines.ts')
          ).cordonMachines(world(), isJson(flags), names, order),
        ),
    );
  }
  command(program, 'evacuate <machine...>', 'move every task off these PCs, losing nothing')
    .option('--no-wait', 'do not wait until they are empty')
    .action(async (names: string[], flags: Flags & { wait: boolean }) =>
      ended(
        await (
          await import('./leaving.ts')
        ).evacuateMachines(world(), isJson(flags), names, flags.wait),
      ),
    );
  command(program, 'release [machine...]', 'give PCs back to their day, losing nothing')
    .option('--all', 'every PC of the lab')
    .addOption(
      new Option(
        '--when <moment>',
        'leave when the tasks are saved, when they have ended, or at once',
      )
        .choices(['checkpoint', 'task', 'now'])
        .default('checkpoint'),
    )
    .option('--no-wait', 'do not wait until they have left')
    .action(
      async (
        names: string[],
        flags: Flags & { all?: boolean; when: 'checkpoint' | 'task' | 'now'; wait: boolean },
      ) => {
        if ((flags.all === true) === names.length > 0) {
          throw new Refused(
            'misuse',
            'name the PCs to release, or write --all for every one (not both).',
          );
        }
        ended(
          await (
            await import('./leaving.ts')
          ).releaseMachines(
            world(),
            isJson(flags),
            flags.all === true ? 'all' : names,
            flags.when,
            flags.wait,
          ),
        );
      },
    );

  command(program, 'top', 'the lab at a glance, live')
    .option('--once', 'print it once')
    .action(async (flags: Flags & { once?: boolean }) =>
      ended(await (await import('./top.ts')).top(world(), isJson(flags), flags.once === true)),
    );
  command(program, 'report', 'what the night came to')
    .option('--night <number>', 'an earlier night than the newest')
    .action(async (flags: Flags & { night?: string }) =>
      ended(await (await import('./report.ts')).showReport(world(), isJson(flags), flags.night)),
    );
  const software = program
    .command('software')
    .description('the software packs jobs run in')
    .exitOverride();
  command(software, 'list', 'list them').action(async (flags: Flags) =>
    ended(await (await import('./software.ts')).listSoftware(world(), isJson(flags))),
  );
  const images = command(
    program,
    'images',
    'the versions of what PCs boot, and which one is in use',
  ).action(async (flags: Flags) =>
    ended(await (await import('./images.ts')).listImages(world(), isJson(flags))),
  );
  command(
    images,
    'build',
    'make a new one of Debian’s packages as they are today, best every week',
  ).action(async (flags: Flags) =>
    ended(await (await import('./images.ts')).buildImage(world(), isJson(flags))),
  );
  command(
    images,
    'use <version>',
    'PCs that start from now on boot this version, or always the newest',
  ).action(async (version: string, flags: Flags) =>
    ended(await (await import('./images.ts')).useImage(world(), isJson(flags), version)),
  );
  const sessions = command(
    program,
    'sessions',
    'list the browsers that are let in, and end their sessions',
  ).action(async (flags: Flags) =>
    ended(await (await import('./sessions.ts')).showSessions(world(), isJson(flags))),
  );
  command(sessions, 'end [session...]', 'let browsers in no more until they show the token again')
    .option('--all', 'every one')
    .action(async (ids: string[], flags: Flags & { all?: boolean }) =>
      ended(
        await (
          await import('./sessions.ts')
        ).endSessions(world(), isJson(flags), ids, flags.all === true),
      ),
    );
  command(program, 'doctor', 'check what this machine needs to run a lab').action(
    async (flags: Flags) =>
      ended(await (await import('./doctor.ts')).doctor(world(), isJson(flags))),
  );

  command(
    program,
    'backup <path>',
    'copy the lab to a new folder, or to a file that ends in .tar; its head may run',
  ).action(async (path: string, flags: Flags) =>
    ended(await (await import('./keep-home.ts')).backUp(world(), isJson(flags), path)),
  );
  command(program, 'restore <path>', 'bring such a copy back; nothing is ever written over').action(
    async (path: string, flags: Flags) =>
      ended(await (await import('./keep-home.ts')).restore(world(), isJson(flags), path)),
  );

  describeSeats(program, command, world, ended);
  describeMedia(program, command, world, ended);
  describeNetboot(program, command, world, ended);

  const practice = program
    .command('practice')
    .description('a lab of virtual PCs on this machine')
    .exitOverride();
  command(practice, 'up', 'bring practice PCs up, and a head if none runs')
    .option('--pcs <number>', 'how many there are to be', '3')
    .option('--cpus <number>', 'processors of each', '2')
    .option('--memory <size>', 'memory of each, such as 2G')
    .option('--driver <name>', 'container or vm', 'container')
    .option('--no-wait', 'do not wait until they have enrolled')
    .action(
      async (
        flags: Flags & {
          pcs: string;
          cpus: string;
          memory?: string;
          driver: string;
          wait: boolean;
        },
      ) => ended(await (await import('./practice.ts')).practiceUp(world(), isJson(flags), flags)),
    );
  // What `npm start -- --practice` plays; it makes a lab of its own.
  practice
    .command('night', { hidden: true })
    .option('--keep', 'leave the lab open afterwards')
    .exitOverride()
    .action(async (flags: { keep?: boolean }) =>
      ended(
        await (
          await import('../night/play-night.ts')
        ).playNight(world(), await world().witness(), flags.keep === true),
      ),
    );

  command(practice, 'down', 'end the practice PCs, and the head if practice up started it').action(
    async (flags: Flags) =>
      ended(await (await import('./practice.ts')).practiceDown(world(), isJson(flags))),
  );
  command(practice, 'list', 'list them and what their screens show').action(async (flags: Flags) =>
    ended(await (await import('./practice.ts')).practiceList(world(), isJson(flags))),
  );
  for (const [what, description] of [
    ['unplug', 'take a PC’s power away, saying nothing'],
    ['replug', 'give it power again'],
    ['cut', 'cut a PC off from the network'],
    ['heal', 'put it back on the network'],
    ['keypress', 'press a key at a PC: somebody wants it'],
  ] as const) {
    command(practice, `${what} <pc>`, description).action(async (pc: string, flags: Flags) =>
      ended(await (await import('./practice.ts')).practiceMishap(world(), isJson(flags), what, pc)),
    );
  }
  return program;
}

/** Whether the words stand behind `--`, as a command of the pack, or name a script of this machine. */
function typedWords(typed: readonly string[], words: readonly string[]): Typed {
  const separator = typed.indexOf('--');
  return { words, separated: separator >= 0 && typed.length - separator - 1 === words.length };
}
