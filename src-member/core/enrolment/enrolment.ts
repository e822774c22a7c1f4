import { assertNever } from '../../../shared/base/assert-never.ts';
import {
  minutes,
  monotonicMillis,
  seconds,
  type MonotonicMillis,
} from '../../../shared/base/units.ts';
import type { SeenHead } from '../../ports/head-client.ts';
import { waitAfter } from './backoff.ts';
import { enrolmentSentence, patience, otherHeadSentence } from './enrolment-sentence.ts';
import type {
  EnrolmentDirective,
  EnrolmentInput,
  EnrolmentState,
  OtherHead,
  Trouble,
} from './enrolment-state.ts';

/** mDNS is asked often at first, since the head may be starting too, then seldom. */
const askSoon = seconds(1);
const askLater = seconds(5);
const hurry = seconds(15);
/** The fixed address gets its chance when multicast has had its own. */
const fixedAddressAfter = seconds(2);
/** A head that is not ours is told of this PC this often. */
const tellEvery = minutes(1);
const renewRetry = minutes(10);
/** Of a certificate's remaining life; then it is renewed while the old one still holds. */
const renewAfterShare = 0.75;

type Step = readonly [EnrolmentState, readonly EnrolmentDirective[]];

/**
 * Finds the head, enrols, keeps the link up. `chance` in [0, 1) spreads the PCs of a lab in time. The decider
 * never has two tries in flight: after `enrol` or `link` it waits for the outcome.
 */
export function onEnrolmentInput(
  state: EnrolmentState,
  input: EnrolmentInput,
  now: MonotonicMillis,
  chance: number,
): Step {
  switch (input.t) {
    case 'tick':
      return proceed({ ...state, nics: input.nics }, now);
    case 'seen':
      return proceed(onSeen(state, input.head, now), now);
    case 'enrolled':
      return onEnrolled(state, input.until, now);
    case 'enrol-failed':
      return onFailed(state, input.failure, now, chance);
    case 'renew-failed':
      if (state.certificate === null) return proceed(state, now);
      return proceed(
        { ...state, certificate: { ...state.certificate, renewAt: after(now, renewRetry) } },
        now,
      );
    case 'link-open':
      return onLinkOpen(state, now);
    case 'link-closed':
      return onFailed(state, input.closing, now, chance);
    default:
      return assertNever(input, 'enrolment input');
  }
}

function onSeen(
  state: EnrolmentState,
  { announcement, address }: SeenHead,
  now: MonotonicMillis,
): EnrolmentState {
  const { identity } = state;
  if (announcement.key === identity.headKey && announcement.id === identity.labId) {
    const isNews = !state.addresses.includes(address);
    const addresses = [address, ...state.addresses.filter((known) => known !== address)].slice(
      0,
      4,
    );
    if (!isNews) return { ...state, addresses };
    // Our head at a place not known yet, be it for the first time or after it moved: go there at once.
    const phase =
      state.phase.at === 'waiting' ? ({ at: 'waiting', until: now } as const) : state.phase;
    return { ...state, addresses, phase, failures: 0 };
  }
  const otherHeads = new Map(state.otherHeads);
  otherHeads.set(address, {
    lab: announcement.lab,
    impostor: announcement.id === identity.labId,
    seenAt: now,
    toldAt: state.otherHeads.get(address)?.toldAt ?? null,
  });
  return { ...state, otherHeads };
}

function onEnrolled(state: EnrolmentState, until: MonotonicMillis, now: MonotonicMillis): Step {
  const renewAt = after(now, (until - now) * renewAfterShare);
  const certified = { ...state, certificate: { until, renewAt } };
  if (state.phase.at !== 'enrolling') return proceed(certified, now); // renewed while linked
  const { address } = state.phase;
  const linking: EnrolmentState = {
    ...certified,
    phase: { at: 'linking', address },
    failures: 0,
    trouble: null,
    addresses: promote(state.addresses, address),
  };
  return [linking, [{ d: 'link', address }, screen(linking, now)]];
}

function onLinkOpen(state: EnrolmentState, now: MonotonicMillis): Step {
  if (state.phase.at !== 'linking') return proceed(state, now);
  const { address } = state.phase;
  const [linked, directives] = proceed(
    {
      ...state,
      phase: { at: 'linked', address },
      failures: 0,
      trouble: null,
      otherHeads: new Map(),
      addresses: promote(state.addresses, address),
    },
    now,
  );
  return [linked, [{ d: 'rest' }, ...directives]];
}

function onFailed(
  state: EnrolmentState,
  cause: Trouble['cause'],
  now: MonotonicMillis,
  chance: number,
): Step {
  const { phase } = state;
  if (phase.at === 'waiting') return proceed(state, now);
  const failures = state.failures + 1;
  const failed: EnrolmentState = {
    ...state,
    phase: { at: 'waiting', until: after(now, waitAfter(cause, failures, chance)) },
    failures,
    trouble: { address: phase.address, cause },
    certificate: cause.why === 'certificate-refused' ? null : state.certificate,
    seekingSince: phase.at === 'linked' ? now : state.seekingSince,
    // The head may have moved: ask where it is.
    askedAt: phase.at === 'linked' ? null : state.askedAt,
    addresses: cause.why === 'wrong-key' ? demote(state.addresses, phase.address) : state.addresses,
  };
  const [next, directives] = proceed(failed, now);
  // Our own head knows whom it refused; another one is told.
  if (cause.why !== 'wrong-key') return [next, directives];
  const reason = enrolmentSentence(next, now);
  return [next, [{ d: 'tell', address: phase.address, reason }, ...directives]];
}

/** What follows from the state alone, at any moment. */
function proceed(state: EnrolmentState, now: MonotonicMillis): Step {
  const { phase } = state;
  if (phase.at === 'linked') return keepCertificate(state, phase.address, now);
  if (phase.at !== 'waiting') return [state, [screen(state, now)]];

  const directives: EnrolmentDirective[] = [];
  let next = state;
  const askEvery = now - state.seekingSince < hurry ? askSoon : askLater;
  if (state.askedAt === null || now - state.askedAt >= askEvery) {
    directives.push({ d: 'ask' });
    next = { ...next, askedAt: now };
  }
  const [told, tellings] = tellOtherHeads(next, now);
  next = told;
  directives.push(...tellings);

  const address = nextAddress(next, now);
  if (address !== undefined && now >= phase.until) {
    const certified = next.certificate !== null && next.certificate.until > now;
    const trying: EnrolmentState = {
      ...next,
      phase: { at: certified ? 'linking' : 'enrolling', address },
    };
    return [
      trying,
      [...directives, { d: certified ? 'link' : 'enrol', address }, screen(trying, now)],
    ];
  }
  const askAt = after(next.askedAt ?? now, askEvery);
  const wakeAt = address !== undefined && phase.until < askAt ? phase.until : askAt;
  return [next, [...directives, screen(next, now), { d: 'wake', at: wakeAt }]];
}

function keepCertificate(state: EnrolmentState, address: string, now: MonotonicMillis): Step {
  const { certificate } = state;
  if (certificate === null) return [state, [screen(state, now)]];
  if (now < certificate.renewAt) {
    return [state, [screen(state, now), { d: 'wake', at: certificate.renewAt }]];
  }
  const renewAt = after(now, renewRetry);
  return [
    { ...state, certificate: { ...certificate, renewAt } },
    [{ d: 'renew', address }, screen(state, now), { d: 'wake', at: renewAt }],
  ];
}

/** Known places in turn, then the fixed address. */
function nextAddress(state: EnrolmentState, now: MonotonicMillis): string | undefined {
  const fixed = state.identity.headAddress;
  const places = [...state.addresses];
  if (fixed !== null && !places.includes(fixed) && now - state.seekingSince >= fixedAddressAfter) {
    places.push(fixed);
  }
  return places[state.failures % Math.max(1, places.length)];
}

/** Where our own head does not show up, heads of other labs are told that this PC stands before them. */
function tellOtherHeads(state: EnrolmentState, now: MonotonicMillis): Step {
  if (state.addresses.length > 0 || now - state.seekingSince < patience) return [state, []];
  const otherHeads = new Map<string, OtherHead>(state.otherHeads);
  const directives: EnrolmentDirective[] = [];
  for (const [address, head] of state.otherHeads) {
    if (head.toldAt !== null && now - head.toldAt < tellEvery) continue;
    otherHeads.set(address, { ...head, toldAt: now });
    directives.push({
      d: 'tell',
      address,
      reason: otherHeadSentence(address, head, state.identity.lab),
    });
  }
  return [{ ...state, otherHeads }, directives];
}

const promote = (addresses: readonly string[], first: string): readonly string[] => [
  first,
  ...addresses.filter((address) => address !== first),
];
/** Who announces our head's key and does not have it goes last, but stays known: it must not be news each time. */
const demote = (addresses: readonly string[], last: string): readonly string[] =>
  addresses.includes(last) ? [...addresses.filter((address) => address !== last), last] : addresses;
const after = (now: MonotonicMillis, span: number): MonotonicMillis => monotonicMillis(now + span);
const screen = (state: EnrolmentState, now: MonotonicMillis): EnrolmentDirective => ({
  d: 'screen',
  sentence: enrolmentSentence(state, now),
});
