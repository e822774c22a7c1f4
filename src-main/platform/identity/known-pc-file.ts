import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import type { KnownPc } from '../../../shared/domain/known-pc.ts';
import type { KnownPcStore } from '../../../shared/ports/enrolment.ts';
import { epochMillisField } from '../../../shared/wire/fields.ts';
import { writePrivateFile } from './private-file.ts';

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
  readonly #path: string;
  readonly #found: readonly KnownPc[];

  private constructor(path: string, found: readonly KnownPc[]) {
    this.#path = path;
    this.#found = found;
  }

  static open(path: string): Result<KnownPcFile> {
    if (!existsSync(path)) return ok(new KnownPcFile(path, []));
    try {
      const found = knownSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
      return ok(new KnownPcFile(path, found));
    } catch {
      return refuse(
        'failed',
        `The list of approved PCs ${path} is damaged; put it back from a backup, or move it away and approve PCs anew.`,
      );
    }
  }

  load(): readonly KnownPc[] {
    return this.#found;
  }

  save(known: readonly KnownPc[]): void {
    writePrivateFile(this.#path, `${JSON.stringify(known, null, 1)}\n`);
  }
}
