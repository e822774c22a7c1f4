import { describe, expect, it } from 'vitest';
import { machineOf } from './some-views.ts';
import { commonPrefix, floorOf, wantsTiles } from '../../../src-renderer/views/lab/floor.ts';
import { trackBetween } from '../../../src-renderer/views/lab/move-tracks.ts';

const at = (name: string, seat: string | null) => machineOf(name, { seat });

describe('the floor', () => {
  it('has PCs by room, row and place, and those without a seat apart', () => {
    const floor = floorOf([
      at('d', 'Room 10/1/1'),
      at('c', 'Room 2/2/1'),
      at('b', 'Room 2/1/7'),
      at('a', 'Room 2/1/2'),
      at('e', null),
      at('f', 'by the window'),
    ]);
    expect(floor.rooms.map(({ room, width }) => [room, width])).toEqual([
      ['Room 2', 7],
      ['Room 10', 1],
    ]);
    expect(
      floor.rooms[0]?.rows.map(({ machines }) => machines.map(({ machine }) => machine.name)),
    ).toEqual([['a', 'b'], ['c']]);
    expect(floor.unseated.map(({ name }) => name)).toEqual(['e', 'f']);
  });

  it('keeps both PCs of a seat that was given twice', () => {
    const floor = floorOf([at('a', 'R/1/1'), at('b', 'R/1/1')]);
    expect(floor.rooms[0]?.rows[0]?.machines).toHaveLength(2);
  });

  it('keeps what did not change as it was, so that a change of one PC draws one row anew', () => {
    const lab = [
      at('a', 'R/1/1'),
      at('b', 'R/1/2'),
      at('c', 'R/2/1'),
      at('d', 'S/1/1'),
      at('e', null),
    ];
    const before = floorOf(lab);
    expect(floorOf([...lab], before)).toEqual(before);
    const again = floorOf([...lab], before);
    expect(again.rooms.every((room, which) => room === before.rooms[which])).toBe(true);
    expect(again.unseated).toBe(before.unseated);

    const busy = at('b', 'R/1/2');
    const after = floorOf(
      lab.map((machine) => (machine.name === 'b' ? busy : machine)),
      before,
    );
    const [r, s] = after.rooms;
    expect(s).toBe(before.rooms[1]);
    expect(r?.rows[1]).toBe(before.rooms[0]?.rows[1]);
    expect(r?.rows[0]?.machines[0]).toBe(before.rooms[0]?.rows[0]?.machines[0]);
    expect(r?.rows[0]?.machines[1]?.machine).toBe(busy);

    // One that is gone, and one that was carried elsewhere, leave no trace.
    const moved = lab.flatMap((machine) =>
      machine.name === 'c' ? [] : machine.name === 'e' ? [at('e', 'S/1/2')] : [machine],
    );
    expect(floorOf(moved, before)).toEqual(floorOf(moved));
  });

  it('goes over to tiles when there are many or rows are long', () => {
    expect(wantsTiles(floorOf([]), 60)).toBe(false);
    expect(wantsTiles(floorOf([]), 61)).toBe(true);
    expect(wantsTiles(floorOf([at('a', 'R/1/11')]), 1)).toBe(true);
  });

  it.each([
    [['pc-01', 'pc-02'], 'pc-'],
    [['pc-01', 'mac-1'], ''],
    [['lab-a-1', 'lab-a-2'], 'lab-'],
    [['pc-01'], ''],
    [[], ''],
  ])('leaves out what all of %j begin with', (names, prefix) => {
    expect(commonPrefix(names)).toBe(prefix);
  });
});

describe('the track of a move', () => {
  const box = (x: number, y: number) => ({ x, y, width: 100, height: 50 });

  it('goes from edge to edge', () => {
    expect(trackBetween(box(0, 0), box(300, 0))).toBe('M100 25Q200 -7 300 25');
  });

  it('differs from that of the way back', () => {
    const back = trackBetween(box(300, 0), box(0, 0));
    expect(back).toMatch(/^M300 25Q200 \d+ 100 25$/);
  });
});
