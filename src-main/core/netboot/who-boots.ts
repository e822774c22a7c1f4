import type { EpochMillis } from '../../../shared/base/units.ts';
import { parseMacAddress, type MacAddress } from '../../../shared/domain/mac-address.ts';
import type { BootHours } from '../../../shared/domain/boot-hours.ts';
import { isNightBy, newestEvening, type Calendar } from '../nights/calendar.ts';

/** What decides between the lab and the PC's own disk. */
export interface BootRule {
  /** Null: at any hour. */
  readonly hours: BootHours | null;
  /** When network boot was switched on. */
  readonly since: EpochMillis;
}

export interface ReleasedPc {
  readonly machineKey: string;
  /** Its firmware may ask by any of them. */
  readonly cards?: readonly MacAddress[];
  readonly isHere: boolean;
  readonly releasedAt: number | null;
}

export function isDay(rule: BootRule, minuteOfDay: number): boolean {
  const calendar = calendarOf(rule);
  return calendar !== null && !isNightBy(calendar, minuteOfDay);
}

const calendarOf = ({ hours }: BootRule): Calendar | null => hours && { hours };

/**
 * PCs that were given back tonight boot their own disk until the night is over, though the network would have them; but
 * not those that were woken since.
 */
export function homePcs(
  rule: BootRule,
  pcs: readonly ReleasedPc[],
  wokenAt: ReadonlyMap<MacAddress, EpochMillis>,
  minuteOfDay: number,
  now: EpochMillis,
): readonly MacAddress[] {
  const calendar = calendarOf(rule);
  const began = Math.max(rule.since, calendar ? newestEvening(calendar, minuteOfDay, now) : 0);
  return pcs.flatMap((pc) => {
    const { isHere, releasedAt } = pc;
    if (isHere || releasedAt === null || releasedAt < began) return [];
    const cards = cardsOf(pc);
    return cards.some((mac) => (wokenAt.get(mac) ?? 0) > releasedAt) ? [] : cards;
  });
}

/** All of a PC's cards; of one that told none, what it calls itself by, where that is a card. */
export const cardsOf = ({
  machineKey,
  cards = [],
}: Pick<ReleasedPc, 'machineKey' | 'cards'>): readonly MacAddress[] => {
  const known = parseMacAddress(machineKey);
  return [...new Set([...(known === undefined ? [] : [known]), ...cards])];
};
