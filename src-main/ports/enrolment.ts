import type { Refusal, Result } from '../../shared/base/result.ts';
import type { EpochMillis } from '../../shared/base/units.ts';
import type { EnrolToken } from '../../shared/domain/enrol-token.ts';
import type { KnownPc } from '../../shared/domain/known-pc.ts';
import type { MemberId } from '../../shared/domain/ids.ts';
import type { ChallengeReply, EnrolRefusal, EnrolReply } from '../../shared/wire/enrolment.ts';

/** The lab's certificate authority. */
export interface LabAuthority {
  /** PEM. */
  readonly labCertificate: string;
  /** Checks the request's own signature; gives the SHA-256 (hex) of its public key's SPKI DER. */
  readRequest(pem: string): Promise<Result<{ readonly publicKeySha256: string }>>;
  /** A short-lived certificate, CN = member; PEM. */
  issue(pem: string, member: MemberId, now: EpochMillis): Promise<string>;
}

/** Enrolment tokens; `save` returns when they are on the disk. */
export interface TokenStore {
  load(): readonly EnrolToken[];
  save(tokens: readonly EnrolToken[]): void;
}

/** What people decided on PCs without a token; `save` returns when it is on the disk. */
export interface KnownPcStore {
  load(): readonly KnownPc[];
  save(known: readonly KnownPc[]): void;
}

export interface Digests {
  /** HMAC-SHA-256, lower-case hex. */
  hmac(key: string, text: string): string;
}

/** Behind the enrolment endpoints. Bodies are what the network brought, still unknown. */
export interface EnrolmentRequests {
  challenge(body: unknown, from: string): Result<ChallengeReply, EnrolRefusal>;
  enrol(body: unknown, from: string): Promise<Result<EnrolReply, EnrolRefusal>>;
  /** Null: it waits for a person. */
  ask(body: unknown, from: string): Promise<Result<EnrolReply | null, EnrolRefusal>>;
  renew(member: MemberId, body: unknown): Promise<Result<EnrolReply, EnrolRefusal>>;
  seen(body: unknown, from: string): Result<null, Refusal>;
}
