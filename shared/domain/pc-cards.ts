import { parseMacAddress, type MacAddress } from './mac-address.ts';
import type { MemberFacts } from './member.ts';

type Cards = Pick<MemberFacts, 'machineKey' | 'cards'>;

/** Every wired card by which the firmware of this PC may ask, or may be woken; the one it is known by comes first. */
export const allCards = ({ machineKey, cards = [] }: Cards): readonly MacAddress[] => [
  ...new Set(
    [machineKey, ...cards.map(({ address }) => address)].flatMap(
      (text) => parseMacAddress(text) ?? [],
    ),
  ),
];

/** What a PC is known again by: what it called itself, and the cards that cannot be pulled out of it. */
export const keysOf = ({ machineKey, cards = [] }: Cards): readonly string[] => [
  ...new Set([
    machineKey,
    ...cards.filter(({ builtIn }) => builtIn).map(({ address }) => address as string),
  ]),
];
