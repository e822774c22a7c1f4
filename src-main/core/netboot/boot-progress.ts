import { minutes, seconds, type EpochMillis } from '../../../shared/base/units.ts';
import type { MacAddress } from '../../../shared/domain/mac-address.ts';
import type { BootFetch } from '../../ports/netboot.ts';
import { firmwareOf, httpBootWords, whyUnanswered, type Firmware } from './client-architecture.ts';
import type { ProxyEvent } from './dnsmasq-log.ts';

/**
 * discovered → first-stage → (waiting →) kernel → image → started → enrolled. A PC that starts anew is discovered
 * again. `disk`: it was told to boot its own. `unanswered`: nothing of ours would run there, and `problem` says why.
 */
export const bootStages = [
  'discovered',
  'first-stage',
  'waiting',
  'kernel',
  'image',
  'started',
  'enrolled',
  'disk',
  'unanswered',
] as const;
export type BootStage = (typeof bootStages)[number];

export interface BootingPc {
  readonly mac: MacAddress;
  readonly address: string | null;
  readonly firmware: Firmware | null;
  readonly stage: BootStage;
  readonly since: EpochMillis;
  /** When anything was heard of it. */
  readonly heard: EpochMillis;
  /** Of the part that is being fetched. */
  readonly bytes: number;
  readonly total: number;
  /** One sentence when something broke, until it gets further. */
  readonly problem: string | null;
}

/** In the order of their discovery. */
export type BootProgress = ReadonlyMap<MacAddress, BootingPc>;
export const nobodyBoots: BootProgress = new Map();

const pcsKept = 2000;
/** A PC that waits asks every few seconds; one that does not was switched off and stands in nobody's way. */
const waitsAtMost = seconds(15);
/** One that fetches is heard with every piece. */
const fetchesSilently = seconds(30);
/** Firmware asks for a minute or so and goes on; a person looks within a quarter of an hour. */
const askedLately = minutes(15);
/** PXE firmware tries for a minute in all (PXE 2.1 §2.2.3: 4, 8, 16 and 32 s) but a first stage comes within seconds. */
export const firstStageExpected = seconds(20);

/**
 * PCs that may fetch at once. Each takes what its own port gives, so with the head and the PCs on gigabit ports two
 * saturate the wire already; a few more keep it busy through everybody's pauses, and a PC's own share stays large
 * enough for iPXE's and GRUB's patience.
 */
export const fetchesAtOnce = 8;

export type BootSight =
  | ProxyEvent
  | BootFetch
  /** It asked what it may boot in a way that nobody here answers. */
  | { readonly t: 'http-boot'; readonly mac: MacAddress }
  | { readonly t: 'enrolled'; readonly machineKey: string; readonly address: string };

export function onBootSight(state: BootProgress, sight: BootSight, now: EpochMillis): BootProgress {
  switch (sight.t) {
    case 'answered': {
      const known = state.get(sight.mac);
      const firmware =
        sight.architecture === null ? (known?.firmware ?? null) : firmwareOf(sight.architecture);
      const address = sight.address ?? known?.address ?? null;
      const reason = sight.architecture === null ? null : whyUnanswered(sight.architecture);
      if (reason !== null) return unanswered(state, sight.mac, { firmware, address, reason }, now);
      if (!sight.offered) return put(state, sight.mac, { firmware, address, stage: 'disk' }, now);
      // iPXE and GRUB ask for an address again in the middle of it.
      const goesOn =
        known !== undefined && underWay(known.stage) && now - known.heard < seconds(60);
      const stage = goesOn ? known.stage : 'discovered';
      return put(state, sight.mac, { firmware, address, stage }, now);
    }
    case 'http-boot': {
      const reason = httpBootWords;
      const address = state.get(sight.mac)?.address ?? null;
      return unanswered(state, sight.mac, { firmware: 'uefi-http', address, reason }, now);
    }
    case 'first-stage':
    case 'transfer-broken': {
      const { address, file, t } = sight;
      const mac = sight.mac ?? at(state, address)?.mac;
      if (mac === undefined) return state;
      if (t === 'first-stage') return put(state, mac, { stage: 'first-stage', address }, now);
      const problem = `It asked for ${file} by TFTP and did not get it whole.`;
      return put(state, mac, { address, problem }, now);
    }
    case 'fetching': {
      const { bytes, total, part } = sight;
      return put(state, sight.mac, { stage: part, bytes, total }, now);
    }
    case 'fetched':
      if (sight.part === 'kernel') return put(state, sight.mac, {}, now);
      return put(state, sight.mac, { stage: 'started' }, now);
    case 'broken-off':
      return put(state, sight.mac, { problem: sight.reason }, now);
    case 'enrolled': {
      const pc =
        [...state.values()].find(({ mac }) => mac === sight.machineKey) ?? at(state, sight.address);
      return pc === undefined ? state : put(state, pc.mac, { stage: 'enrolled' }, now);
    }
    case 'fatal':
      return state;
  }
}

export type Turn = { readonly go: true } | { readonly go: false; readonly ahead: number };

/** A PC asks for its script. The longest waiting goes first; a PC that fetches already and asks again goes on. */
export function takeTurn(
  state: BootProgress,
  mac: MacAddress,
  address: string,
  now: EpochMillis,
  atOnce: number,
): readonly [BootProgress, Turn] {
  const known = state.get(mac);
  const others = [...state.values()].filter((pc) => pc.mac !== mac);
  const fetching = others.filter((pc) => fetches(pc, now)).length;
  const since = known?.stage === 'waiting' ? known.since : now;
  const before = others.filter(
    (pc) => pc.stage === 'waiting' && now - pc.heard <= waitsAtMost && pc.since < since,
  ).length;
  if (fetching + before >= atOnce) {
    const waiting = put(state, mac, { stage: 'waiting', address }, now);
    return [waiting, { go: false, ahead: fetching + before }];
  }
  return [
    put(state, mac, { stage: 'kernel', address, bytes: 0, total: 0, problem: null }, now),
    { go: true },
  ];
}

/** It was told to boot its own disk. */
export const sendToDisk = (
  state: BootProgress,
  mac: MacAddress,
  address: string,
  now: EpochMillis,
): BootProgress => put(state, mac, { stage: 'disk', address }, now);

/** PCs that heard our answer and never came for their first stage. */
export const stuckPcs = (state: BootProgress, now: EpochMillis): readonly BootingPc[] =>
  [...state.values()].filter(
    (pc) => pc.stage === 'discovered' && now - pc.heard >= firstStageExpected,
  );

/** PCs that asked not long ago and got no answer. */
export const unansweredPcs = (state: BootProgress, now: EpochMillis): readonly BootingPc[] =>
  [...state.values()].filter((pc) => pc.stage === 'unanswered' && now - pc.heard <= askedLately);

const unanswered = (
  state: BootProgress,
  mac: MacAddress,
  pc: Pick<BootingPc, 'firmware' | 'address'> & { readonly reason: string },
  now: EpochMillis,
): BootProgress => {
  const { firmware, address, reason } = pc;
  return put(state, mac, { firmware, address, stage: 'unanswered', problem: reason }, now);
};

const underWay = (stage: BootStage): boolean =>
  stage === 'first-stage' || stage === 'waiting' || stage === 'kernel' || stage === 'image';

const fetches = (pc: BootingPc, now: EpochMillis): boolean =>
  (pc.stage === 'kernel' || pc.stage === 'image') && now - pc.heard <= fetchesSilently;

const at = (state: BootProgress, address: string): BootingPc | undefined =>
  [...state.values()].findLast((pc) => pc.address === address);

function put(
  state: BootProgress,
  mac: MacAddress,
  change: Partial<BootingPc>,
  now: EpochMillis,
): BootProgress {
  const known = state.get(mac);
  const stage = change.stage ?? known?.stage ?? 'discovered';
  const moved = known?.stage !== stage;
  const pc: BootingPc = {
    mac,
    address: null,
    firmware: null,
    bytes: 0,
    total: 0,
    ...known,
    problem: moved ? null : (known?.problem ?? null),
    since: moved || known === undefined ? now : known.since,
    ...change,
    stage,
    heard: now,
  };
  const next = new Map(state).set(mac, pc);
  if (next.size > pcsKept) next.delete(next.keys().next().value ?? mac);
  return next;
}

/** How far a part is, between 0 and 1; null while nobody knows. */
export const share = ({ bytes, total }: BootingPc): number | null =>
  total === 0 ? null : Math.min(1, bytes / total);
