import { expect, test } from 'vitest';
import { KnownKinds } from '../../../src-main/platform/discovery/known-kinds.ts';
import type { InterfaceKind } from '../../../src-main/platform/discovery/interface-kind.ts';

test('what an interface is, is asked at once when it is new, and again after five seconds', () => {
  let now = 0;
  let isBridgeOfCard = false;
  const asked: string[] = [];
  const kindOf = (name: string): InterfaceKind => {
    asked.push(name);
    return name === 'br0' && !isBridgeOfCard ? 'loose' : 'card';
  };
  const kinds = new KnownKinds(kindOf, () => now);
  expect([kinds.of('br0'), kinds.of('eth0'), kinds.of('br0')]).toEqual(['loose', 'card', 'loose']);
  expect(asked).toEqual(['br0', 'eth0']);

  isBridgeOfCard = true;
  now = 4999;
  expect([kinds.of('br0'), kinds.of('eth1')]).toEqual(['loose', 'card']);
  expect(asked).toEqual(['br0', 'eth0', 'eth1']);

  now = 5000;
  expect(kinds.of('br0')).toBe('card');
});
