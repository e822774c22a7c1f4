import { z } from 'zod';
import { ok, refuse, type Result } from '../base/result.ts';
import type { AttemptKey } from '../domain/attempt-key.ts';
import { decodeSafely } from './decode-safely.ts';
import { epochField, kindField, taskIdField } from './fields.ts';
import { toHeadSchema, type ToHead } from './to-head.ts';
import { toMemberSchema, type ToMember } from './to-member.ts';

/** Version of the language between head and members. A hello with another one is refused. */
export const protocolVersion = 1;

/** Path of the members' WebSocket on the head's TLS port. */
export const memberLinkPath = '/member';

/**
 * Text frames of JSON. The two messages that flow all night travel as arrays of a few bytes:
 * `[n,load×100,MiB]` is a heartbeat and `[n]` its answer, the lease.
 */
export function encodeToHead(message: ToHead): string {
  if (message.t === 'beat') {
    return `[${message.n},${Math.round(message.load * 100)},${Math.round(message.memoryFree)}]`;
  }
  return JSON.stringify(message);
}

export function encodeToMember(message: ToMember): string {
  return message.t === 'lease' && message.seat === undefined
    ? `[${message.n}]`
    : JSON.stringify(message);
}

/** Any input yields a result, never a throw. */
export function decodeToHead(text: string): Result<ToHead> {
  const parsed = parseJson(text);
  if (!parsed.ok) return parsed;
  const value = parsed.value;
  if (Array.isArray(value)) {
    const [n, load, memoryFree] = value as unknown[];
    return finish(
      decodeSafely(toHeadSchema, {
        t: 'beat',
        n,
        load: typeof load === 'number' ? load / 100 : load,
        memoryFree,
      }),
    );
  }
  return finish(decodeSafely(toHeadSchema, value));
}

export function decodeToMember(text: string): Result<ToMember> {
  const parsed = parseJson(text);
  if (!parsed.ok) return parsed;
  const value = parsed.value;
  if (Array.isArray(value))
    return finish(decodeSafely(toMemberSchema, { t: 'lease', n: (value as unknown[])[0] }));
  return finish(decodeSafely(toMemberSchema, value));
}

/** A kind of message that this version does not know. */
export interface UnknownKind {
  readonly kind: string;
  /** Whoever sent it cannot go on with somebody who does not understand it. */
  readonly isEssential: boolean;
}

const kindsToHead = kindsOf(toHeadSchema);
const kindsToMember = kindsOf(toMemberSchema);

function kindsOf(schema: typeof toHeadSchema | typeof toMemberSchema): ReadonlySet<string> {
  return new Set(schema.options.map(({ shape }) => shape.t.value));
}

/**
 * A later version of Nightshift says it; nothing for a message that is malformed, or of a kind that is known. It is passed
 * over unless it calls itself essential.
 */
export const unknownKindToHead = (text: string): UnknownKind | undefined =>
  unknownKindIn(text, kindsToHead);
export const unknownKindToMember = (text: string): UnknownKind | undefined =>
  unknownKindIn(text, kindsToMember);

function unknownKindIn(text: string, known: ReadonlySet<string>): UnknownKind | undefined {
  const parsed = parseJson(text);
  const kind = parsed.ok ? decodeSafely(unknownField, parsed.value) : undefined;
  if (kind?.success !== true || kind.data === undefined || known.has(kind.data.t)) return undefined;
  return { kind: kind.data.t, isEssential: kind.data.essential === true };
}

const unknownField = z.object({
  t: kindField,
  essential: z.unknown().optional(),
});

/** Which end of an attempt a message that is not understood was to tell. */
export function badReportIn(text: string): AttemptKey | undefined {
  const parsed = parseJson(text);
  const report = parsed.ok ? decodeSafely(reportField, parsed.value) : undefined;
  return report?.success === true ? report.data : undefined;
}

const reportField = z.object({ t: z.literal('ended'), task: taskIdField, epoch: epochField });

function parseJson(text: string): Result<unknown> {
  try {
    return ok(JSON.parse(text) as unknown);
  } catch {
    return refuse('misuse', 'a message was not JSON');
  }
}

interface Parsed<Value> {
  readonly success: boolean;
  readonly data?: Value;
  readonly error?: {
    readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
  };
}

function finish<Value>(parsed: Parsed<Value>): Result<Value> {
  if (parsed.success && parsed.data !== undefined) return ok(parsed.data);
  const issue = parsed.error?.issues[0];
  return refuse(
    'misuse',
    `$.${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? 'not understood'}`,
  );
}
