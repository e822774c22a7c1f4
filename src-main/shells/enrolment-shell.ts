import { ok, refuse, type Refusal, type Result } from '../../shared/base/result.ts';
import type { Millis } from '../../shared/base/units.ts';
import type { EnrolToken } from '../../shared/domain/enrol-token.ts';
import type { MemberId } from '../../shared/domain/ids.ts';
import type { MemberFacts } from '../../shared/domain/member.ts';
import type { Clock, Disposable } from '../../shared/ports/clock.ts';
import type {
  Digests,
  EnrolmentRequests,
  LabAuthority,
  KnownPcStore,
  TokenStore,
} from '../ports/enrolment.ts';
import type { Rng } from '../../shared/ports/rng.ts';
import { committedNonce } from '../../shared/domain/approval-code.ts';
import { protocolVersion } from '../../shared/wire/codec.ts';
import { decodeSafely } from '../../shared/wire/decode-safely.ts';
import {
  challengeRequestSchema,
  askRequestSchema,
  enrolRequestSchema,
  renewRequestSchema,
  seenReportSchema,
  type BootIdentity,
  type ChallengeReply,
  type EnrolRefusal,
  type EnrolReply,
  type EnrolRequest,
  type SeenReport,
} from '../../shared/wire/enrolment.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import {
  approvalBook,
  codeSilence,
  decideCode,
  dropSilent,
  forgetPc,
  type ApprovalBook,
  type WaitingPc,
} from '../core/identity/approval-book.ts';
import { emptyAskLimit, mayAsk, type AskLimit } from '../core/identity/ask-limit.ts';
import { decideAsking } from '../core/identity/ask-approval.ts';
import { decideEnrolment, type EnrolmentBooks } from '../core/identity/enrolment.ts';
import { emptyNonceBook, issueNonce } from '../core/identity/nonce-book.ts';
import { addToken, limitToken, revokeToken, tokenBook } from '../core/identity/token-book.ts';

export interface EnrolmentSettings {
  readonly lab: { readonly id: string; readonly name: string };
  readonly headKeySha256: string;
  readonly timings: 'night' | 'practice';
}

export interface EnrolmentPorts {
  readonly authority: LabAuthority;
  readonly tokens: TokenStore;
  readonly known: KnownPcStore;
  readonly digests: Digests;
  readonly clock: Clock;
  readonly rng: Rng;
  /** Gives the PC its place in the lab. */
  enrol(
    facts: MemberFacts,
    wantedName: string | null,
    /** What let it in: a token's id, or `approval`. */
    by: string,
  ): Result<{ readonly member: MemberId; readonly name: string }>;
  /** What let this member in last; null where nobody knows. */
  readonly letInBy?: (member: MemberId) => string | null;
  /** Facts for whoever looks for how a PC came in. */
  readonly log?: (line: string) => void;
  /** A PC was here and did not get in; it `waits` when it shows a code and a person may let it in. */
  readonly seen: (report: SeenReport & { readonly waits?: boolean }) => void;
}

export interface BootIdentityWish {
  readonly validFor: Millis;
  readonly single: boolean;
  readonly name: string | null;
  /** `host:port` for networks without multicast. */
  readonly address: string | null;
  /** What it is for, in a word or two. */
  readonly label?: string;
  /** So many PCs it lets in; null, or not said: any number. */
  readonly mostPcs?: number | null;
}

export class EnrolmentShell implements EnrolmentRequests {
  readonly #ports: EnrolmentPorts;
  readonly #settings: EnrolmentSettings;
  #books: EnrolmentBooks & { readonly approvals: ApprovalBook };

  #askLimit: AskLimit = emptyAskLimit;
  #watching: Disposable | undefined;

  constructor(ports: EnrolmentPorts, settings: EnrolmentSettings) {
    this.#ports = ports;
    this.#settings = settings;
    this.#books = {
      tokens: tokenBook(ports.tokens.load()),
      nonces: emptyNonceBook,
      approvals: approvalBook(ports.known.load()),
    };
  }

  challenge(body: unknown, from: string): Result<ChallengeReply, EnrolRefusal> {
    const { clock, rng } = this.#ports;
    const { lab } = this.#settings;
    const decoded = decodeSafely(challengeRequestSchema, body);
    if (!decoded.success) return malformed(body, whereItFailed(decoded.error));
    const { commitment } = decoded.data;
    if (commitment !== undefined) {
      const [limit, may] = mayAsk(this.#askLimit, from, clock.now());
      this.#askLimit = limit;
      if (!may) {
        const sentence = 'Too many PCs ask to be let in at once; this one asks again in a moment.';
        return { ok: false, error: { code: 'too-many-waiting', sentence } };
      }
    }
    const nonce =
      commitment === undefined ? rng.token(16) : committedNonce(rng.token(16), commitment);
    this.#books = { ...this.#books, nonces: issueNonce(this.#books.nonces, nonce, clock.now()) };
    return ok({ nonce, lab: lab.name, labId: lab.id });
  }

  async enrol(body: unknown, from: string): Promise<Result<EnrolReply, EnrolRefusal>> {
    const decoded = decodeSafely(enrolRequestSchema, body);
    if (!decoded.success) return malformed(body, whereItFailed(decoded.error));
    const request = decoded.data;
    const answer = await this.#enrol(request, from);
    if (!answer.ok && answer.error.code !== 'stale-challenge') {
      this.#ports.seen({
        machineKey: request.facts.machineKey,
        address: from,
        name: request.wantedName,
        reason: answer.error.sentence,
      });
    }
    return answer;
  }

  async ask(body: unknown, from: string): Promise<Result<EnrolReply | null, EnrolRefusal>> {
    const decoded = decodeSafely(askRequestSchema, body);
    if (!decoded.success) return malformed(body, whereItFailed(decoded.error));
    const request = decoded.data;
    const { authority, clock, digests } = this.#ports;
    const { lab, headKeySha256 } = this.#settings;
    const key = await authority.readRequest(request.request);
    if (!key.ok)
      return { ok: false, error: { code: 'malformed', sentence: refusalWords(key.error) } };
    this.#dropSilent();
    const [books, verdict] = decideAsking(this.#books, {
      ...{ lab, request, address: from, publicKeySha256: key.value.publicKeySha256 },
      ...{ now: clock.now(), wall: clock.wall(), headKey: headKeySha256 },
      hmac: (secret, text) => digests.hmac(secret, text),
    });
    this.#books = { ...this.#books, ...books };
    const sight = {
      machineKey: request.facts.machineKey,
      address: from,
      name: request.wantedName,
    };
    if (!verdict.ok) {
      if (verdict.error.code !== 'stale-challenge') {
        this.#ports.seen({ ...sight, reason: verdict.error.sentence });
      }
      return verdict;
    }
    if (!verdict.value.in) {
      // Not its code: who lets it in has read that off its screen, or stands before some other PC.
      const reason = 'It shows a code and waits to be let in.';
      this.#ports.seen({ ...sight, reason, waits: true });
      this.#watchWaiting();
      return ok(null);
    }
    const place = this.#ports.enrol(request.facts, request.wantedName, 'approval');
    if (!place.ok) return notIn(place.error);
    this.#ports.log?.(`${place.value.name} came in from ${from}: a person had approved it`);
    return ok(await this.#reply(request.request, place.value.member, place.value.name));
  }

  /** A person typed the code that a PC shows. */
  decide(code: string, verdict: 'approved' | 'refused'): Result<WaitingPc> {
    const { clock, known } = this.#ports;
    const [approvals, decided] = decideCode(
      this.#books.approvals,
      code,
      verdict,
      clock.now(),
      clock.wall(),
    );
    // On the disk before anybody is told.
    if (approvals.known !== this.#books.approvals.known) known.save(approvals.known);
    this.#books = { ...this.#books, approvals };
    return decided;
  }

  /** False when nothing was decided on this machine. */
  forget(machineKey: string): boolean {
    const approvals = forgetPc(this.#books.approvals, machineKey);
    if (approvals === this.#books.approvals) return false;
    this.#ports.known.save(approvals.known);
    this.#books = { ...this.#books, approvals };
    return true;
  }

  /** PCs that show a code at this moment. */
  waiting(): readonly WaitingPc[] {
    this.#dropSilent();
    return [...this.#books.approvals.waiting.values()].filter(({ verdict }) => verdict === 'none');
  }

  async renew(member: MemberId, body: unknown): Promise<Result<EnrolReply, EnrolRefusal>> {
    const decoded = decodeSafely(renewRequestSchema, body);
    if (!decoded.success) return malformed(body, whereItFailed(decoded.error));
    const { authority, letInBy } = this.#ports;
    const token = this.#books.tokens.get(letInBy?.(member) ?? '');
    if (token?.revoked === true) {
      const sentence =
        'The token that let this PC in was withdrawn; restart it with another boot medium.';
      return { ok: false, error: { code: 'expired-token', sentence } };
    }
    const key = await authority.readRequest(decoded.data.request);
    if (!key.ok)
      return { ok: false, error: { code: 'malformed', sentence: refusalWords(key.error) } };
    return ok(await this.#reply(decoded.data.request, member, member));
  }

  seen(body: unknown, from: string): Result<null, Refusal> {
    const decoded = decodeSafely(seenReportSchema, body);
    if (!decoded.success)
      return refuse('misuse', `The report was not understood: ${whereItFailed(decoded.error)}.`);
    this.#ports.seen({ ...decoded.data, address: from });
    return ok(null);
  }

  /** What a boot medium carries: a new token, and what to know this lab by. */
  issueBootIdentity(wish: BootIdentityWish): BootIdentity {
    const { rng, clock } = this.#ports;
    const token = { id: rng.token(6), secret: rng.token(32) };
    this.#keepTokens(addToken(this.#books.tokens, { ...token, ...wish }, clock.wall()));
    return { ...this.openBootIdentity(wish.address), token, name: wish.name };
  }

  /** For everybody to read, as in network boot: what to know this lab by, and no token. */
  openBootIdentity(address: string | null): BootIdentity {
    const { lab, headKeySha256, timings } = this.#settings;
    return {
      ...{ version: 1, lab: lab.name, labId: lab.id, headKey: headKeySha256 },
      ...{ token: null, headAddress: address, name: null, timings },
    };
  }

  tokens(): readonly EnrolToken[] {
    return [...this.#books.tokens.values()];
  }

  /** False when there is no such token. From now on it lets nobody in, and whom it let in cannot renew. */
  revokeToken(id: string): boolean {
    if (!this.#books.tokens.has(id)) return false;
    this.#keepTokens(revokeToken(this.#books.tokens, id));
    return true;
  }

  limitToken(id: string, mostPcs: number): boolean {
    if (!this.#books.tokens.has(id)) return false;
    this.#keepTokens(limitToken(this.#books.tokens, id, mostPcs));
    return true;
  }

  async #enrol(request: EnrolRequest, from: string): Promise<Result<EnrolReply, EnrolRefusal>> {
    const { authority, clock, digests } = this.#ports;
    const { lab } = this.#settings;
    const key = await authority.readRequest(request.request);
    if (!key.ok)
      return { ok: false, error: { code: 'malformed', sentence: refusalWords(key.error) } };
    const [books, verdict] = decideEnrolment(this.#books, {
      lab,
      request,
      publicKeySha256: key.value.publicKeySha256,
      now: clock.now(),
      wall: clock.wall(),
      hmac: (secret, text) => digests.hmac(secret, text),
    });
    this.#books = { ...this.#books, nonces: books.nonces };
    if (!verdict.ok) return verdict;
    const place = this.#ports.enrol(request.facts, request.wantedName, request.tokenId);
    if (!place.ok) return notIn(place.error);
    // Bound before the certificate leaves, so that a head killed in between cannot bind the token twice.
    this.#keepTokens(books.tokens);
    this.#ports.log?.(`${place.value.name} came in from ${from} with the token ${request.tokenId}`);
    return ok(await this.#reply(request.request, place.value.member, place.value.name));
  }

  async #reply(request: string, member: MemberId, name: string): Promise<EnrolReply> {
    const { authority, clock } = this.#ports;
    return {
      member,
      name,
      certificate: await authority.issue(request, member, clock.wall()),
      labCertificate: authority.labCertificate,
      wallClock: clock.wall(),
    };
  }

  /** A PC that went away while it waited no longer shows its code. */
  #dropSilent(): void {
    const { clock, seen } = this.#ports;
    const before = this.#books.approvals;
    const approvals = dropSilent(before, clock.now());
    this.#books = { ...this.#books, approvals };
    for (const [key, { machineKey, address, name, verdict }] of before.waiting) {
      if (approvals.waiting.has(key) || verdict !== 'none') continue;
      seen({ machineKey, address, name, reason: 'It waited to be let in and went away.' });
    }
  }

  #watchWaiting(): void {
    if (this.#watching !== undefined) return;
    this.#watching = this.#ports.clock.after('waiting PCs', codeSilence, () => {
      this.#watching = undefined;
      this.#dropSilent();
      if (this.#books.approvals.waiting.size > 0) this.#watchWaiting();
    });
  }

  #keepTokens(tokens: EnrolmentBooks['tokens']): void {
    if (tokens === this.#books.tokens) return;
    this.#ports.tokens.save([...tokens.values()]);
    this.#books = { ...this.#books, tokens };
  }
}

/** A body of another protocol need not have our shape; then the version is what the PC has to be told about. */
function malformed(body: unknown, where: string): Result<never, EnrolRefusal> {
  const protocol = (body as { protocol?: unknown } | null | undefined)?.protocol;
  if (typeof protocol === 'number' && protocol !== protocolVersion) {
    const sentence =
      `This PC's member system speaks protocol ${protocol}, the head speaks ${protocolVersion}; ` +
      'make a new boot medium with this head.';
    return { ok: false, error: { code: 'protocol', sentence } };
  }
  return {
    ok: false,
    error: { code: 'malformed', sentence: `The request was not understood: ${where}.` },
  };
}

function notIn(refusal: Refusal): Result<never, EnrolRefusal> {
  const code = refusal.kind === 'failed' ? 'not-now' : 'refused';
  return { ok: false, error: { code, sentence: refusalWords(refusal) } };
}

function whereItFailed(error: {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}): string {
  const issue = error.issues[0];
  return `$${issue?.path.map((part) => `.${String(part)}`).join('') ?? ''}: ${issue?.message ?? 'not understood'}`;
}
