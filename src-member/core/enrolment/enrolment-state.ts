import type { MonotonicMillis } from '../../../shared/base/units.ts';
import type { EnrolFailure, LinkClosing, NicSight, SeenHead } from '../../ports/head-client.ts';
import type { BootIdentity } from '../../../shared/wire/enrolment.ts';

/** waiting → enrolling → linking → linked; any → waiting when it fails; linking → enrolling without a certificate. */
export type Phase =
  /** Nothing is tried before `until`. */
  | { readonly at: 'waiting'; readonly until: MonotonicMillis }
  | { readonly at: 'enrolling' | 'linking' | 'linked'; readonly address: string };

/** Why the last try did not work. */
export type Trouble = {
  readonly address: string;
  readonly cause: EnrolFailure | LinkClosing;
};

/** A head that is not ours. */
export interface OtherHead {
  readonly lab: string;
  /** It has our lab's id but not the key we know. */
  readonly impostor: boolean;
  readonly seenAt: MonotonicMillis;
  readonly toldAt: MonotonicMillis | null;
}

export interface EnrolmentState {
  readonly identity: BootIdentity;
  readonly phase: Phase;
  readonly nics: readonly NicSight[];
  /** Where our head was seen or reached, most promising first. */
  readonly addresses: readonly string[];
  readonly otherHeads: ReadonlyMap<string, OtherHead>;
  /** This PC's certificate, in its own monotonic time: its wall clock may be wrong. */
  readonly certificate: {
    readonly until: MonotonicMillis;
    readonly renewAt: MonotonicMillis;
  } | null;
  /** In a row. */
  readonly failures: number;
  readonly trouble: Trouble | null;
  /** Since when there has been no link. */
  readonly seekingSince: MonotonicMillis;
  readonly askedAt: MonotonicMillis | null;
}

export type EnrolmentInput =
  | { readonly t: 'tick'; readonly nics: readonly NicSight[] }
  | { readonly t: 'seen'; readonly head: SeenHead }
  | { readonly t: 'enrolled'; readonly until: MonotonicMillis }
  | { readonly t: 'enrol-failed'; readonly failure: EnrolFailure }
  | { readonly t: 'renew-failed' }
  | { readonly t: 'link-open' }
  | { readonly t: 'link-closed'; readonly closing: LinkClosing };

export type EnrolmentDirective =
  | { readonly d: 'ask' }
  /** Stop listening to multicast. */
  | { readonly d: 'rest' }
  | { readonly d: 'enrol' | 'link' | 'renew'; readonly address: string }
  | { readonly d: 'tell'; readonly address: string; readonly reason: string }
  | { readonly d: 'screen'; readonly sentence: string }
  | { readonly d: 'wake'; readonly at: MonotonicMillis };

export function beginEnrolment(identity: BootIdentity, now: MonotonicMillis): EnrolmentState {
  return {
    identity,
    phase: { at: 'waiting', until: now },
    nics: [],
    addresses: [],
    otherHeads: new Map(),
    certificate: null,
    failures: 0,
    trouble: null,
    seekingSince: now,
    askedAt: null,
  };
}
