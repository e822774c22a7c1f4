/**
 * commander's complaints as one sentence in our own words:
 * `error: unknown command 'machnes'\n(Did you mean machines?)` → `unknown command "machnes"; did you mean machines?`
 */
export function misuseSentence(message: string, command: string): string {
  const [first = '', ...more] = message.trim().split('\n');
  const suggestion = /^\(Did you mean (.*)\?\)$/.exec(more.join(' '))?.[1];
  const complaint = first
    .replace(/^error: /, '')
    .replace(/'([^']*)'/g, '"$1"')
    .replace(/\.$/, '');
  if (suggestion !== undefined) return `${complaint}; did you mean ${suggestion}?`;
  return `${complaint}; see ${command} --help.`;
}

/** Commands of the design that this version does not have yet. */
export const laterCommands: readonly string[] = ['exec', 'push', 'get', 'night'];
