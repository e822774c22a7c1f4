import { Interrupted } from '../core/head-errors.ts';
import { CommanderError, type Command } from 'commander';
import { laterCommands, misuseSentence } from '../core/misuse.ts';
import type { World } from '../core/ports.ts';
import { exitCodeOf, Refused } from '../core/refused.ts';

import { describeProgram } from './program.ts';

/** Runs one command line; its exit code. Whatever goes wrong becomes one sentence on stderr. */
export async function runCommandLine(words: readonly string[], world: World): Promise<number> {
  const { terminal } = world;
  const complain = (sentence: string): void => {
    terminal.progress(null);
    terminal.say(`${terminal.sayPaint.bad('nightshift:')} ${sentence}`);
  };
  let exitCode = 0;
  const program = describeProgram(
    () => world,
    words,
    (code) => (exitCode = code),
  );
  const printHelp = (text: string): void => terminal.out(text.trimEnd());
  let misused = 'nightshift';
  for (const command of [program, ...program.commands].flatMap((group) => [
    group,
    ...group.commands,
  ])) {
    command.configureOutput({
      writeOut: printHelp,
      writeErr: printHelp,
      outputError: () => (misused = fullNameOf(command)),
    });
  }
  try {
    const [first] = words;
    if (first === undefined) {
      program.outputHelp();
      return 2;
    }
    if (laterCommands.includes(first)) {
      complain(
        `this version has no command "${first}" yet; see nightshift --help for those it has.`,
      );
      return 2;
    }
    await program.parseAsync(unknownCommand(program, words) ?? [...words], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      if (error.code !== 'commander.help') complain(misuseSentence(error.message, misused));
      return 2;
    }
    if (error instanceof Interrupted) return 130;
    if (error instanceof Refused) {
      complain(error.message);
      return exitCodeOf(error.kind);
    }
    complain(
      `something unexpected went wrong: ${error instanceof Error ? error.message : String(error)}`,
    );
    return 1;
  }
}

/**
 * The words up to a command that there is not, which is then complained of as such; commander would print the help of
 * what is around it, as if all were well.
 */
function unknownCommand(program: Command, words: readonly string[]): string[] | undefined {
  const path = words[0] === 'help' ? words.slice(1) : words;
  let group = program;
  for (const [at, word] of path.entries()) {
    if (word.startsWith('-') || (word === 'help' && path === words)) return undefined;
    const next = group.commands.find((command) => command.name() === word);
    if (next === undefined) return group.commands.length > 0 ? path.slice(0, at + 1) : undefined;
    group = next;
    if (group.commands.length === 0) return undefined;
  }
  return undefined;
}

function fullNameOf(command: Command): string {
  return command.parent === null
    ? command.name()
    : `${fullNameOf(command.parent)} ${command.name()}`;
}
