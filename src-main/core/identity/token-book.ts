import { epochMillis, type EpochMillis, type Millis } from '../../../shared/base/units.ts';
import type { EnrolToken } from '../../../shared/domain/enrol-token.ts';
import type { EnrolRefusal } from '../../../shared/wire/enrolment.ts';

export type TokenBook = ReadonlyMap<string, EnrolToken>;

export const tokenBook = (tokens: readonly EnrolToken[]): TokenBook =>
  new Map(tokens.map((token) => [token.id, token]));

/** A token is good from a day before it was made, since the clock of a head can be set back. */
const backdated = 24 * 3_600_000;
/** A token that is over stays known this long, so that its owner is told "expired" rather than "unknown". */
const expiredMemory = 400 * 24 * 3_600_000;
/** The last moment JavaScript can write as a date. */
const latestDate = 8_640_000_000_000_000;

export function addToken(
  book: TokenBook,
  wish: {
    readonly id: string;
    readonly secret: string;
    readonly single: boolean;
    readonly validFor: Millis;
    readonly label?: string;
    /** Any number when it is null, or not said. */
    readonly mostPcs?: number | null;
  },
  now: EpochMillis,
): TokenBook {
  const kept = [...book.values()].filter((token) => token.expires + expiredMemory > now);
  return tokenBook([
    ...kept,
    {
      id: wish.id,
      secret: wish.secret,
      notBefore: epochMillis(Math.max(0, now - backdated)),
      expires: epochMillis(Math.min(now + wish.validFor, latestDate)),
      use: wish.single ? 'single' : 'many',
      boundTo: null,
      boundHardware: null,
      revoked: false,
      label: wish.label ?? null,
      mostPcs: wish.mostPcs ?? null,
      pcs: [],
    },
  ]);
}

export const madeAt = (token: EnrolToken): number => token.notBefore + backdated;

/** Why this token lets this PC in no more (or not yet); nothing when it does. Its secret was proved before. */
export function tokenFault(
  token: EnrolToken,
  machineKey: string,
  now: EpochMillis,
  hardware?: string,
): EnrolRefusal | undefined {
  if (token.revoked) {
    return {
      code: 'expired-token',
      sentence: "This boot medium's token was withdrawn; make a new boot medium.",
    };
  }
  if (now >= token.expires) {
    return {
      code: 'expired-token',
      sentence: `This boot medium's token expired on ${dateAndTime(token.expires)}; make a new boot medium.`,
    };
  }
  if (now < token.notBefore) {
    return {
      code: 'expired-token',
      sentence: `This boot medium's token is good from ${dateAndTime(token.notBefore)} on; check the head's clock.`,
    };
  }
  const isFull = token.mostPcs !== null && token.pcs.length >= token.mostPcs;
  if (isFull && !token.pcs.includes(machineKey)) {
    return {
      code: 'refused',
      sentence: `This boot medium has let in ${token.mostPcs} PCs, as many as it may; make another one, or raise it with: nightshift media limit ${token.id} N`,
    };
  }
  const isOther =
    (token.boundTo !== null && token.boundTo !== machineKey) ||
    (token.boundHardware !== null && token.boundHardware !== hardware);
  if (token.use === 'single' && isOther) {
    return {
      code: 'replayed-token',
      sentence:
        'This boot medium is for one PC only and another PC has used it already; make one for this PC, or one for many PCs.',
    };
  }
  return undefined;
}

/** It let this PC in; a token for one PC belongs from its first use on to that PC. */
export function bindToken(
  book: TokenBook,
  id: string,
  machineKey: string,
  hardware?: string,
): TokenBook {
  const token = book.get(id);
  if (token === undefined) return book;
  const isSingle = token.use === 'single';
  const boundTo = isSingle ? (token.boundTo ?? machineKey) : null;
  const boundHardware = isSingle ? (token.boundHardware ?? hardware ?? null) : null;
  const isKnown = token.pcs.includes(machineKey);
  if (isKnown && boundHardware === token.boundHardware) return book;
  const pcs = isKnown ? token.pcs : [...token.pcs, machineKey];
  return new Map(book).set(id, { ...token, boundTo, boundHardware, pcs });
}

/** How many PCs it lets in from now on; those that it let in before stay in. */
export function limitToken(book: TokenBook, id: string, mostPcs: number): TokenBook {
  const token = book.get(id);
  return token === undefined ? book : new Map(book).set(id, { ...token, mostPcs });
}

export function revokeToken(book: TokenBook, id: string): TokenBook {
  const token = book.get(id);
  if (token === undefined || token.revoked) return book;
  return new Map(book).set(id, { ...token, revoked: true });
}

/** In UTC and saying so: the PC's screen knows no time zone. */
function dateAndTime(at: EpochMillis): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
