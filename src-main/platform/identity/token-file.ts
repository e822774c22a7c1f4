import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { EnrolToken } from '../../../shared/domain/enrol-token.ts';
import type { TokenStore } from '../../../shared/ports/enrolment.ts';
import { epochMillisField } from '../../../shared/wire/fields.ts';
import { writePrivateFile } from './private-file.ts';

const tokensSchema = z.array(
  z.object({
    id: z.string().min(1),
    secret: z.string().min(16),
    notBefore: epochMillisField,
    expires: epochMillisField,
    use: z.enum(['single', 'many']),
    boundTo: z.string().nullable(),
    revoked: z.boolean(),
  }),
);

/** `identity/tokens.json`: secrets in the clear, since a proof can only be checked by who knows the secret. */
export class TokenFile implements TokenStore {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  load(): readonly EnrolToken[] {
    if (!existsSync(this.#path)) return [];
    return tokensSchema.parse(JSON.parse(readFileSync(this.#path, 'utf8')));
  }

  save(tokens: readonly EnrolToken[]): void {
    writePrivateFile(this.#path, `${JSON.stringify(tokens, null, 1)}\n`);
  }
}
