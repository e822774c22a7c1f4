import { expect, test } from 'vitest';
import {
  decodeToHead,
  decodeToMember,
  unknownKindToHead,
  unknownKindToMember,
} from '../../../shared/wire/codec.ts';
import { fromHead, fromMember } from '../fuzz/good-messages.ts';
import * as before from '../../fixtures/wire-before/codec.mjs';

const both = [
  ['head', unknownKindToHead],
  ['member', unknownKindToMember],
] as const;

test.each(both)(
  'the %s passes over a word it does not know, unless that is essential',
  (_, look) => {
    expect(look('{"t":"tomorrow","x":1}')).toEqual({ kind: 'tomorrow', isEssential: false });
    expect(look('{"t":"tomorrow","essential":true}')).toEqual({
      kind: 'tomorrow',
      isEssential: true,
    });
    expect(look('{"t":"tomorrow","essential":"yes"}')).toEqual({
      kind: 'tomorrow',
      isEssential: false,
    });
  },
);

test.each(both)('to the %s malformed messages and made-up words are none', (_, look) => {
  for (const text of [
    ...[
      '',
      '{',
      'null',
      '[]',
      '[1]',
      '"tomorrow"',
      '{}',
      '{"t":1}',
      '{"t":""}',
      '{"t":"Tomorrow"}',
    ],
    ...[
      '{"t":"to morrow"}',
      `{"t":"${'a'.repeat(41)}"}`,
      '{"t":"\\u001b[2J"}',
      '{"t":["tomorrow"]}',
    ],
  ])
    expect(look(text), text).toBeUndefined();
});

const kindOf = (message: unknown): string | undefined => (message as { t?: string }).t;

test('a word that is known is never passed over, however malformed the rest', () => {
  for (const t of fromMember.map(kindOf))
    expect(unknownKindToHead(JSON.stringify({ t, essential: true }))).toBeUndefined();
  for (const t of fromHead.map(kindOf))
    expect(unknownKindToMember(JSON.stringify({ t, essential: true }))).toBeUndefined();
});

test('fields that came later are left out by whoever does not know them', () => {
  const hello = { t: 'stop', task: '1.1', epoch: 1, graceMs: 5, tomorrow: true };
  expect(decodeToMember(JSON.stringify(hello))).toEqual({
    ok: true,
    value: { t: 'stop', task: '1.1', epoch: 1, graceMs: 5 },
  });
  expect(decodeToHead('{"t":"expecting","task":"1.1","epoch":1,"tomorrow":1}').ok).toBe(true);
});

test('what members of the version before say is understood as they mean it', () => {
  let known = 0;
  for (const text of fromMember.map((message) => JSON.stringify(message))) {
    const said = before.decodeToHead(text);
    if (!said.ok || !said.value) continue; // a word that came since
    known += 1;
    expect(decodeToHead(before.encodeToHead(said.value))).toEqual({ ok: true, value: said.value });
  }
  // `all-here` and `cannot-follow`.
  expect(known).toBe(fromMember.length - 2);
});

test('they understand all that the head says without being asked what they can', () => {
  for (const message of fromHead)
    expect(before.decodeToMember(JSON.stringify(message)).ok, JSON.stringify(message)).toBe(true);
});
