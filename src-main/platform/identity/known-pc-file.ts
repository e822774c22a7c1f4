import { basename } from 'node:path';
import { z } from 'zod';
import { decodeSafely } from '../../../shared/wire/decode-safely.ts';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import type { KnownPc } from '../../../shared/domain/known-pc.ts';
import type { KnownPcStore } from '../../ports/enrolment.ts';
import { epochMillisField } from '../../../shared/wire/fields.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { noWitness, SealedFile, type FileWitness } from './sealed-file.ts';

const knownSchema = z.array(
  z.object({
    machineKey: z.string().min(1),
    hardware: z.string().regex(/^[0-9a-f]{64}$/),
    name: z.string().nullable(),
    verdict: z.enum(['approved', 'refused']),
    at: epochMillisField,
  }),
);

/** `identity/known-pcs.json`. */
export class KnownPcFile implements KnownPcStore {
  readonly #file: SealedFile;
  readonly #found: readonly KnownPc[];

  private constructor(file: SealedFile, found: readonly KnownPc[]) {
    this.#file = file;
    this.#found = found;
  }

  static open(path: string, witness: FileWitness = noWitness): Result<KnownPcFile> {
    const file = new SealedFile(path, basename(path), witness);
    const content = file.read();
    const known = content.ok ? decodeSafely(knownSchema, content.value ?? []) : undefined;
    if (known?.success) return ok(new KnownPcFile(file, known.data));
    const fault = content.ok ? 'is damaged' : refusalWords(content.error);
    return refuse(
      'failed',
      `The list of approved PCs ${path} ${fault}; put it back from a backup, or write {} into it to go on without and approve PCs anew.`,
    );
  }

  load(): readonly KnownPc[] {
    return this.#found;
  }

  save(known: readonly KnownPc[]): void {
    this.#file.write(known);
  }
}
