import { describe, expect, test } from 'vitest';
import { mebibytes, millis, monotonicMillis } from '../../../../shared/base/units.ts';
import { memberId } from '../../../../shared/domain/ids.ts';
import type { Member } from '../../../../shared/domain/member.ts';
import { practiceTimings } from '../../../../shared/domain/timings.ts';
import {
  endLeases,
  isPresent,
  judgeSilence,
  onArrival,
  onBeat,
  onHeard,
  onLinkClosed,
  onUncordon,
  unseen,
  welcome,
} from '../../../../src-main/core/membership/leases.ts';
import type { LabEvent } from '../../../../src-main/core/state/events.ts';
import { seenOf } from '../../../../src-main/core/state/state.ts';
import { factsOf } from '../../../../src-sim/simulated-lab.ts';
import { because, kinds, others, sent, ToldLab } from '../told-lab.ts';

const member = memberId('pc-01');
const facts = factsOf('pc-01');
const { suspectAfter, lostAfter } = practiceTimings;

function told(...events: readonly LabEvent[]): ToldLab {
  const lab = new ToldLab();
  lab.pc('pc-01');
  return lab.happens({ e: 'night-opened', night: 1 }, ...events);
}
const arrives = (lab: ToldLab, said = facts, can: readonly string[] = []) =>
  lab.decides((turn) => onArrival(turn, lab.member('pc-01'), said, can));

describe('a PC that says hello', () => {
  test('is linked, heard and can what it says', () => {
    const lab = told();
    lab.state.seen.clear();
    arrives(lab.passes(9), facts, ['x']);
    expect(lab.state.seen.get(member)).toMatchObject({
      linked: true,
      heardAt: lab.now,
      can: ['x'],
    });
  });

  test.each<[string, readonly LabEvent[], readonly string[]]>([
    ['as it was has nothing to tell', [], []],
    ['after a silence has returned', [{ e: 'member-suspected', member }], ['member-returned']],
    ['after it was lost has arrived', [{ e: 'member-lost', member }], ['member-arrived']],
    [
      'as the first of a night opens it',
      [
        { e: 'member-lost', member },
        { e: 'night-ended', night: 1, because: 'release' },
      ],
      ['night-opened', 'member-arrived'],
    ],
    [
      'soon after it was given back is flagged and opens nothing',
      [
        { e: 'member-released', member },
        { e: 'night-ended', night: 1, because: 'release' },
        { e: 'member-enrolled', member, name: 'pc-01', seat: null, facts },
      ],
      ['member-came-back'],
    ],
  ])('%s', (_what, events, expected) => {
    expect(kinds(arrives(told(...events)))).toEqual(expected);
  });

  test('and has another address is described, without an arrival', () => {
    expect(kinds(arrives(told(), { ...facts, address: '10.0.0.9' }))).toEqual(['member-described']);
  });

  test('by day, though its clock said night, is sent home and opens no night', () => {
    const lab = told(
      { e: 'member-lost', member },
      { e: 'night-ended', night: 1, because: 'release' },
    );
    lab.clock = '10:00';
    const turn = arrives(lab, { ...facts, byClock: { hours: '18:00-07:30', said: 'x' } });
    expect(kinds(turn)).toEqual(['member-arrived', 'member-draining']);
  });
});

test('a welcome tells it who it is and where it sits, and is no news afterwards', () => {
  const lab = told();
  lab.member('pc-01').seat = { room: 'A', row: 1, place: 2 };
  lab.state.transient.seatNews.add(member);
  const turn = lab.decides((turn) => welcome(turn, lab.member('pc-01')));
  expect(sent(turn)).toMatchObject([
    [
      member,
      { t: 'welcome', member, seat: 'A/1/2', wallClock: lab.wall, timings: practiceTimings },
    ],
  ]);
  expect(lab.state.transient.seatNews.size).toBe(0);
});

describe('a heartbeat', () => {
  const beats = (lab: ToldLab, n: number) =>
    lab.decides((turn) => onBeat(turn, lab.member('pc-01'), { n, load: 150, memoryFree: 512 }));

  test('is answered with a lease of its own number, and tells load and free memory', () => {
    const lab = told().passes(10);
    expect(sent(beats(lab, 7))).toEqual([[member, { t: 'lease', n: 7 }]]);
    expect(seenOf(lab.state, lab.member('pc-01'))).toMatchObject({
      ...{ heardAt: lab.now, load: { load: 150, memoryFree: mebibytes(512) } },
    });
  });

  test('brings a new seat along, once, also that there is none any more', () => {
    const lab = told();
    lab.state.transient.seatNews.add(member);
    expect(sent(beats(lab, 1))).toEqual([[member, { t: 'lease', n: 1, seat: null }]]);
    expect(sent(beats(lab, 2))).toEqual([[member, { t: 'lease', n: 2 }]]);
  });
});

describe('any word', () => {
  test('brings a silent PC back', () => {
    const lab = told({ e: 'member-suspected', member });
    expect(kinds(lab.decides((turn) => onHeard(turn, lab.member('pc-01'))))).toEqual([
      'member-returned',
    ]);
  });

  test('that was still on its way when the link closed does not, but counts as heard', () => {
    const lab = told({ e: 'member-suspected', member });
    lab.decides((turn) => onLinkClosed(turn, lab.member('pc-01')));
    expect(kinds(lab.passes(5).decides((turn) => onHeard(turn, lab.member('pc-01'))))).toEqual([]);
    expect(seenOf(lab.state, lab.member('pc-01')).heardAt).toBe(lab.now);
  });
});

describe('silence', () => {
  const judged = (lab: ToldLab) => {
    const lost: Member[] = [];
    const turn = lab.decides((turn) => judgeSilence(turn, (member) => lost.push(member)));
    return { events: kinds(turn), lost: lost.map(({ id }) => id), did: others(turn) };
  };

  test('is nothing before its time, then makes suspect, then lost, and each once', () => {
    const lab = told();
    expect(judged(lab.passes(suspectAfter - 1)).events).toEqual([]);
    expect(judged(lab.passes(1))).toEqual({ events: ['member-suspected'], lost: [], did: [] });
    expect(judged(lab.passes(lostAfter - suspectAfter - 1)).events).toEqual([]);
    expect(judged(lab.passes(1))).toEqual({
      ...{ events: ['member-lost'], lost: [member], did: [{ d: 'close', member }] },
    });
    expect(judged(lab.passes(lostAfter)).events).toEqual([]);
  });

  test('of a head that slept makes suspect and lost in one turn', () => {
    expect(judged(told().passes(lostAfter)).events).toEqual(['member-suspected', 'member-lost']);
  });

  test('need not be waited for where whoever took the power says so', () => {
    const lab = told();
    lab.pc('pc-02');
    lab.decides((turn) => endLeases(turn, ['pc-01', 'nobody']));
    expect(seenOf(lab.state, lab.member('pc-01')).linked).toBe(false);
    expect(judged(lab)).toMatchObject({
      events: ['member-suspected', 'member-lost'],
      lost: [member],
    });
    // One that is not here has no lease, and keeps what is known of it.
    lab.decides((turn) => endLeases(turn, ['pc-01']));
    expect(judged(lab).events).toEqual([]);
  });

  test('of a PC that came back unasked is what its flag asked for', () => {
    const lab = told(
      { e: 'member-released', member },
      { e: 'member-came-back', member, facts, after: millis(1) },
    );
    expect(judged(lab.passes(lostAfter)).events).toEqual(['member-suspected', 'member-left']);
  });

  test.each<[string, LabEvent]>([
    ['given back', { e: 'member-released', member }],
    ['lost', { e: 'member-lost', member }],
  ])('of a PC that is %s is not judged', (_what, event) => {
    expect(judged(told(event).passes(lostAfter)).events).toEqual([]);
  });
});

describe('a person that lets a PC work', () => {
  const uncordons = (lab: ToldLab) =>
    kinds(lab.decides((turn) => onUncordon(turn, lab.member('pc-01'))));

  test('forgives it, whether it was cordoned or not', () => {
    const lab = told();
    lab.state.transient.faults.set(member, new Set());
    expect(uncordons(lab)).toEqual([]);
    expect(lab.state.transient.faults.size).toBe(0);
    expect(uncordons(lab.happens({ e: 'member-cordoned', member, because }))).toEqual([
      'member-uncordoned',
    ]);
  });

  test('makes one that came back unasked a part of the night, and opens one if need be', () => {
    const lab = told(
      { e: 'member-released', member },
      { e: 'night-ended', night: 1, because: 'release' },
      { e: 'member-came-back', member, facts, after: millis(1) },
    );
    expect(uncordons(lab)).toEqual(['night-opened', 'member-uncordoned']);
  });
});

test('after a restart of the head each PC counts as heard just now, and as not linked', () => {
  expect(unseen(facts, monotonicMillis(5))).toEqual({
    ...{ linked: false, heardAt: 5, load: { load: 0, memoryFree: facts.memory }, can: [] },
  });
});

test('a PC is present until it is lost or given back', () => {
  const lab = told();
  const states = ['enrolling', 'ready', 'draining', 'suspect', 'lost', 'released'] as const;
  const present = states.filter((state) => isPresent({ ...lab.member('pc-01'), state }));
  expect(present).toEqual(['ready', 'draining', 'suspect']);
});
