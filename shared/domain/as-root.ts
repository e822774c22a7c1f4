/**
 * The line that runs a script of this checkout with root's rights, under the very Node that runs us: what `sudo npm` and
 * `sudo npx` find is often another one, or none.
 */
export const commandAsRoot = (node: string, script: string, ...words: readonly string[]): string =>
  ['sudo', node, script, ...words].map(inShell).join(' ');

const inShell = (word: string): string =>
  /^[\w./:=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
