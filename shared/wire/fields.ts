import { z } from 'zod';
import type { Bytes, EpochMillis, Millis } from '../base/units.ts';
import { isLinkTarget, isPathBelow } from '../domain/path-text.ts';
import { isPlainText, plainText } from '../domain/plain-text.ts';
import type { BlobHash, Epoch, JobId, MemberId, TaskId } from '../domain/ids.ts';
import type { MacAddress } from '../domain/mac-address.ts';

/** Decoders of the branded values, used by every message and by the API. They accept only the right form. */
const branded = <Value>(schema: z.ZodType): z.ZodType<Value> =>
  schema as unknown as z.ZodType<Value>;

export const memberIdField = branded<MemberId>(z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/));
export const jobIdField = branded<JobId>(z.string().regex(/^\d{1,12}$/));
export const taskIdField = branded<TaskId>(z.string().regex(/^\d{1,12}\.\d{1,7}$/));
export const blobHashField = branded<BlobHash>(z.string().regex(/^[0-9a-f]{64}$/));
export const epochField = branded<Epoch>(z.number().int().nonnegative());
export const macAddressField = branded<MacAddress>(
  z.string().regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/),
);
export const bytesField = branded<Bytes>(z.number().int().nonnegative());
export const millisField = branded<Millis>(z.number().nonnegative());
export const epochMillisField = branded<EpochMillis>(z.number().nonnegative());

/** A name, of a PC, a job or a person: nothing in it may act on a terminal or turn its letters around. */
export const nameField = z
  .string()
  .refine(isPlainText, { message: 'expected a name without control characters' });

/** What kind of message it is. */
export const kindField = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/);

/** What somebody else says for people to read. Longer and odd texts are honest more often than not, so they are tamed. */
export const saidField = (most = 2000): z.ZodType<string, string> =>
  z.string().transform((text) => plainText(text.slice(0, most)));

/** What a member measured: no lie and no odd clock makes sums of it that JSON cannot carry. */
export const measuredField = (most: number): z.ZodType<number, number> =>
  z
    .number()
    .nonnegative()
    .transform((value) => Math.min(value, most));

/** A path below /task as `pathTextOf` writes it: relative, no `..`, no empty part, nothing that acts on a terminal. */
const pathFields = {
  path: z
    .string()
    .min(1)
    .max(3 * 4096),
  escaped: z.literal(true).optional(),
};
const pathIsBelow = {
  path: ['path'],
  message: 'expected a relative path without "..", with control characters and backslashes escaped',
};

const modeField = z.number().int().nonnegative().max(0o777);
const mtimeField = z.string().regex(/^-?\d{1,19}$/);
const onlyTaskField = z.number().int().nonnegative().optional();

const fileFields = {
  ...pathFields,
  hash: blobHashField,
  size: z.number().int().nonnegative(),
  executable: z.boolean(),
  mode: modeField.optional(),
  mtime: mtimeField.optional(),
  hard: z.number().int().nonnegative().optional(),
};
/** As it stands in a store, perhaps since a time when more was let in: whoever writes it to a disk looks himself. */
export const storedFileField = z.object(fileFields);
export const outputFileField = z.object(fileFields).refine(isPathBelow, pathIsBelow);
export const inputFileField = z
  .object({ ...fileFields, onlyTask: onlyTaskField })
  .refine(isPathBelow, pathIsBelow);

const folderFields = {
  ...pathFields,
  kind: z.literal('folder'),
  mode: modeField,
  mtime: mtimeField,
};
const linkFields = {
  ...pathFields,
  kind: z.literal('link'),
  target: z
    .string()
    .min(1)
    .max(3 * 4096),
  targetEscaped: z.literal(true).optional(),
  mtime: mtimeField,
};
const leadsSomewhere = (link: {
  readonly target: string;
  readonly targetEscaped?: true | undefined;
}): boolean => isLinkTarget({ path: link.target, escaped: link.targetEscaped });
const targetIsPath = { path: ['target'], message: 'expected a path' };
export const treeNodeField = z.discriminatedUnion('kind', [
  z.object(folderFields).refine(isPathBelow, pathIsBelow),
  z.object(linkFields).refine(isPathBelow, pathIsBelow).refine(leadsSomewhere, targetIsPath),
]);
export const inputNodeField = z.discriminatedUnion('kind', [
  z.object({ ...folderFields, onlyTask: onlyTaskField }).refine(isPathBelow, pathIsBelow),
  z
    .object({ ...linkFields, onlyTask: onlyTaskField })
    .refine(isPathBelow, pathIsBelow)
    .refine(leadsSomewhere, targetIsPath),
]);

/** What no PC of a lab is beyond; the reference PC has a speed of 1000. */
const mostProcessors = 1024;
const leastMemory = 16 * 2 ** 20;
export const mostMemory = 64 * 2 ** 40;
const mostSpeed = 1_000_000;

export const memberFactsField = z.object({
  machineKey: nameField.min(1).max(200),
  processors: z.number().int().positive().max(mostProcessors),
  memory: bytesField.refine((size) => size >= leastMemory && size <= mostMemory, {
    message: 'expected between 16 MiB and 64 TiB',
  }),
  spare: bytesField.optional(),
  speed: z.number().positive().max(mostSpeed),
  cpuModel: z.string().max(200).transform(plainText),
  cpuFeatures: z.array(nameField.max(40)).max(1000).readonly(),
  architecture: nameField.max(40),
  kernel: z.string().max(200).transform(plainText),
  systemVersion: nameField.max(100),
  packs: z.array(nameField.max(100)).max(1000).readonly(),
  preDump: z.boolean(),
  address: nameField.max(100),
  transferPort: z.number().int().nonnegative().max(65_535),
  firmware: z.enum(['bios', 'uefi', 'container']),
  cards: z
    .array(z.object({ address: macAddressField, builtIn: z.boolean() }))
    .max(64)
    .readonly()
    .optional(),
  boot: z.string().min(8).max(64).optional(),
  byClock: z.object({ hours: z.string().max(40), said: z.string().max(40) }).optional(),
});

export const timingsField = z.object({
  heartbeat: millisField,
  suspectAfter: millisField,
  freezeAfter: millisField,
  lostAfter: millisField,
  checkpointEvery: millisField,
  moveTimeout: millisField,
});
