import { z } from 'zod';
import type { Bytes, EpochMillis, Millis } from '../../../shared/base/units.ts';
import type { MemberId } from '../../../shared/domain/ids.ts';
import type { MacAddress } from '../../../shared/domain/mac-address.ts';
import type {
  Banned,
  CameBack,
  ClockStart,
  Departure,
  Drain,
  MemberFacts,
  Seat,
  Member,
  Outdated,
  WiredCard,
  WrongClock,
} from '../../../shared/domain/member.ts';
import { exactly, numberOf, textOf } from './form.ts';

const flag = z.boolean();
const text = z.string();
const count = z.number();
const size = numberOf<Bytes>();
const moment = numberOf<EpochMillis>();

export const seatForm = exactly<Seat>({ room: text, row: count, place: count });
export const releaseMoment = z.enum(['checkpoint', 'task', 'now']);
export const drainPurpose = z.enum(['evacuate', 'release']);

export const factsForm = exactly<MemberFacts>({
  ...{ machineKey: text, processors: count, memory: size, spare: size.optional(), speed: count },
  ...{ cpuModel: text, cpuFeatures: z.array(text), architecture: text, kernel: text },
  ...{ systemVersion: text, packs: z.array(text), preDump: flag, address: text },
  ...{ transferPort: count, firmware: z.enum(['bios', 'uefi', 'container']) },
  byClock: exactly<ClockStart>({ hours: text, said: text }).optional(),
  boot: text.optional(),
  cards: z.array(exactly<WiredCard>({ address: textOf<MacAddress>(), builtIn: flag })).optional(),
});

export const memberForm = exactly<Member>({
  ...{ id: textOf<MemberId>(), name: text, seat: seatForm.nullable(), facts: factsForm },
  state: z.enum(['enrolling', 'ready', 'draining', 'suspect', 'lost', 'released']),
  beforeSuspect: z.enum(['ready', 'draining']),
  cordoned: flag,
  drain: exactly<Drain>({
    ...{ purpose: drainPurpose, moment: releaseMoment, byDay: flag.optional() },
  }).nullable(),
  ...{ enrolledAt: moment, releasedAt: moment.nullable() },
  departure: exactly<Departure>({
    ...{ leftAt: moment.nullable(), stayed: flag, expected: flag },
  }).nullable(),
  cameBack: exactly<CameBack>({
    ...{ at: moment, after: numberOf<Millis>(), wasOpen: flag },
  }).nullable(),
  wrongClock: exactly<WrongClock>({ at: moment, said: text }).nullable(),
  enrolledBy: text.nullable(),
  banned: exactly<Banned>({ at: moment, because: text.nullable(), wasOpen: flag }).nullable(),
  lostAt: moment.nullable(),
  outdated: exactly<Outdated>({ at: moment, kind: text }).nullable(),
});
