import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressIn,
  chooseSubnet,
  overlap,
  parseNetwork,
  pcHost,
} from '../../../src-main/platform/practice/lab-subnet.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';

const network = (text: string) => {
  const parsed = parseNetwork(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
};

describe('the network of a practice lab', () => {
  it('is the same one as long as nobody else has it', () => {
    const first = chooseSubnet('5218b4', ['default', '192.0.2.0/24']);
    expect(first.ok && first.value).toMatch(/^10\.\d+\.\d+$/);
    expect(chooseSubnet('5218b4', ['198.51.100.7/32'])).toEqual(first);
  });

  it('never meets an address or route of the machine', () => {
    const route = fc
      .tuple(
        fc.constantFrom(10, 172, 192),
        fc.nat(255),
        fc.nat(255),
        fc.nat(255),
        fc.integer({ min: 9, max: 32 }),
      )
      .map(([a, b, c, d, bits]) => `${a}.${b}.${c}.${d}/${bits}`);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffff }), fc.array(route), (number, routes) => {
        const chosen = chooseSubnet(number.toString(16).padStart(6, '0'), routes);
        if (!chosen.ok) return;
        const ours = network(`${chosen.value}.0/24`);
        expect(routes.filter((one) => overlap(network(one), ours))).toEqual([]);
      }),
    );
  });

  it('avoids a VPN that takes all of 10.x', () => {
    const chosen = chooseSubnet('000000', ['10.0.0.0/8']);
    expect(chosen.ok && chosen.value).toMatch(/^192\.168\.\d+$/);
  });

  it('does not mind a VPN that takes everything', () => {
    expect(chooseSubnet('000000', ['0.0.0.0/1', '128.0.0.0/1', 'default']).ok).toBe(true);
  });

  it('is refused in words when every private network is taken', () => {
    const all = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];
    const refused = chooseSubnet('123456', all);
    expect(!refused.ok && refusalWords(refused.error)).toContain('no private network is free');
  });

  it.each([
    ['10.1.2.3', '10.1.2.0/24', true],
    ['10.1.3.0/24', '10.1.2.0/24', false],
    ['10.1.0.0/16', '10.1.255.0/24', true],
    ['default', '192.168.1.0/24', true],
    ['172.16.0.0/12', '172.31.9.0/24', true],
    ['172.16.0.0/12', '172.32.9.0/24', false],
  ])('%s and %s: overlap is %s', (one, other, expected) => {
    expect(overlap(network(one), network(other))).toBe(expected);
    expect(overlap(network(other), network(one))).toBe(expected);
  });

  it.each(['', '10.1.2', '10.1.2.256', '10.1.2.0/33', 'fe80::/64', '10.1.2.0/', 'broadcast'])(
    '"%s" is no network',
    (text) => expect(parseNetwork(text)).toBeUndefined(),
  );

  it('has room for 64 PCs', () => {
    expect(addressIn('10.1.2', pcHost(1))).toBe('10.1.2.11');
    expect(pcHost(64)).toBeLessThan(255);
  });
});
