import { describe, expect, it } from 'vitest';
import type { SeatView } from '../../../shared/api/seat-views.ts';
import {
  seatPlanOf,
  wishesToRename,
  wishesToSit,
} from '../../../src-renderer/views/lab/seat-plan.ts';

const pc = (name: string, at: readonly [string, number, number] | null): SeatView => ({
  mac: `mac of ${name}`,
  name,
  seat: at && { room: at[0], row: at[1], place: at[2] },
});
const a = pc('a', ['Room 2', 1, 2]);
const b = pc('b', ['Room 10', 2, 1]);
const c = pc('c', null);

describe('the plan in which seats are given', () => {
  it('has a row and a place more than are taken, and rooms by their numbers', () => {
    const plan = seatPlanOf([b, c, a]);
    expect(plan.rooms.map(({ room, rows }) => [room, rows.length, rows[0]?.length])).toEqual([
      ['Room 2', 2, 3],
      ['Room 10', 3, 2],
    ]);
    expect(plan.rooms[0]?.rows[0]?.map((cell) => cell.pc?.name ?? null)).toEqual([null, 'a', null]);
    expect(plan.unseated).toEqual([c]);
  });

  it('shows a room in which nobody stands yet as one empty place', () => {
    const [room] = seatPlanOf([c], ['Room 3']).rooms;
    expect(room?.rows).toEqual([[{ seat: { room: 'Room 3', row: 1, place: 1 }, pc: null }]]);
  });

  it('leaves out the gaps of a row that is very long', () => {
    const [room] = seatPlanOf([pc('far', ['Hall', 1, 900]), pc('near', ['Hall', 1, 2])]).rooms;
    expect(room?.rows[0]?.map(({ seat }) => seat.place)).toEqual([2, 900, 901]);
    const [last] = seatPlanOf([pc('last', ['Hall', 999, 999])]).rooms;
    expect(last?.rows.map((row) => row[0]?.seat)).toEqual([{ room: 'Hall', row: 999, place: 999 }]);
  });
});

describe('what is asked of the head', () => {
  it('is a swap where both stand somewhere, else one seat, which the head may refuse', () => {
    expect(wishesToSit([a, b, c], a, b.seat)).toEqual([
      { machine: a.mac, seat: b.seat },
      { machine: b.mac, seat: a.seat },
    ]);
    expect(wishesToSit([a, b, c], c, b.seat)).toEqual([{ machine: c.mac, seat: b.seat }]);
    expect(wishesToSit([a, b, c], a, a.seat)).toEqual([{ machine: a.mac, seat: a.seat }]);
    expect(wishesToSit([a, b, c], a, null)).toEqual([{ machine: a.mac, seat: null }]);
  });

  it('takes all PCs of a room along to its new name', () => {
    expect(wishesToRename([a, b, c], 'Room 2', 'Hall')).toEqual([
      { machine: a.mac, seat: { room: 'Hall', row: 1, place: 2 } },
    ]);
  });
});
