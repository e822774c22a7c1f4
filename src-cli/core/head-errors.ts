import { said, type Facts, type RefusalKind } from '../../shared/base/result.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import { Refused } from './refused.ts';

/** The link to the head broke while something went on. */
export class LinkBroken extends Error {}

/** Ctrl-C: the command ends where it is, without a complaint. */
export class Interrupted extends Error {}

const kinds: readonly string[] = [
  'misuse',
  'not-found',
  'refused',
  'failed',
] satisfies RefusalKind[];

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function refusalKind(value: unknown): RefusalKind {
  return typeof value === 'string' && kinds.includes(value) ? (value as RefusalKind) : 'failed';
}

/** A newer head may refuse by codes that we do not know, and an older one told a sentence only, with the kind as its code. */
function refusedByHead(data: Readonly<Record<string, unknown>>, message: unknown): Refused {
  const sentence = typeof data['sentence'] === 'string' ? data['sentence'] : String(message);
  if (!isRecord(data['facts'])) return new Refused(refusalKind(data['code']), sentence);
  const kind = refusalKind(data['kind']);
  const code = typeof data['code'] === 'string' ? data['code'] : said;
  const words = refusalWords({ kind, code, facts: data['facts'] as Facts, sentence });
  return new Refused(kind, words, code);
}

/** What a failed call means: the head's own refusal, a request it could not read, or a broken link. */
export function explainCallError(error: unknown, alive: boolean): Error {
  if (error instanceof Refused || error instanceof LinkBroken || error instanceof Interrupted) {
    return error;
  }
  if (isRecord(error) && error['code'] === 'REFUSED' && isRecord(error['data'])) {
    return refusedByHead(error['data'], error['message']);
  }
  if (!alive) return new LinkBroken('the link to the head broke', { cause: error });
  if (isRecord(error) && error['code'] === 'BAD_REQUEST') {
    return new Refused('misuse', `the head did not accept the request${issueOf(error['data'])}.`);
  }
  const message = error instanceof Error ? error.message : String(error);
  return new Refused(
    'failed',
    `the head could not do it (${message}); its log head.log says more.`,
  );
}

/** The first complaint of the contract's decoder, such as `memory: expected number`. */
function issueOf(data: unknown): string {
  const issues = isRecord(data) ? data['issues'] : undefined;
  const first: unknown = Array.isArray(issues) ? issues[0] : undefined;
  if (!isRecord(first) || typeof first['message'] !== 'string') return '';
  const path = Array.isArray(first['path']) ? first['path'].join('.') : '';
  return `: ${path === '' ? '' : `${path}: `}${first['message']}`;
}
