import { describe, expect, test } from 'vitest';
import { clearSeats, giveSeats, seatViews } from '../../../../src-main/core/commands/seats.ts';
import { refusalOf, ToldLab } from '../told-lab.ts';

const seat = (place: number, room = 'A') => ({ room, row: 1, place });
const [macA, macB, macC] = ['52:54:00:00:00:0a', '52:54:00:00:00:0b', '52:54:00:00:00:0c'];

function told(): ToldLab {
  const lab = new ToldLab();
  lab.pc('a', { machineKey: macA });
  lab.pc('b', { machineKey: macB });
  return lab;
}
type Wishes = Parameters<typeof giveSeats>[1];
const gives = (lab: ToldLab, ...wishes: Wishes): number | string => {
  const given = giveSeats(lab.turn(), wishes);
  return given.ok ? given.value.changed : refusalOf(given);
};
const places = (lab: ToldLab) =>
  seatViews(lab.state).map(({ mac, name, seat }) => [name ?? mac, seat?.place ?? null]);

describe('seats are given', () => {
  test('by name and by card, also of PCs that were never here, and told to those that are', () => {
    const lab = told();
    expect(
      gives(lab, { machine: 'a', seat: seat(1) }, { machine: macC.toUpperCase(), seat: seat(2) }),
    ).toBe(2);
    expect(places(lab)).toEqual([
      ['a', 1],
      ['b', null],
      [macC, 2],
    ]);
    expect([...lab.state.transient.seatNews]).toEqual(['a']);
  });

  test('again changes nothing, and is no event', () => {
    const lab = told();
    gives(lab, { machine: 'a', seat: seat(1) });
    const turn = lab.turn();
    expect(giveSeats(turn, [{ machine: 'a', seat: seat(1) }])).toMatchObject({
      value: { changed: 0 },
    });
    expect(turn.events).toEqual([]);
    expect(gives(lab)).toBe(0);
  });

  test('crosswise in one go', () => {
    const lab = told();
    gives(lab, { machine: 'a', seat: seat(1) }, { machine: 'b', seat: seat(2) });
    expect(gives(lab, { machine: 'a', seat: seat(2) })).toMatch(
      /^refused: .*of (a and of b|b and of a)/,
    );
    expect(gives(lab, { machine: 'a', seat: seat(2) }, { machine: 'b', seat: seat(1) })).toBe(2);
    expect(places(lab)).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
  });

  test('of the same place in another room', () => {
    expect(
      gives(told(), { machine: 'a', seat: seat(1) }, { machine: 'b', seat: seat(1, 'B') }),
    ).toBe(2);
  });

  test.each<[string, Wishes, RegExp]>([
    [
      'to two PCs at once',
      [
        { machine: 'a', seat: seat(1) },
        { machine: 'b', seat: seat(1) },
      ],
      /^refused: /,
    ],
    [
      'twice to one PC, whatever it is called by',
      [
        { machine: 'a', seat: seat(1) },
        { machine: macA, seat: seat(2) },
      ],
      /^misuse: a is given/,
    ],
    [
      'to a PC that nobody knows',
      [
        { machine: 'a', seat: seat(1) },
        { machine: 'nobody', seat: seat(2) },
      ],
      /^not-found: .*nobody/,
    ],
    ['that are none', [{ machine: 'a', seat: { room: '', row: 0, place: -1 } }], /^misuse: /],
  ])('not %s, and then none of them', (_what, wishes, refusal) => {
    const lab = told();
    expect(gives(lab, ...wishes)).toMatch(refusal);
    expect(lab.state.seats.size).toBe(0);
  });
});

describe('seats are taken away', () => {
  const cleared = (lab: ToldLab, names: readonly string[] | 'all') => {
    const done = clearSeats(lab.turn(), names);
    return done.ok ? done.value.changed : refusalOf(done);
  };

  test('of some, or of all, also of those that were never here', () => {
    const lab = told();
    gives(
      lab,
      { machine: 'a', seat: seat(1) },
      { machine: 'b', seat: seat(2) },
      { machine: macC, seat: seat(3) },
    );
    expect(cleared(lab, ['a'])).toBe(1);
    expect(cleared(lab, 'all')).toBe(2);
    expect([cleared(lab, 'all'), lab.state.seats.size]).toEqual([0, 0]);
  });

  test('of a PC that has none nothing is taken', () => {
    expect([cleared(told(), ['a']), cleared(told(), 'all')]).toEqual([0, 0]);
    expect(cleared(told(), ['nobody'])).toMatch(/^not-found/);
  });
});
