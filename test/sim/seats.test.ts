import { describe, expect, test } from 'vitest';
import type { Result } from '../../shared/base/result.ts';
import { hours } from '../../shared/base/units.ts';
import type { Seat } from '../../shared/domain/member.ts';
import { seatText } from '../../shared/domain/seat.ts';
import { applyEvent } from '../../src-main/core/state/apply-event.ts';
import { untouched } from '../../src-main/core/state/touched.ts';
import { emptyLab } from '../../src-main/core/state/state.ts';
import { decodeToMember, encodeToMember } from '../../shared/wire/codec.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import { SimulatedLab, valueOf } from '../../src-sim/simulated-lab.ts';

const at = (row: number, place: number, room = 'Room 12'): Seat => ({ room, row, place });

function labOf(pcs: number): SimulatedLab {
  const lab = new SimulatedLab(7);
  lab.boot(pcs);
  lab.until('all are here', () => ready(lab) === pcs);
  return lab;
}

const ready = (lab: SimulatedLab): number =>
  lab.shell.machines().filter(({ state }) => state === 'ready').length;

const seatsOf = (lab: SimulatedLab): Record<string, string | null> =>
  Object.fromEntries(lab.shell.machines().map(({ name, seat }) => [name, seat]));

const refusalOf = (result: Result<unknown>) => (result.ok ? undefined : refusalWords(result.error));

/** What the log alone says of seats. */
function replayed(lab: SimulatedLab): [string, string][] {
  const state = emptyLab();
  for (const stored of lab.store.events(0)) applyEvent(state, stored.event, stored.at, untouched());
  return [...state.seats].map(([key, seat]): [string, string] => [key, seatText(seat)]);
}

describe('seats', () => {
  test('are given by name, seen in the list of machines, and survive a killed head', () => {
    const lab = labOf(3);
    valueOf(
      lab.shell.giveSeats([
        { machine: 'pc-01', seat: at(1, 1) },
        { machine: 'pc-02', seat: at(1, 2) },
      ]),
    );
    const given = { 'pc-01': 'Room 12/1/1', 'pc-02': 'Room 12/1/2', 'pc-03': null };
    expect(seatsOf(lab)).toEqual(given);
    lab.killHead();
    lab.startHead();
    expect(seatsOf(lab)).toEqual(given);
  });

  test('are known of PCs that have never been here, by their network cards, and theirs when they come', () => {
    const lab = new SimulatedLab(7);
    const seat = at(2, 5);
    valueOf(lab.shell.giveSeats([{ machine: '52-54-00-AA-00-01', seat }]));
    expect(lab.shell.seats()).toEqual([{ mac: '52:54:00:aa:00:01', name: null, seat }]);
    lab.killHead();
    lab.startHead();
    const facts = { ...labOf(1).pc(1).facts, machineKey: '52:54:00:aa:00:01' };
    valueOf(lab.shell.enrol(facts, null));
    expect(seatsOf(lab)).toEqual({ 'pc-01': 'Room 12/2/5' });
    expect(lab.shell.seats()).toEqual([{ mac: '52:54:00:aa:00:01', name: 'pc-01', seat }]);
  });

  test('stay with the PC over nights', () => {
    const lab = labOf(2);
    valueOf(lab.shell.giveSeats([{ machine: 'pc-01', seat: at(1, 1) }]));
    valueOf(lab.shell.release('all', 'checkpoint'));
    lab.until('all are gone', () => lab.shell.machines().every(({ leftAt }) => leftAt !== null));
    lab.advance(hours(12));
    for (const pc of lab.members()) pc.boot();
    lab.until('all are here', () => ready(lab) === 2);
    expect(seatsOf(lab)).toEqual({ 'pc-01': 'Room 12/1/1', 'pc-02': null });
  });

  test('have one PC each: who swaps two gives both in one go', () => {
    const lab = labOf(2);
    valueOf(
      lab.shell.giveSeats([
        { machine: 'pc-01', seat: at(1, 1) },
        { machine: 'pc-02', seat: at(1, 2) },
      ]),
    );
    expect(refusalOf(lab.shell.giveSeats([{ machine: 'pc-01', seat: at(1, 2) }]))).toBe(
      'Room 12/1/2 would be the seat of pc-01 and of pc-02; a seat has one PC.',
    );
    const swap = [
      { machine: 'pc-01', seat: at(1, 2) },
      { machine: 'pc-02', seat: at(1, 1) },
    ];
    expect(valueOf(lab.shell.giveSeats(swap))).toEqual({ changed: 2 });
    expect(valueOf(lab.shell.giveSeats(swap))).toEqual({ changed: 0 });
    expect(seatsOf(lab)).toEqual({ 'pc-01': 'Room 12/1/2', 'pc-02': 'Room 12/1/1' });
  });

  test.each([
    [
      [{ machine: 'pc-99', seat: at(1, 1) }],
      'there is no machine "pc-99"; write its name, or its network card\'s address as in 52:54:00:ab:cd:ef.',
    ],
    [
      [
        { machine: 'pc-01', seat: at(1, 1) },
        { machine: 'pc-01', seat: null },
      ],
      'pc-01 is given a seat twice.',
    ],
    [
      [
        { machine: 'pc-01', seat: at(1, 1) },
        { machine: 'pc-02', seat: at(1, 1) },
      ],
      'Room 12/1/1 would be the seat of pc-01 and of pc-02; a seat has one PC.',
    ],
    [
      [{ machine: 'pc-01', seat: at(1, 1, '@SUM(1)') }],
      '"@SUM(1)" is no name for a room; take up to 60 characters that begin with a letter or a digit.',
    ],
  ])('that cannot be are refused, and none of them is given (%#)', (wishes, sentence) => {
    const lab = labOf(2);
    const before = lab.store.lastSeq();
    const all = [{ machine: '52:54:00:00:00:99', seat: at(9, 9) }, ...wishes];
    expect(refusalOf(lab.shell.giveSeats(all))).toBe(sentence);
    expect(lab.store.lastSeq()).toBe(before);
    expect(Object.values(seatsOf(lab))).toEqual([null, null]);
  });

  test('are cleared by name or all, and the log alone says the same', () => {
    const lab = labOf(2);
    const unknown = '52:54:00:00:00:99';
    valueOf(
      lab.shell.giveSeats([
        { machine: 'pc-01', seat: at(1, 1) },
        { machine: 'pc-02', seat: at(1, 2) },
        { machine: unknown, seat: at(1, 3) },
      ]),
    );
    expect(valueOf(lab.shell.clearSeats(['pc-02']))).toEqual({ changed: 1 });
    lab.killHead();
    lab.startHead();
    expect(seatsOf(lab)).toEqual({ 'pc-01': 'Room 12/1/1', 'pc-02': null });
    expect(replayed(lab)).toEqual([
      [lab.pc(1).facts.machineKey, 'Room 12/1/1'],
      [unknown, 'Room 12/1/3'],
    ]);
    expect(valueOf(lab.shell.clearSeats('all'))).toEqual({ changed: 2 });
    expect(replayed(lab)).toEqual([]);
    lab.killHead();
    lab.startHead();
    expect(lab.shell.seats().map(({ seat }) => seat)).toEqual([null, null]);
  });

  test('are told with the answer to a heartbeat, which otherwise stays a few bytes', () => {
    const told = { t: 'lease', n: 7, seat: 'Room 12/1/4' } as const;
    expect(valueOf(decodeToMember(encodeToMember(told)))).toEqual(told);
    expect(encodeToMember({ t: 'lease', n: 7 })).toBe('[7]');
  });

  test('given by day do not make the night before longer', async () => {
    const lab = labOf(1);
    valueOf(lab.shell.release('all', 'checkpoint'));
    lab.until('all are gone', () => lab.shell.machines().every(({ leftAt }) => leftAt !== null));
    const gone = lab.clock.wall();
    lab.advance(hours(5));
    valueOf(lab.shell.giveSeats([{ machine: 'pc-01', seat: at(1, 1) }]));
    lab.advance(hours(5));
    for (const pc of lab.members()) pc.boot();
    lab.until('the next night', () => lab.shell.view().night === 2);
    let until: number | undefined;
    void lab.shell.reportOf(1).then((report) => (until = valueOf(report).until));
    while (until === undefined) {
      await new Promise((resolve) => setImmediate(resolve));
      lab.advance(1);
    }
    expect(until).toBeLessThanOrEqual(gone);
  });
});
