import { parseDuration, parseSize } from '../../shared/base/units.ts';
import { submitCan } from '../../shared/domain/actions.ts';
import { isPlainText } from '../../shared/domain/plain-text.ts';
import { parseTaskRange, type TaskRange } from '../../shared/domain/task-range.ts';
import { ok, refuse, type Result } from '../../shared/base/result.ts';
import type { Submit } from '../../shared/api/contract.ts';
import { parseEnvironmentWish, parseWhole } from './environment-wish.ts';
import { parseInputWish, type InputWish } from './input-wish.ts';
import { must, Refused } from './refused.ts';
import type { ScriptWishes } from './script-wishes.ts';

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
  readonly network?: string;
  readonly priority?: string;
  readonly after?: readonly string[];
  readonly afterAny?: readonly string[];
  readonly hold?: boolean;
  readonly owner?: string;
  readonly wait?: boolean;
}

/** What can be said of a job before its files are looked at; `after` and `afterOk` still have names in them. */
export type SubmitWishes = Omit<Submit, 'command' | 'inputs' | 'after' | 'afterOk'> & {
  readonly after: readonly string[];
  readonly afterOk: readonly string[];
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
  const typed = given(options.tasks, (text) => must(parseTasks(text), '--tasks'));
  const array = typed?.range ?? script.array;
  const memory =
    given(options.memory, (text) => must(parseSize(text), '--memory')) ?? script.memory;
  const wallTime =
    given(options.time, (text) => must(parseDuration(text), '--time')) ?? script.wallTime ?? null;
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
    atOnce: (typed === undefined ? script.atOnce : typed.atOnce) ?? null,
    logName: script.logName ?? null,
    cpus:
      given(options.cpus, (text) => must(parseWhole(text, '--cpus', 1, 4096))) ?? script.cpus ?? 1,
    memory: memory ?? null,
    wallTime,
    retries: given(options.retries, (text) => must(parseWhole(text, '--retries', 0, 100))) ?? 0,
    inputs: (options.input ?? []).map((text) => must(parseInputWish(text))),
    outputs: [...(options.output ?? [])],
    environment: {
      ...script.environment,
      ...Object.fromEntries((options.env ?? []).map((text) => must(parseEnvironmentWish(text)))),
    },
    pack: options.pack ?? 'base',
    pin: options.pin ?? false,
    portable: options.portable ?? false,
    network: must(submitCan.reach(options.network ?? 'none'), '--network'),
    priority:
      given(options.priority, (text) => must(parseWhole(text, '--priority', -1000, 1000))) ??
      script.priority ??
      0,
    after: options.afterAny ?? script.after ?? [],
    afterOk: options.after ?? script.afterOk ?? [],
    hold: options.hold ?? script.hold ?? false,
  };
}

/** `1-500`, or `1-500%20`: twenty of them at a time. */
function parseTasks(text: string): Result<{ range: TaskRange; atOnce: number | null }> {
  const [, first = text, limit] = /^(.*)%(.*)$/s.exec(text) ?? [];
  const range = parseTaskRange(first);
  if (!range.ok) return range;
  if (limit !== undefined && !/^[1-9]\d{0,5}$/.test(limit))
    return refuse('misuse', `"${text}": write how many at a time behind %, such as 1-500%20.`);
  return ok({ range: range.value, atOnce: limit === undefined ? null : Number(limit) });
}

function checkName(name: string): string {
  if (name.trim() === '')
    throw new Refused('misuse', '--name is empty; write a name, such as --name render.');
  if (!isPlainText(name))
    throw new Refused('misuse', '--name has control characters in it; write plain letters.');
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
