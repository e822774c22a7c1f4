import type { SeatView } from '../../../shared/api/seat-views.ts';
import { refuseFor } from '../../../shared/domain/refusals.ts';
import { ok, type Result } from '../../../shared/base/result.ts';
import { parseMacAddress } from '../../../shared/domain/mac-address.ts';
import type { Seat } from '../../../shared/domain/member.ts';
import { isSameSeat, seatOf, seatText } from '../../../shared/domain/seat.ts';
import type { LabState } from '../state/state.ts';
import type { Turn } from '../state/turn.ts';
import { findMember } from '../membership/names.ts';

export interface SeatWish {
  /** A name, or the address of a network card, also of a PC that has never been here. */
  readonly machine: string;
  /** Null: nobody says where it stands any more. */
  readonly seat: Seat | null;
}

/** All of them, or none. A seat has one PC: who swaps two gives both in one go. */
export function giveSeats(turn: Turn, wishes: readonly SeatWish[]): Result<{ changed: number }> {
  const { state } = turn;
  const wanted = new Map<string, Seat | null>();
  for (const { machine, seat } of wishes) {
    const key = machineKeyOf(state, machine);
    if (!key.ok) return key;
    if (wanted.has(key.value))
      return refuseFor('misuse', 'seat-given-twice', { machine: nameOf(state, key.value) });
    const checked = seat && seatOf(seat.room, String(seat.row), String(seat.place));
    if (checked && !checked.ok) return checked;
    wanted.set(key.value, checked && checked.value);
  }
  const taken = new Map<string, string>();
  for (const [key, seat] of new Map([...state.seats, ...wanted])) {
    if (!seat) continue;
    const other = taken.get(seatText(seat));
    if (other !== undefined)
      return refuseFor('refused', 'seat-is-taken', {
        seat: seatText(seat),
        machines: [nameOf(state, other), nameOf(state, key)],
      });
    taken.set(seatText(seat), key);
  }
  const seats = [...wanted]
    .filter(([key, seat]) => !isSameSeat(seat, state.seats.get(key) ?? null))
    .map(([machineKey, seat]) => ({ machineKey, seat }));
  if (seats.length > 0) turn.emit({ e: 'seats-given', seats });
  for (const { machineKey } of seats) {
    const member = memberOf(state, machineKey);
    if (member) state.transient.seatNews.add(member.id);
  }
  return ok({ changed: seats.length });
}

/** `all`: of every PC, also of those that were never here. */
export function clearSeats(
  turn: Turn,
  machines: readonly string[] | 'all',
): Result<{ changed: number }> {
  const names = machines === 'all' ? [...turn.state.seats.keys()] : machines;
  return giveSeats(
    turn,
    names.map((machine) => ({ machine, seat: null })),
  );
}

/** Of every PC that the lab knows or waits for. */
export function seatViews(state: LabState): SeatView[] {
  const members = [...state.members.values()].map(
    ({ name, facts: { machineKey }, seat }): SeatView => ({ mac: machineKey, name, seat }),
  );
  const known = new Set(members.map(({ mac }) => mac));
  const awaited = [...state.seats].filter(([mac]) => !known.has(mac));
  return [...members, ...awaited.map(([mac, seat]): SeatView => ({ mac, name: null, seat }))];
}

function machineKeyOf(state: LabState, text: string): Result<string> {
  const member = findMember(state.members, text);
  if (member) return ok(member.facts.machineKey);
  const mac = parseMacAddress(text);
  if (mac !== undefined) return ok(mac);
  // PCs without a network card of their own are known by something else.
  if (state.seats.has(text) || memberOf(state, text)) return ok(text);
  return refuseFor('not-found', 'no-such-machine-or-card', { named: text });
}

const memberOf = (state: LabState, machineKey: string) =>
  [...state.members.values()].find(({ facts }) => facts.machineKey === machineKey);

const nameOf = (state: LabState, machineKey: string): string =>
  memberOf(state, machineKey)?.name ?? machineKey;
