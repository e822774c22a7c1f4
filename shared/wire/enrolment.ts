import { z } from 'zod';
import { memberFactsField, memberIdField, nameField, saidField } from './fields.ts';

/** DNS-SD service type, without underscore and protocol as bonjour-service takes it: `_nightshift._tcp`. */
export const serviceType = 'nightshift';

/** TXT record of the head's announcement. */
export const announcementSchema = z.object({
  /** Lab name. */
  lab: z.string(),
  /** Lab id, random at first start. */
  id: z.string(),
  /** SHA-256 of the head's public key (SubjectPublicKeyInfo, DER), hex. */
  key: z.string().regex(/^[0-9a-f]{64}$/),
  /** Protocol version. */
  v: z.string(),
});
export type Announcement = z.infer<typeof announcementSchema>;

/**
 * What a boot medium (or the practice lab) gives a PC to know its lab by: `/etc/nightshift/identity.json` in
 * the member system. The token never travels: the PC proves that it has it.
 */
export const bootIdentitySchema = z.object({
  version: z.literal(1),
  lab: z.string(),
  labId: z.string(),
  headKey: z.string().regex(/^[0-9a-f]{64}$/),
  token: z.object({ id: z.string().min(1), secret: z.string().min(16) }).nullable(),
  /** `host:port` to try when nobody answers by mDNS. */
  headAddress: z.string().nullable(),
  /** Wishes of whoever made it; the head may give another name. */
  name: z.string().nullable(),
  /** Lab interface's address to listen on and announce; found by itself when null. */
  timings: z.enum(['night', 'practice']).default('night'),
  /** Software packs that the head hands out, `GET /pack/<name>`, beside those that the PC carries. */
  packs: z.array(z.string().max(100)).max(1000).optional(),
});
export type BootIdentity = z.infer<typeof bootIdentitySchema>;

/** Paths of the enrolment endpoints, the only ones that answer a PC without a certificate. */
export const enrolPaths = {
  challenge: '/enrol/challenge',
  enrol: '/enrol',
  ask: '/enrol/ask',
  renew: '/enrol/renew',
  seen: '/enrol/seen',
} as const;

/** Name in the head's certificate, whatever its address is. */
export const headServerName = 'nightshift-head';

/** The text whose HMAC-SHA-256 under the token's secret is the proof. */
export const proofText = (nonce: string, machineKey: string, publicKeySha256: string): string =>
  `${nonce}\n${machineKey}\n${publicKeySha256}`;

/**
 * `POST /enrol/challenge` → a nonce that is good for one proof within a minute. `commitment`: of a PC without a token, see
 * shared/domain/approval-code.ts.
 */
export const challengeRequestSchema = z.object({
  commitment: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});
export const challengeReplySchema = z.object({
  nonce: z.string(),
  lab: z.string(),
  labId: z.string(),
});
export type ChallengeReply = z.infer<typeof challengeReplySchema>;

/** `POST /enrol/renew` with a member's certificate that is still good → `EnrolReply`; no token needed. */
export const renewRequestSchema = z.object({ request: z.string().max(10_000) });

/**
 * SHA-256 over what only the PC itself can read of its mainboard: by it a PC that was let in once is known again, and a
 * token for one PC stays with that one, whatever card another one claims to have.
 */
const hardwareField = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * `POST /enrol`. proof = hex HMAC-SHA-256(key: token secret, text: nonce + "\n" + machineKey + "\n" + SHA-256
 * hex of the request's public key (SPKI DER)). A proof that was seen before is refused as replayed.
 */
export const enrolRequestSchema = z.object({
  protocol: z.number().int(),
  labId: z.string(),
  tokenId: z.string(),
  nonce: z.string(),
  proof: z.string().regex(/^[0-9a-f]{64}$/),
  /** PKCS #10 request, PEM, ECDSA P-256. */
  request: z.string().max(10_000),
  wantedName: nameField.max(63).nullable(),
  /** See `hardwareField`. Absent in what older images send with a token. */
  hardware: hardwareField.optional(),
  facts: memberFactsField,
});
export type EnrolRequest = z.infer<typeof enrolRequestSchema>;

/**
 * `POST /enrol/ask`, of a PC whose boot identity has no token (network boot): `EnrolReply`, or 202 with a
 * `WaitReply` until a person has typed the code at the head. While it waits the PC repeats the very same nonce and
 * request. It shows the code that it makes itself (shared/domain/approval-code.ts), never one that it was sent.
 */
export const askRequestSchema = enrolRequestSchema
  .omit({ tokenId: true, proof: true })
  .extend({ hardware: hardwareField });
export type AskRequest = z.infer<typeof askRequestSchema>;
export const waitReplySchema = z.object({ waits: z.literal(true) });
export type WaitReply = z.infer<typeof waitReplySchema>;

export const enrolReplySchema = z.object({
  member: memberIdField,
  name: z.string(),
  /** PEM. */
  certificate: z.string(),
  labCertificate: z.string(),
  /** The head's wall clock, epoch milliseconds: PCs' clocks are often wrong. */
  wallClock: z.number(),
});
export type EnrolReply = z.infer<typeof enrolReplySchema>;

/** Body of every refusal of the enrolment endpoints, and of `POST /enrol/seen` (a PC tells why it did not enrol). */
export const refusalCodes = [
  'wrong-lab',
  'unknown-token',
  'expired-token',
  'replayed-token',
  'bad-proof',
  /** The challenge is none of this head's last minute (it restarted, or the PC was slow): ask for another at once. */
  'stale-challenge',
  'protocol',
  'malformed',
  /** A person refused this PC. */
  'kept-out',
  'too-many-waiting',
  /** Not at this moment, such as while another boot of the PC that it claims to be has a lease: to be asked again soon. */
  'not-now',
  /** The lab itself said no, as `LabShell.enrol` words it. */
  'refused',
] as const;
export type EnrolRefusalCode = (typeof refusalCodes)[number];
export const enrolRefusalSchema = z.object({ code: z.enum(refusalCodes), sentence: z.string() });
export type EnrolRefusal = z.infer<typeof enrolRefusalSchema>;

export const seenReportSchema = z.object({
  machineKey: nameField.max(200),
  address: nameField.max(100),
  name: nameField.max(63).nullable(),
  reason: saidField(500),
});
export type SeenReport = z.infer<typeof seenReportSchema>;
