// What a person types behind a script of package.json: asked for help it says how it is used and does nothing, and what it does
// not know is one sentence and exit code 2.
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { asksForHelp } from '../src-main/platform/home/head-arguments.ts';

export interface ScriptWords {
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly words: readonly string[];
}

export type Understood =
  | ({ readonly kind: 'go' } & ScriptWords)
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly sentence: string };

/** `wordsAtMost`: how many words that are no options may follow. */
export function understandWords(
  args: readonly string[],
  options: ParseArgsOptionsConfig,
  wordsAtMost: number,
): Understood {
  // npm's own way of passing an option on is easily forgotten or said twice.
  if (asksForHelp(args)) return { kind: 'help' };
  try {
    const { values, positionals } = parseArgs({
      ...{ args: [...args], options, allowPositionals: true, strict: true },
    });
    const surplus = positionals[wordsAtMost];
    return surplus === undefined
      ? { kind: 'go', options: values as ScriptWords['options'], words: positionals }
      : { kind: 'wrong', sentence: `"${surplus}" is one word too many` };
  } catch (error) {
    const [first = ''] = error instanceof Error ? error.message.split('. ') : [];
    return { kind: 'wrong', sentence: first };
  }
}

/** The words of this process, or its end. `usage` begins with the command, a line each. */
export function scriptWords(
  usage: string,
  options: ParseArgsOptionsConfig = {},
  wordsAtMost = 0,
): ScriptWords {
  const understood = understandWords(process.argv.slice(2), options, wordsAtMost);
  switch (understood.kind) {
    case 'go':
      return understood;
    case 'help':
      console.log(usage);
      return process.exit(0);
    case 'wrong':
      return endWith(understood.sentence, usage);
  }
}

/** Ends as a command does that was not understood. */
export function endWith(sentence: string, usage: string): never {
  console.error(`${sentence.replace(/\.$/, '')}.\n${usage}`);
  process.exit(2);
}
