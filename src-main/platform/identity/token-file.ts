import { basename } from 'node:path';
import { z } from 'zod';
import { decodeSafely } from '../../../shared/wire/decode-safely.ts';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import type { EnrolToken } from '../../../shared/domain/enrol-token.ts';
import type { TokenStore } from '../../ports/enrolment.ts';
import { epochMillisField } from '../../../shared/wire/fields.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { noWitness, SealedFile, type FileWitness } from './sealed-file.ts';

const tokensSchema = z.array(
  z.object({
    id: z.string().min(1),
    secret: z.string().min(16),
    notBefore: epochMillisField,
    expires: epochMillisField,
    use: z.enum(['single', 'many']),
    boundTo: z.string().nullable(),
    revoked: z.boolean(),
    // Tokens of an older Nightshift say less.
    boundHardware: z.string().nullable().default(null),
    label: z.string().nullable().default(null),
    mostPcs: z.number().int().positive().nullable().default(null),
    pcs: z.array(z.string()).default([]),
  }),
);

/** `identity/tokens.json`: secrets in the clear, since a proof can only be checked by who knows the secret. */
export class TokenFile implements TokenStore {
  readonly #file: SealedFile;
  readonly #found: readonly EnrolToken[];

  private constructor(file: SealedFile, found: readonly EnrolToken[]) {
    this.#file = file;
    this.#found = found;
  }

  static open(path: string, witness: FileWitness = noWitness): Result<TokenFile> {
    const file = new SealedFile(path, basename(path), witness);
    const content = file.read();
    const tokens = content.ok ? decodeSafely(tokensSchema, content.value ?? []) : undefined;
    if (tokens?.success) return ok(new TokenFile(file, tokens.data));
    const fault = content.ok ? 'is damaged' : refusalWords(content.error);
    return refuse(
      'failed',
      `The token file ${path} ${fault}; put it back from a backup, or write {} into it to go on without and make new boot media.`,
    );
  }

  load(): readonly EnrolToken[] {
    return this.#found;
  }

  save(tokens: readonly EnrolToken[]): void {
    this.#file.write(tokens);
  }
}
