import { describe, expect, test } from 'vitest';
import { hours, millis, minutes } from '../../../../shared/base/units.ts';
import { memberId } from '../../../../shared/domain/ids.ts';
import type { LabEvent } from '../../../../src-main/core/state/events.ts';
import {
  judgeNight,
  openNightIfNeeded,
  takesPart,
} from '../../../../src-main/core/nights/night.ts';
import { factsOf } from '../../../../src-sim/simulated-lab.ts';
import { because, kinds, ToldLab } from '../told-lab.ts';

const member = memberId('pc-01');
const released: LabEvent = { e: 'member-released', member };
const draining: LabEvent = {
  ...{ e: 'member-draining', member, purpose: 'release', moment: 'checkpoint', because },
};

/** One PC in a night that was opened at eight; the head has trusted its clock since then. */
function night(): ToldLab {
  const lab = new ToldLab();
  lab.clock = '20:00';
  lab.pc('pc-01');
  lab.happens({ e: 'night-opened', night: 1 });
  const { now, wall } = lab.turn();
  lab.state.transient.trusted = { now, wall };
  return lab;
}
const later = (lab: ToldLab, clock: string, span: number): ToldLab => {
  lab.clock = clock;
  return lab.passes(span);
};
const judged = (lab: ToldLab) => lab.decides(judgeNight).events;
const opened = (lab: ToldLab) => kinds(lab.decides(openNightIfNeeded));

describe('a PC takes part', () => {
  test.each<[string, readonly LabEvent[], boolean]>([
    ['when it is ready', [], true],
    ['while it is being emptied', [draining], true],
    ['while it is silent', [{ e: 'member-suspected', member }], true],
    ['no more when it is lost', [{ e: 'member-lost', member }], false],
    ['no more when it was given back', [released], false],
    [
      'not when it came back unasked',
      [released, { e: 'member-came-back', member, facts: factsOf('pc-01'), after: millis(1) }],
      false,
    ],
    ['not when it is sent home by day', [{ ...draining, clockSaid: 'x' }], false],
  ])('%s', (_what, events, isPart) => {
    const lab = night().happens(...events);
    expect(takesPart(lab.member('pc-01'))).toBe(isPart);
  });
});

describe('a PC that comes', () => {
  test('opens the first night there is', () => {
    const lab = new ToldLab();
    expect(lab.decides(openNightIfNeeded).events).toEqual([{ e: 'night-opened', night: 1 }]);
  });

  test('joins the night that is open, and opens none twice', () => {
    expect(opened(night())).toEqual([]);
  });

  test('opens the next one after the last has ended', () => {
    const lab = night().happens({ e: 'night-ended', night: 1, because: 'release' });
    expect(lab.decides(openNightIfNeeded).events).toEqual([{ e: 'night-opened', night: 2 }]);
  });

  test('ends a night whose morning nobody was there to see', () => {
    const lab = later(night().happens(released), '20:30', hours(24.5));
    expect(lab.decides(openNightIfNeeded).events).toEqual([
      { e: 'night-ended', night: 1, because: 'morning' },
      { e: 'night-opened', night: 2 },
    ]);
  });

  test('does not end it where somebody stayed', () => {
    expect(opened(later(night(), '20:30', hours(24.5)))).toEqual([]);
  });
});

describe('a night ends', () => {
  test('when its last PC was given back, whatever the hour', () => {
    const lab = later(night(), '21:00', hours(1)).happens(released);
    expect(judged(lab)).toEqual([{ e: 'night-ended', night: 1, because: 'release' }]);
    // Once.
    expect(judged(lab)).toEqual([]);
  });

  test('in the morning, whoever stays', () => {
    expect(judged(later(night(), '11:59', hours(16) - minutes(1)))).toEqual([]);
    expect(judged(later(night(), '12:00', hours(16)))).toEqual([
      { e: 'night-ended', night: 1, because: 'morning' },
    ]);
  });

  test('not with a power cut, from which all come back to it', () => {
    const lab = night().happens({ e: 'member-lost', member });
    expect(judged(lab)).toEqual([]);
    expect(opened(lab)).toEqual([]);
  });

  test('when nobody is left and nobody knows the hour', () => {
    const lab = night().happens({ e: 'member-lost', member });
    lab.clock = null;
    expect(kinds(lab.decides(judgeNight))).toEqual(['night-ended']);
  });

  test('not by a clock that has just jumped', () => {
    const lab = later(night(), '12:00', hours(16));
    const { now, wall } = lab.turn();
    lab.state.transient.trusted = { now, wall };
    expect(judged(lab)).toEqual([]);
    expect(judged(later(lab, '12:04', minutes(5) - 1))).toEqual([]);
    expect(judged(later(lab, '12:05', 1)).map(({ e }) => e)).toEqual(['night-ended']);
  });

  test('not at noon when it was opened late in the morning: that belongs to the day to come', () => {
    const lab = night().happens({ e: 'night-ended', night: 1, because: 'release' });
    lab.clock = '09:00';
    lab.happens({ e: 'night-opened', night: 2 });
    expect(judged(later(lab, '12:00', hours(3)))).toEqual([]);
    expect(judged(later(lab, '12:00', hours(24))).map(({ e }) => e)).toEqual(['night-ended']);
  });
});

describe('where a PC stayed on', () => {
  const stayed = () =>
    later(night(), '12:00', hours(16)).happens({
      ...{ e: 'night-ended', night: 1, because: 'morning' },
    });

  test('the next night begins in the evening', () => {
    const lab = stayed();
    expect(judged(later(lab, '17:59', hours(6) - minutes(1)))).toEqual([]);
    expect(judged(later(lab, '18:00', minutes(1)))).toEqual([{ e: 'night-opened', night: 2 }]);
    expect(judged(lab)).toEqual([]);
  });

  test('and does not where nobody is there, or nobody knows the hour', () => {
    const lab = later(stayed(), '18:01', hours(6) + minutes(1));
    lab.clock = null;
    expect(judged(lab)).toEqual([]);
    lab.clock = '18:01';
    expect(judged(lab.happens(released))).toEqual([]);
  });
});

test('a lab that never had a night has none to judge', () => {
  const lab = new ToldLab();
  lab.clock = '20:00';
  lab.pc('pc-01');
  expect(judged(lab)).toEqual([]);
});
