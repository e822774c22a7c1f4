import type { Submit } from '../../../shared/api/contract.ts';
import type { Result } from '../../../shared/base/result.ts';
import { parseDuration, parseSize } from '../../../shared/base/units.ts';
import { parseTaskRange } from '../../../shared/domain/task-range.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';

/** What stands in the form, as typed. */
export interface SubmitForm {
  name: string;
  owner: string;
  command: string;
  tasks: string;
  cpus: string;
  memory: string;
  wallTime: string;
  outputs: string;
  hold: boolean;
}

export const emptyForm = (owner = ''): SubmitForm => ({
  name: '',
  owner,
  command: '',
  tasks: '',
  cpus: '1',
  memory: '',
  wallTime: '',
  outputs: '',
  hold: false,
});

export type FormFaults = Partial<Record<keyof SubmitForm, string>>;
export type ReadForm =
  | { readonly ok: true; readonly wish: Submit }
  | { readonly ok: false; readonly faults: FormFaults };

/** Reads the form; every field that is wrong says what to write instead. */
export function readForm(form: SubmitForm): ReadForm {
  const faults: FormFaults = {};
  const read = <Value>(
    field: 'tasks' | 'memory' | 'wallTime',
    parse: (text: string) => Result<Value>,
  ): Value | null => {
    if (form[field].trim() === '') return null;
    const result = parse(form[field]);
    if (result.ok) return result.value;
    faults[field] = capitalised(refusalWords(result.error));
    return null;
  };
  const array = read('tasks', parseTaskRange);
  const memory = read('memory', parseSize);
  const wallTime = read('wallTime', parseDuration);
  const cpus = Number(form.cpus);
  if (!Number.isInteger(cpus) || cpus < 1)
    faults.cpus = 'Write a whole number of processors, 1 or more.';
  const command = commandOf(form.command);
  if (command.length === 0) faults.command = 'Write the command to run, such as ./render {task}.';
  if (Object.keys(faults).length > 0) return { ok: false, faults };

  const name = form.name.trim();
  const owner = form.owner.trim();
  return {
    ok: true,
    wish: {
      ...(name === '' ? {} : { name }),
      ...(owner === '' ? {} : { owner }),
      command,
      array,
      cpus,
      memory,
      wallTime,
      outputs: linesOf(form.outputs),
      hold: form.hold,
    },
  };
}

/** One plain command becomes its words; whatever needs a shell is given to one, stopping at the first line that fails. */
export function commandOf(text: string): string[] {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  const needsShell = /[\n|&;<>()$`\\"'*?[\]#~!{}]|^\w+=/.test(trimmed.replaceAll('{task}', ''));
  return needsShell ? ['sh', '-ec', trimmed] : trimmed.split(/\s+/);
}

const linesOf = (text: string): string[] =>
  text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');

const capitalised = (sentence: string): string =>
  sentence.charAt(0).toUpperCase() + sentence.slice(1);
