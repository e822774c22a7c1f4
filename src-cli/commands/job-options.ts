import type { Command } from 'commander';

const several = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

/** Options of `submit` and `run`; they end at the first word that is none, so that a program keeps its own. */
export function withJobOptions(command: Command): Command {
  return command
    .passThroughOptions()
    .option('--name <name>', 'what the job is called (default: after its program)')
    .option(
      '--tasks <first-last>',
      'a job array; {task} in words and paths is the task’s number; 1-500%20: 20 at a time',
    )
    .option('--cpus <number>', 'processors of each task (default: 1)')
    .option(
      '--memory <size>',
      'memory of each task with its files, such as 512M; more ends it (without: what its PC can spare)',
    )
    .option(
      '--time <duration>',
      'how long a task may run, such as 90s, 2h or hh:mm:ss; then TERM, and KILL 3 s later',
    )
    .option('--retries <number>', 'how often a task that failed is started again (default: 0)')
    .option(
      '--input <file[:dest]>',
      'a file or folder for the task’s directory (repeatable)',
      several,
    )
    .option('--output <pattern>', 'files to keep, such as "*.png" (repeatable)', several)
    .option('--env <name=value>', 'a variable of the program’s environment (repeatable)', several)
    .option('--pack <name>', 'software pack it runs in (default: base)')
    .option('--pin', 'never move it')
    .option('--portable', 'let it move to older PCs, with fewer CPU features')
    .option('--network <name>', 'what its tasks reach: none, so far the only one (default: none)')
    .option('--priority <number>', 'larger goes first (-1000 to 1000, default: 0)')
    .option(
      '--after <job>',
      'start once every task of that job is done; never, if one of them fails; refused if one has (repeatable)',
      several,
    )
    .option(
      '--after-any <job>',
      'start once that job is over, however it ended (repeatable)',
      several,
    )
    .option('--hold', 'do not start it before nightshift resume')
    .option('--owner <name>', 'whose job it is (default: your login name)');
}

export const submitHelp = `
A SCRIPT is a file that begins with #!, or has #PBS lines; it is sent along. #SBATCH and #PBS
lines in it are understood for name, array, processors, processes, memory, time, priority,
variables, the name of the log and the jobs it waits for. What has no meaning here is named.
Options given here win. The script finds the variables of Slurm and PBS that mean something
here, its task's directory as the one it was submitted from, and an srun.

A folder arrives as the tree it is: times, permissions, empty folders, holes, and links within it.
A link that leads out of it arrives as the file it points to; one that leads nowhere as it is.

  nightshift submit --tasks 1-500 --input scene.blend --output "{task}.png" -- render scene.blend {task}
  nightshift submit --cpus 4 --memory 2G sweep.sh 0.1 0.2`;

export const runHelp = `
Its output comes here byte for byte and its exit code is this command's. A file or a pipe on
standard input is sent along whole before it starts; a terminal is not, so it cannot be typed
to. Its output and its errors are one stream here, in the order they were written.`;
