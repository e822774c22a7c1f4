import { expect, test } from 'vitest';
import { z } from 'zod';
import { contract } from '../../../shared/api/contract.ts';
import { labFeedSchema } from '../../../shared/api/lab-feed.ts';
import { jobDetailSchema, machineViewSchema, reportSchema } from '../../../shared/api/views.ts';
import { mediaEventSchema } from '../../../shared/api/media-views.ts';

/** As JSON Schema has it. */
interface Shape {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly prefixItems?: readonly Shape[];
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
}

/** Names of fields that hold any text. What has code and facts is worded by shared/words and passed over. */
function textsOf(shape: Shape, name: string): string[] {
  const { properties, items, prefixItems = [], anyOf = [], oneOf = [] } = shape;
  if (properties !== undefined && 'facts' in properties) return [];
  const isText =
    [shape.type].flat().includes('string') && shape.enum === undefined && shape.const === undefined;
  return [
    ...(isText ? [name] : []),
    ...Object.entries(properties ?? {}).flatMap(([field, below]) => textsOf(below, field)),
    ...[...prefixItems, ...anyOf, ...oneOf, ...(items ? [items] : [])].flatMap((below) =>
      textsOf(below, name),
    ),
  ];
}

const shapeOf = (schema: z.ZodType): Shape =>
  z.toJSONSchema(schema, { unrepresentable: 'any', reused: 'inline' }) as Shape;

function answersOf(part: object): z.ZodType[] {
  const own = (part as { readonly '~orpc'?: { readonly outputSchema?: unknown } })['~orpc'];
  if (own === undefined) return Object.values(part).flatMap((below: object) => answersOf(below));
  return own.outputSchema instanceof z.ZodType ? [own.outputSchema] : [];
}

/** Names, places, versions, and what stands in files: text that means the same to every face. */
const names = [
  ...['address', 'addresses', 'agent', 'check', 'code', 'command', 'cpuFamily', 'cpuModel'],
  ...['ended', 'enrolledBy', 'from', 'gone', 'hash', 'headAddress', 'headKey', 'hours', 'id'],
  ...['identity', 'ids', 'interfaces', 'kernelRelease', 'lab', 'labId', 'label', 'lastMachine'],
  ...['leftOut', 'log', 'logName', 'mac', 'machine', 'machineKey', 'machines', 'mountedAt'],
  ...['movingTo', 'mtime', 'name', 'otherHead', 'owner', 'pack', 'packs', 'path', 'revision'],
  ...['room', 'screen', 'seat', 'secret', 'sha256', 'target', 'task', 'tasks', 'to', 'transport'],
  ...['typeName', 'version'],
];
/**
 * What is found out there, in the words of whoever found it: labels on a drive (`holds`), tools of the head's machine (`line`, `found`,
 * `remedy`, `problem`, `sentence`, `because` of a drive), a PC that did not enrol (`reason`), whoever made a pack (`description`).
 */
const foundOutThere = [
  ...['because', 'description', 'found', 'holds', 'line', 'problem', 'reason', 'remedy'],
  'sentence',
];

test('answers of the API hold no sentences but those that are found out there', () => {
  const texts = [...answersOf(contract), labFeedSchema, mediaEventSchema].flatMap((schema) =>
    textsOf(shapeOf(schema), '$'),
  );
  expect([...new Set(texts)].sort()).toEqual([...names, ...foundOutThere].sort());
});

test('what the lab decided is told by codes alone', () => {
  const texts = new Set(textsOf(shapeOf(labFeedSchema), '$'));
  expect(foundOutThere.filter((name) => texts.has(name))).toEqual(['reason']);
  for (const schema of [jobDetailSchema, reportSchema, machineViewSchema])
    expect(textsOf(shapeOf(schema), '$').filter((name) => foundOutThere.includes(name))).toEqual(
      [],
    );
});
