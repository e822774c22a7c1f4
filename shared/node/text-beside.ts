import { readFileSync } from 'node:fs';

/**
 * The text of a file that lies beside the module which asks: `textBeside(import.meta.url, './script.pl')`, in these very words, since
 * a bundle has the text itself in this call's place (scripts/bundle.ts).
 */
export const textBeside = (module: string, file: string): string =>
  readFileSync(new URL(file, module), 'utf8');
