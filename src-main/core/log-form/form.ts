import { saidReason, type Reason } from '../../../shared/domain/reasons.ts';
import { z } from 'zod';
import { decodeSafely } from '../../../shared/wire/decode-safely.ts';

/** What stands in the store, as JSON has it. */
export type Body = Readonly<Record<string, unknown>>;

/** From one version of a shape to the next. It gets what an older Nightshift wrote, whatever that is, and must not throw. */
export type Upgrade = (body: Body) => Body;

/** A shape that is stored: as it is now, and how it came there. Its version is one more than it has upgrades. */
export interface Form<Value> {
  readonly schema: z.ZodType<Value>;
  /** The first one makes version 2 of version 1. Never change one that was released: add one. */
  readonly upgrades: readonly Upgrade[];
}

/** Something in the store that this Nightshift does not understand. The message is fit for people. */
export class UnreadableEntry extends Error {
  override readonly name = 'UnreadableEntry';

  /** `what`: such as `event 12 (task-saved)`. */
  constructor(what: string, why: string, isNewer = false) {
    const advice = isNewer
      ? 'a newer Nightshift wrote it: start that version'
      : 'put the whole home back from a backup (nightshift restore)';
    super(`${what} in the lab's store cannot be read (${why}); ${advice}.`);
  }
}

const versionOf = ({ upgrades }: Form<unknown>): number => upgrades.length + 1;

/** As it is stored: `v` tells its version, where that is not the first. */
export function encodeBody<Value extends object>(form: Form<Value>, value: Value): object {
  const version = versionOf(form);
  return version === 1 ? value : { v: version, ...value };
}

/** As this Nightshift would have written it. Throws `UnreadableEntry`. */
export function decodeBody<Value>(form: Form<Value>, what: string, stored: unknown): Value {
  if (!isBody(stored)) throw new UnreadableEntry(what, 'it is no object');
  const { v = 1, ...first } = stored;
  const version = versionOf(form);
  if (typeof v !== 'number' || v < 1 || !Number.isInteger(v))
    throw new UnreadableEntry(what, `its version is ${JSON.stringify(v)}`);
  if (v > version) throw new UnreadableEntry(what, `its form is ${v}`, true);
  const body = form.upgrades.slice(v - 1).reduce<Body>((older, upgrade) => upgrade(older), first);
  const decoded = decodeSafely(form.schema, body);
  if (decoded.success) return decoded.data;
  throw new UnreadableEntry(what, faultOf(decoded.error));
}

export const isBody = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function faultOf({ issues: [first] }: z.ZodError): string {
  if (!first) return 'it is not what it should be';
  return `${['$', ...first.path.map(String)].join('.')}: ${first.message}`;
}

/** One schema for each field of a type: one that is forgotten, or one too many, is an error of the compiler. */
export type Shape<Value> = { readonly [Key in keyof Value]-?: z.ZodType<Value[Key]> };

export const exactly = <Value extends object>(shape: Shape<Value>): z.ZodType<Value> =>
  z.object(shape) as unknown as z.ZodType<Value>;

/**
 * Branded values as they stand in a store. They were looked at when they came in, perhaps by rules that let in more
 * than today's, and the lab must be read all the same.
 */
export const textOf = <Text extends string>(): z.ZodType<Text> =>
  z.string() as unknown as z.ZodType<Text>;
export const numberOf = <Value extends number>(): z.ZodType<Value> =>
  z.number() as unknown as z.ZodType<Value>;

export const reasonForm = z.object({
  code: z.string(),
  facts: z.record(z.string(), z.unknown()),
}) as unknown as z.ZodType<Reason>;

/** A reason of a time when the log kept sentences. */
export const saidOnce = (value: unknown): unknown =>
  typeof value === 'string' ? saidReason(value) : value;

/** Such a reason in one of its fields. */
export const saidIn =
  (...fields: readonly string[]): Upgrade =>
  (body) => ({
    ...body,
    ...Object.fromEntries(
      fields.filter((field) => field in body).map((field) => [field, saidOnce(body[field])]),
    ),
  });

/** The same for each of a list. */
export const saidInEach = (list: unknown, ...fields: readonly string[]): unknown =>
  Array.isArray(list)
    ? list.map((each: unknown) => (isBody(each) ? saidIn(...fields)(each) : each))
    : list;
