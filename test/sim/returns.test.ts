import { diaryWords } from '../../shared/words/diary-words.ts';
import { machineWords } from '../../shared/words/machine-words.ts';
import { whyItWaits } from '../../shared/words/task-words.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MachineView } from '../../shared/api/views.ts';
import { hours, minutes, seconds } from '../../shared/base/units.ts';
import type { Member } from '../../shared/domain/member.ts';
import { comesBackWithin, leavesWithin, practiceTimings } from '../../shared/domain/timings.ts';
import { applyEvent } from '../../src-main/core/state/apply-event.ts';
import { untouched } from '../../src-main/core/state/touched.ts';
import { emptyLab } from '../../src-main/core/state/state.ts';
import { SimulatedLab, valueOf } from '../../src-sim/simulated-lab.ts';

const machine = (lab: SimulatedLab, number: number): MachineView => {
  const found = lab.shell.machines().find(({ id }) => id === lab.pc(number).id);
  if (!found) throw new Error(`no machine ${number}`);
  return found;
};
const diary = (lab: SimulatedLab): string => lab.shell.view().diary.map(diaryWords).join('\n');

/** A lab whose PCs have done something tonight and were given back in the morning. */
function morning(seed: number, pcs: number): SimulatedLab {
  const lab = new SimulatedLab(seed);
  lab.boot(pcs);
  const job = lab.submit(pcs, seconds(5));
  lab.until('the job is done', () => lab.isDone(job));
  valueOf(lab.shell.release('all', 'checkpoint'));
  lab.until('all are released', () =>
    lab.shell.machines().every(({ state }) => state === 'released'),
  );
  return lab;
}
const allGone = (lab: SimulatedLab): void =>
  lab.until('all are gone', () => lab.shell.machines().every(({ leftAt }) => leftAt !== null));
const arrives = (lab: SimulatedLab, number: number): void =>
  lab.until(`PC ${number} is here`, () => lab.statusOf(number) === 'ready');

test('the head is sure that a PC has left when it has been silent for as long as makes others lost', () => {
  const lab = morning(1, 2);
  expect(machine(lab, 1)).toMatchObject({ leftAt: null, flag: null });
  expect(machineWords(machine(lab, 1))).toMatch(
    /^given back at \d\d:\d\d; whether it left is not known yet$/,
  );
  expect(lab.shell.report().returned).toEqual({ given: 2, confirmed: 0 });
  allGone(lab);
  expect(machine(lab, 1)).toMatchObject({ state: 'released', linked: false, flag: null });
  expect(machineWords(machine(lab, 1))).toMatch(/^given back at \d\d:\d\d, and it has left$/);
  expect(lab.shell.report().returned).toEqual({ given: 2, confirmed: 2 });
  expect(diary(lab)).toContain('pc-02 has left.');
});

test('a PC that says it goes and does not go is flagged until it is switched off', () => {
  const lab = new SimulatedLab(2);
  lab.boot(2);
  lab.until('ready', () => lab.statusOf(1) === 'ready' && lab.statusOf(2) === 'ready');
  lab.pc(1).ignoresGo = true;
  valueOf(lab.shell.release('all', 'checkpoint'));
  lab.advance(leavesWithin(practiceTimings) - seconds(3));
  expect(machine(lab, 1)).toMatchObject({ state: 'released', flag: null });
  lab.until('flagged', () => machine(lab, 1).flag === 'stayed');
  expect(machineWords(machine(lab, 1))).toMatch(
    /^it was given back at \d\d:\d\d but still runs the member system: switch it off by hand$/,
  );
  expect(machine(lab, 2)).toMatchObject({ flag: null });
  expect(lab.shell.report()).toMatchObject({ returned: { given: 2, confirmed: 1 } });
  const job = lab.submit(1, seconds(5));
  lab.advance(minutes(2));
  expect(lab.job(job).value.counts.queued).toBe(1);
  lab.pc(1).unplug();
  lab.until('gone', () => machine(lab, 1).flag === null);
  expect(lab.shell.report().returned).toEqual({ given: 2, confirmed: 2 });
});

test('a PC whose boot stick stays in comes back, is flagged and cordoned, and the night stays what it was', () => {
  const lab = morning(3, 3);
  allGone(lab);
  lab.advance(minutes(2));
  lab.pc(2).boot();
  arrives(lab, 2);
  const back = machine(lab, 2);
  expect(back).toMatchObject({ cordoned: true, flag: 'came-back', releasedAt: null });
  expect(machineWords(back)).toBe(
    'it came back 2 minutes after it was given back: take out its boot medium, or look at its boot order',
  );
  expect(diary(lab)).toContain('pc-02 came back 2 minutes after it was given back and is cordoned');
  const report = lab.shell.report();
  expect(report).toMatchObject({ night: 1, tasksDone: 3, returned: { given: 3, confirmed: 2 } });
  expect(report.machines.filter(({ flag }) => flag !== null)).toMatchObject([
    { name: 'pc-02', note: back.note },
  ]);
  const job = lab.submit(1, seconds(5));
  lab.advance(minutes(1));
  expect(whyItWaits(lab.job(job).value.tasks[0]!)).toContain('cordoned');
});

test('uncordon clears the flag and lets the PC work, which opens the next night', () => {
  const lab = morning(4, 2);
  lab.pc(1).boot();
  arrives(lab, 1);
  const job = lab.submit(1, seconds(5));
  lab.advance(seconds(20));
  valueOf(lab.shell.uncordon(['pc-01']));
  expect(machine(lab, 1)).toMatchObject({ cordoned: false, flag: null, note: null });
  lab.until('done', () => lab.isDone(job));
  expect(lab.shell.report().night).toBe(2);
});

test('a flagged PC that is switched off is given back and gone, not lost', () => {
  const lab = morning(5, 1);
  lab.pc(1).boot();
  arrives(lab, 1);
  lab.pc(1).unplug();
  lab.until('gone', () => lab.statusOf(1) === 'released');
  expect(machineWords(machine(lab, 1))).toMatch(
    /^it came back .* after it was given back, and left at last$/,
  );
  expect(diary(lab)).not.toContain('is lost');
});

test('a PC that somebody asked for is welcome however soon it comes, also by a head that was started in between', () => {
  const lab = morning(6, 2);
  valueOf(lab.shell.expectBack(['pc-01', 'nobody']));
  lab.killHead();
  lab.startHead();
  lab.pc(1).boot();
  arrives(lab, 1);
  expect(machine(lab, 1)).toMatchObject({ cordoned: false, flag: null });
  expect(lab.shell.report().night).toBe(2);
});

test('a restart of the head loses no flag, and raises none', () => {
  const lab = morning(7, 2);
  lab.pc(1).boot();
  arrives(lab, 1);
  lab.killHead();
  lab.startHead();
  lab.until('linked', () => machine(lab, 1).linked);
  expect(machine(lab, 1)).toMatchObject({ cordoned: true, flag: 'came-back' });
  allGoneBut(lab, 1);
  expect(machine(lab, 2)).toMatchObject({ state: 'released', flag: null });
});
const allGoneBut = (lab: SimulatedLab, number: number): void =>
  lab.until('the others are gone', () =>
    lab.shell.machines().every(({ id, leftAt }) => id === lab.pc(number).id || leftAt !== null),
  );

test('the next night nobody is flagged, and what the flag cordoned works again', () => {
  const lab = morning(8, 2);
  lab.pc(1).boot();
  arrives(lab, 1);
  valueOf(lab.shell.release(['pc-01'], 'checkpoint'));
  lab.until('released again', () => lab.statusOf(1) === 'released');
  lab.advance(hours(12));
  for (const pc of lab.members()) pc.boot();
  arrives(lab, 1);
  arrives(lab, 2);
  expect(lab.shell.machines().map(({ cordoned, flag }) => [cordoned, flag])).toEqual([
    [false, null],
    [false, null],
  ]);
  expect(lab.shell.report().night).toBe(2);
});

test('a cordon by hand outlives the flag', () => {
  const lab = morning(9, 1);
  valueOf(lab.shell.cordon(['pc-01']));
  lab.pc(1).boot();
  arrives(lab, 1);
  lab.pc(1).unplug();
  lab.advance(hours(12));
  lab.pc(1).boot();
  arrives(lab, 1);
  expect(machine(lab, 1)).toMatchObject({ cordoned: true, flag: null });
});

test('a PC that missed the word to go hears it again with its next hello, and does not count as back', () => {
  const lab = new SimulatedLab(10);
  lab.boot(1);
  arrives(lab, 1);
  lab.pc(1).cutCable();
  valueOf(lab.shell.release('all', 'checkpoint'));
  expect(lab.statusOf(1)).toBe('released');
  lab.advance(seconds(3));
  lab.pc(1).heal();
  lab.until('it went', () => lab.pc(1).left);
  allGone(lab);
  expect(machine(lab, 1)).toMatchObject({ state: 'released', flag: null });
});

const step = fc.oneof(
  fc.record({ do: fc.constantFrom('release', 'boot', 'unplug', 'uncordon', 'ask') }),
  fc.record({ do: fc.constant('restart') }),
  fc.record({ do: fc.constant('pass'), span: fc.integer({ min: 500, max: 400_000 }) }),
);

test('whatever happens: flagged is who booted soon after its release unasked, it holds no task, and the log alone tells the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0 }), fc.array(step, { maxLength: 25 }), (seed, steps) => {
      const lab = new SimulatedLab(seed);
      lab.boot(1);
      lab.submit(1, hours(100));
      let asked = false;
      let goneAt: number | null = null;
      for (const next of steps) {
        const before = machine0(lab);
        switch (next.do) {
          case 'release':
            void lab.shell.release('all', 'checkpoint');
            break;
          case 'boot':
            if (!lab.pc(1).powered) lab.pc(1).boot();
            break;
          case 'unplug':
            lab.pc(1).unplug();
            break;
          case 'uncordon':
            void lab.shell.uncordon('all');
            break;
          case 'ask':
            if (before?.state === 'released') asked = true;
            void lab.shell.expectBack(['pc-01']);
            break;
          case 'restart':
            lab.killHead();
            lab.startHead();
            break;
          default:
            lab.advance('span' in next ? next.span : 0);
        }
        lab.advance(1500);
        const after = machine0(lab);
        if (after?.state === 'released' && before?.state !== 'released') asked = false;
        if (after?.state === 'released') goneAt = after.releasedAt;
        if (after?.flag === 'came-back' && before?.flag !== 'came-back') {
          expect(asked).toBe(false);
          expect(lab.clock.wall() - (goneAt ?? 0)).toBeLessThan(
            comesBackWithin(practiceTimings) + 5000,
          );
        }
        if (after?.flag === 'came-back') expect(after).toMatchObject({ cordoned: true, tasks: [] });
      }
      const replayed = emptyLab();
      for (const { event, at } of lab.store.events(0)) applyEvent(replayed, event, at, untouched());
      for (const row of lab.store.rows('members')) {
        const { id, state, cordoned, releasedAt, departure, cameBack } = row as Member;
        expect(replayed.members.get(id)).toMatchObject({
          ...{ state, cordoned, releasedAt, departure, cameBack },
        });
      }
      lab.shell.stop();
    }),
    { numRuns: 200 },
  );
});
const machine0 = (lab: SimulatedLab): MachineView | undefined => lab.shell.machines()[0];
