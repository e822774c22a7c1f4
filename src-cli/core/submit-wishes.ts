import { parseDuration, parseSize } from '../../shared/base/units.ts';
import { parseTaskRange } from '../../shared/domain/task-range.ts';
import type { Submit } from '../../shared/api/contract.ts';
import { parseEnvironmentWish, parseWhole } from './environment-wish.ts';
import { parseInputWish, type InputWish } from './input-wish.ts';
import { must, Refused } from './refused.ts';
import type { ScriptWishes } from './script-directives.ts';

/** Options of `submit` and `run` as they were typed. */
export interface SubmitOptions {
  readonly name?: string;
  readonly tasks?: string;
  readonly cpus?: string;
  readonly memory?: string;
  readonly time?: string;
  readonly retries?: string;
  readonly input?: readonly string[];
  readonly output?: readonly string[];
  readonly env?: readonly string[];
  readonly pack?: string;
  readonly pin?: boolean;
  readonly portable?: boolean;
  readonly priority?: string;
  readonly after?: readonly string[];
  readonly hold?: boolean;
  readonly owner?: string;
  readonly wait?: boolean;
}

/** What can be said of a job before its files are looked at; `after` still has names in it. */
export type SubmitWishes = Omit<Submit, 'command' | 'inputs' | 'after'> & {
  readonly after: readonly string[];
  readonly inputs: readonly InputWish[];
};

/** Options of the command line win over what the script asks for. */
export function readSubmitOptions(
  options: SubmitOptions,
  script: ScriptWishes,
  owner: string,
): SubmitWishes {
  const given = <Value>(
    text: string | undefined,
    parse: (text: string) => Value,
  ): Value | undefined => (text === undefined ? undefined : parse(text));
  const name = options.name ?? script.name;
  const array =
    given(options.tasks, (text) => must(parseTaskRange(text), '--tasks')) ?? script.array;
  const memory =
    given(options.memory, (text) => must(parseSize(text), '--memory')) ?? script.memory;
  const wallTime =
    given(options.time, (text) => must(parseDuration(text), '--time')) ?? script.wallTime;
  if (memory === 0)
    throw new Refused(
      'misuse',
      '--memory 0: a program needs some memory; leave the option out for no limit.',
    );
  if (wallTime === 0)
    throw new Refused(
      'misuse',
      '--time 0: a program needs some time; leave the option out for no limit.',
    );
  for (const pattern of options.output ?? []) checkOutputPattern(pattern);
  return {
    ...(name === undefined ? {} : { name: checkName(name) }),
    owner: options.owner ?? owner,
    array: array ?? null,
    cpus:
      given(options.cpus, (text) => must(parseWhole(text, '--cpus', 1, 4096))) ?? script.cpus ?? 1,
    memory: memory ?? null,
    wallTime: wallTime ?? null,
    retries: given(options.retries, (text) => must(parseWhole(text, '--retries', 0, 100))) ?? 0,
    inputs: (options.input ?? []).map((text) => must(parseInputWish(text))),
    outputs: [...(options.output ?? [])],
    environment: Object.fromEntries(
      (options.env ?? []).map((text) => must(parseEnvironmentWish(text))),
    ),
    pack: options.pack ?? 'base',
    pin: options.pin ?? false,
    portable: options.portable ?? false,
    priority:
      given(options.priority, (text) => must(parseWhole(text, '--priority', -1000, 1000))) ?? 0,
    after: options.after ?? script.after ?? [],
    hold: options.hold ?? false,
  };
}

function checkName(name: string): string {
  if (name.trim() === '')
    throw new Refused('misuse', '--name is empty; write a name, such as --name render.');
  if (name.length > 200)
    throw new Refused('misuse', '--name is too long; 200 letters are the most.');
  return name;
}

function checkOutputPattern(pattern: string): void {
  const parts = pattern.split('/');
  if (pattern === '' || pattern.startsWith('/') || parts.includes('..')) {
    throw new Refused(
      'misuse',
      `--output "${pattern}": write a pattern for files in the task's directory, such as "*.xz" or "frames/*.png".`,
    );
  }
}

/** A job without a name is called after its program: `/usr/bin/python3` → `python3`. */
export function nameOfCommand(command: readonly string[]): string {
  return (
    (command[0] ?? '')
      .split('/')
      .findLast((part) => part !== '')
      ?.slice(0, 200) ?? 'job'
  );
}
