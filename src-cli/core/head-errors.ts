import type { RefusalCode } from '../../shared/base/result.ts';
import { Refused } from './refused.ts';

/** The link to the head broke while something went on. */
export class LinkBroken extends Error {}

/** Ctrl-C: the command ends where it is, without a complaint. */
export class Interrupted extends Error {}

const codes: readonly string[] = [
  'misuse',
  'not-found',
  'refused',
  'failed',
] satisfies RefusalCode[];

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function refusalCode(value: unknown): RefusalCode {
  return typeof value === 'string' && codes.includes(value) ? (value as RefusalCode) : 'failed';
}

/** What a failed call means: the head's own refusal, a request it could not read, or a broken link. */
export function explainCallError(error: unknown, alive: boolean): Error {
  if (error instanceof Refused || error instanceof LinkBroken || error instanceof Interrupted) {
    return error;
  }
  if (isRecord(error) && error['code'] === 'REFUSED' && isRecord(error['data'])) {
    const { code, sentence } = error['data'];
    return new Refused(
      refusalCode(code),
      typeof sentence === 'string' ? sentence : String(error['message']),
    );
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
