import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
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
  readonly #found: readonly EnrolToken[];

  private constructor(path: string, found: readonly EnrolToken[]) {
    this.#path = path;
    this.#found = found;
  }

  static open(path: string): Result<TokenFile> {
    if (!existsSync(path)) return ok(new TokenFile(path, []));
    try {
      return ok(new TokenFile(path, tokensSchema.parse(JSON.parse(readFileSync(path, 'utf8')))));
    } catch {
      return refuse(
        'failed',
        `The token file ${path} is damaged; put it back from a backup, or move it away and make new boot media.`,
      );
    }
  }

  load(): readonly EnrolToken[] {
    return this.#found;
  }

  save(tokens: readonly EnrolToken[]): void {
    writePrivateFile(this.#path, `${JSON.stringify(tokens, null, 1)}\n`);
  }
}
