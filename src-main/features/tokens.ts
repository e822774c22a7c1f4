// What lets PCs in, as the API shows it: the tokens, and what the lab knows of the PCs they let in.
import { ok, refuse, type Result } from '../../shared/base/result.ts';
import type { EnrolToken } from '../../shared/domain/enrol-token.ts';
import type { Outputs, TokenService } from '../api/head-services.ts';
import { madeAt } from '../core/identity/token-book.ts';
import type { Enrolment } from './enrolment.ts';
import type { LabShell } from '../shells/lab-shell.ts';

export function openTokens(
  book: Enrolment['tokens'],
  lab: Pick<LabShell, 'enrolledBy'>,
): TokenService {
  const viewOf = (token: EnrolToken): Outputs['enrolment']['revoke'] => ({
    id: token.id,
    label: token.label,
    madeAt: madeAt(token),
    expires: token.expires,
    use: token.use,
    revoked: token.revoked,
    pcs: token.pcs.length,
    mostPcs: token.mostPcs,
    machines: lab.enrolledBy(token.id),
  });
  const changed = (id: string, isKnown: boolean): Result<Outputs['enrolment']['revoke']> => {
    const token = book.tokens().find((one) => one.id === id);
    return isKnown && token
      ? ok(viewOf(token))
      : refuse('not-found', `there is no token "${id}"; nightshift media list-tokens lists them.`);
  };
  return {
    list: () => book.tokens().map(viewOf),
    revoke: (id) => changed(id, book.revokeToken(id)),
    limit: (id, mostPcs) => {
      const isSingle = book.tokens().find((one) => one.id === id)?.use === 'single';
      if (isSingle && mostPcs > 1) {
        return refuse(
          'refused',
          `the token ${id} is bound to one PC and lets in no other; make a boot medium for many PCs with nightshift media write.`,
        );
      }
      return changed(id, book.limitToken(id, mostPcs));
    },
  };
}
