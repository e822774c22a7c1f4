import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { refuse, ok, type Result } from '../../../shared/base/result.ts';
import { writePrivateFile } from './private-file.ts';

/** Knows, elsewhere than in the file, how often it was written: so that one that is gone or old is noticed. */
export interface FileWitness {
  readonly labId: string;
  /** 0: it was never written. */
  revisionOf(file: string): number;
  note(file: string, revision: number): void;
}

/** For files that nobody else keeps an eye on. */
export const noWitness: FileWitness = { labId: '', revisionOf: () => 0, note: () => undefined };

interface Sealed {
  readonly lab: string;
  readonly revision: number;
  readonly sum: number;
  readonly content: unknown;
}

/** A JSON file that says whose it is and how often it was written, with a sum over it all. Mode 0600. */
export class SealedFile {
  readonly #path: string;
  readonly #name: string;
  readonly #witness: FileWitness;

  constructor(path: string, name: string, witness: FileWitness) {
    this.#path = path;
    this.#name = name;
    this.#witness = witness;
  }

  /** Undefined: it was never written. The refusal's sentence stands behind the file's name: `is damaged`. */
  read(): Result<unknown> {
    const known = this.#witness.revisionOf(this.#name);
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code !== 'ENOENT') return refuse('failed', `cannot be read (${String(code)})`);
      return known === 0 ? ok(undefined) : refuse('failed', 'is missing');
    }
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return refuse('failed', 'is damaged');
    }
    if (isEmptyObject(value)) return ok(undefined); // a person wants to begin anew
    // The form before had the bare content.
    if (!isSealed(value)) {
      if (!Array.isArray(value)) return refuse('failed', 'is damaged');
      return known === 0 ? ok(value) : refuse('failed', 'is an older copy');
    }
    const { lab, revision, content, sum } = value;
    if (sum !== sumOf(lab, revision, content)) return refuse('failed', 'is damaged');
    if (lab !== this.#witness.labId) return refuse('failed', 'is of another lab');
    return revision < known ? refuse('failed', 'is an older copy') : ok(content);
  }

  write(content: unknown): void {
    const { labId } = this.#witness;
    const revision = this.#witness.revisionOf(this.#name) + 1;
    const sealed: Sealed = {
      lab: labId,
      revision,
      sum: sumOf(labId, revision, content),
      content,
    };
    writePrivateFile(this.#path, `${JSON.stringify(sealed, null, 1)}\n`);
    this.#witness.note(this.#name, revision);
  }
}

const isEmptyObject = (value: unknown): boolean => JSON.stringify(value) === '{}';

function isSealed(value: unknown): value is Sealed {
  return (
    typeof value === 'object' &&
    value !== null &&
    'sum' in value &&
    'lab' in value &&
    typeof value.lab === 'string' &&
    'revision' in value &&
    typeof value.revision === 'number'
  );
}

const sumOf = (lab: string, revision: number, content: unknown): number =>
  crc32(JSON.stringify([lab, revision, content]));
