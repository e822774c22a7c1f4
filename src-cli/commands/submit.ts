import { waitingWords } from '../../shared/words/waiting-words.ts';
import { jobId, type JobId } from '../../shared/domain/ids.ts';
import type { Submit } from '../../shared/api/contract.ts';
import { answer } from '../core/answer.ts';
import { collectInputs } from '../core/collect-inputs.ts';
import type { InputWish } from '../core/input-wish.ts';
import type { Head, World } from '../core/ports.ts';
import { must, Refused } from '../core/refused.ts';
import { readScript } from '../core/script-directives.ts';
import type { ScriptWishes } from '../core/script-wishes.ts';
import { nameOfCommand, readSubmitOptions, type SubmitOptions } from '../core/submit-wishes.ts';
import { uploadInputs } from '../core/upload-inputs.ts';
import { withHead } from '../core/with-head.ts';
import { waitForJob } from './wait-for-job.ts';

/** What was typed behind the options: `-- CMD…` (separated) or `SCRIPT ARGUMENTS…`. */
export interface Typed {
  readonly words: readonly string[];
  readonly separated: boolean;
}

export async function submit(
  world: World,
  json: boolean,
  typed: Typed,
  options: SubmitOptions,
): Promise<number> {
  const { id, warnings, hint } = await submitJob(world, typed, options);
  for (const warning of warnings) world.terminal.say(`nightshift: ${warning}`);
  if (options.wait !== true) {
    answer(world, json, { id, warnings }, () => [`Job ${id} is submitted; ${hint}.`]);
    return 0;
  }
  if (!json) world.terminal.say(`Job ${id} is submitted.`);
  return waitForJob(world, json, id);
}

/** Reads files and options before it looks for a head, so that a slip is told without one. */
export async function submitJob(
  world: World,
  typed: Typed,
  options: SubmitOptions,
  standardInput: { readonly from: string; readonly to: string } | null = null,
): Promise<{ readonly id: JobId; readonly warnings: readonly string[]; readonly hint: string }> {
  const { terminal } = world;
  const program = await readProgram(world, typed);
  const { inputs, after, afterOk, ...wishes } = readSubmitOptions(
    options,
    program.wishes,
    world.loginName(),
  );
  const array = wishes.array ?? null;
  const collected = await collectInputs(
    world.files,
    [
      ...program.inputs,
      ...inputs,
      ...(standardInput === null ? [] : [{ ...standardInput, text: standardInput.from }]),
    ],
    array,
    (done, all) => terminal.progress(`Reading the inputs: ${done} of ${all}`),
  );
  terminal.progress(null);
  return withHead(world, async (head) => {
    const request: Submit = {
      ...wishes,
      environment: {
        ...wishes.environment,
        ...(standardInput === null ? {} : { NIGHTSHIFT_STDIN: standardInput.to }),
      },
      name: wishes.name ?? nameOfCommand(program.namedAfter),
      command: [...program.command],
      inputs: [...collected.inputs],
      ...(collected.nodes.length > 0 && { inputNodes: [...collected.nodes] }),
      after: await Promise.all(after.map((job) => idOfJob(head, job))),
      afterOk: await Promise.all(afterOk.map((job) => idOfJob(head, job))),
    };
    // What is refused anyway shall not cost an evening of sending.
    if (collected.sources.size > 0) await head.api.jobs.consider(request);
    await uploadInputs(head, terminal, collected, world.now);
    const { id, warnings } = await head.api.jobs.submit(request);
    const hint =
      array === null ? `see it with nightshift logs ${id} -f` : `see it with nightshift job ${id}`;
    return {
      id,
      hint,
      warnings: [
        ...program.warnings,
        ...collected.warnings,
        ...warnings.map((why) => `${waitingWords(why)}.`),
      ],
    };
  });
}

async function idOfJob(head: Head, job: string): Promise<JobId> {
  return /^\d+$/.test(job) ? jobId(job) : (await head.api.jobs.get({ job })).id;
}

interface Program {
  readonly command: readonly string[];
  readonly namedAfter: readonly string[];
  readonly wishes: ScriptWishes;
  readonly inputs: readonly InputWish[];
  readonly warnings: readonly string[];
}

async function readProgram(
  { files, variable }: World,
  { words, separated }: Typed,
): Promise<Program> {
  const [first, ...rest] = words;
  if (first === undefined || first === '') {
    throw new Refused(
      'misuse',
      'say what to run: a command behind --, as in nightshift run -- uname -a, or a script, as in nightshift submit SCRIPT.',
    );
  }
  if (separated) return { command: words, namedAfter: words, wishes: {}, inputs: [], warnings: [] };

  switch (await files.kind(first)) {
    case 'file':
      break;
    case 'folder':
      throw new Refused('misuse', `${first} is a folder; name a script in it.`);
    case 'missing':
    case 'unreadable':
    case 'other':
      throw new Refused(
        'misuse',
        `there is no script ${first} here; to run a program of the software pack write -- before it: nightshift submit -- ${words.join(' ')}`,
      );
  }
  const name = first.split('/').at(-1) ?? first;
  const script = must(readScript(must(await files.readText(first)), name, variable));
  const from =
    script.mended === undefined ? first : must(await files.keepAside(name, script.mended));
  const late = rest.find((word) => optionsOfOurs.test(word));
  return {
    // A name that begins with - would be read as an option of the interpreter.
    command: [...script.interpreter, name.startsWith('-') ? `./${name}` : name, ...rest],
    namedAfter: [name],
    wishes: script.wishes,
    inputs: [{ from, to: name, text: from }],
    warnings: [
      ...script.warnings,
      ...(late === undefined
        ? []
        : [
            `${late} stands behind the script and is given to it; options of nightshift go before ${first}.`,
          ]),
    ],
  };
}

const optionsOfOurs =
  /^--(name|tasks|cpus|memory|time|retries|input|output|env|pack|pin|portable|network|priority|after|after-any|hold|owner|wait|json)\b/;
