import { noteWords } from '../../../../shared/words/machine-words.ts';
import { describe, expect, test } from 'vitest';
import { epochMillis, minutes, monotonicMillis } from '../../../../shared/base/units.ts';
import { memberId } from '../../../../shared/domain/ids.ts';
import { nightTimings } from '../../../../shared/domain/timings.ts';
import { protocolVersion } from '../../../../shared/wire/codec.ts';
import { onMessage } from '../../../../src-main/core/lab/decide.ts';
import { emptyLab } from '../../../../src-main/core/state/state.ts';
import { beginTurn, type Turn } from '../../../../src-main/core/state/turn.ts';
import { departureNote } from '../../../../src-main/core/views/departure.ts';
import { loadLab } from '../../../../src-main/shells/lab-rows.ts';
import { SeededRng } from '../../../../src-sim/seeded-rng.ts';
import { factsOf } from '../../../../src-sim/simulated-lab.ts';

const pc = memberId('pc-07');
const byClock = { hours: '18:00-07:30', said: '2000-01-01 00:03' };
const begin = 1_800_000_000_000;

function lab() {
  const state = emptyLab();
  const rng = new SeededRng(1);
  let passed = 0;
  const turnAt = (clock: string | null): Turn => {
    const [hour = 0, minute = 0] = (clock ?? '').split(':').map(Number);
    const wall = epochMillis(begin + passed);
    const minuteOfDay = clock === null ? null : hour * 60 + minute;
    return beginTurn(state, nightTimings, rng, monotonicMillis(passed), wall, minuteOfDay);
  };
  return {
    state,
    member: () => state.members.get(pc) ?? expect.fail('no member'),
    pass: (span: number) => void (passed += span),
    /** The PC boots and says hello. */
    boots(clock: string | null, facts = { ...factsOf('pc-07'), byClock }): Turn {
      const turn = turnAt(clock);
      turn.emit({ e: 'member-enrolled', member: pc, name: 'pc-07', seat: null, facts });
      const member = state.members.get(pc) ?? expect.fail('no member');
      onMessage(turn, member, { t: 'hello', protocol: protocolVersion, facts, attempts: [] });
      return turn;
    },
    says(clock: string): Turn {
      const turn = turnAt(clock);
      const member = state.members.get(pc) ?? expect.fail('no member');
      const facts = { ...factsOf('pc-07'), byClock };
      onMessage(turn, member, { t: 'hello', protocol: protocolVersion, facts, attempts: [] });
      return turn;
    },
  };
}
const kinds = (turn: Turn): string[] => turn.events.map(({ e }) => e);
const sent = (turn: Turn) =>
  turn.directives.flatMap((one) => (one.d === 'send' ? [one.message] : []));

describe('a PC whose own clock let it join', () => {
  test('by day is sent home before it gets anything to do, and no night opens', () => {
    const room = lab();
    const turn = room.boots('10:05');
    expect(kinds(turn)).toEqual([
      ...['member-enrolled', 'member-arrived', 'member-draining', 'member-released'],
    ]);
    expect(sent(turn)).toContainEqual({ t: 'go', byDay: true });
    const note = noteWords(departureNote(room.member(), () => '10:05')!);
    expect(note).toContain('its own clock said 2000-01-01 00:03 when it was 10:05 here');
  });

  test('is sent home each time, and is welcome as soon as it comes by night', () => {
    const room = lab();
    room.boots('10:05');
    room.pass(minutes(3));
    expect(sent(room.boots('10:08'))).toContainEqual({ t: 'go', byDay: true });
    room.pass(minutes(600));
    const turn = room.boots('20:08');
    expect(kinds(turn)).toContain('night-opened');
    expect(sent(turn).map(({ t }) => t)).not.toContain('go');
    expect(room.member()).toMatchObject({ state: 'ready', wrongClock: null });
  });

  test('by night stays, also when its link comes back after the hours', () => {
    const room = lab();
    expect(sent(room.boots('18:00')).map(({ t }) => t)).toEqual(['welcome']);
    expect(sent(room.says('08:00')).map(({ t }) => t)).toEqual(['welcome']);
  });

  test('is not judged without hours, by hours that cannot be read, or by a head that knows none', () => {
    const plain = factsOf('pc-07');
    expect(kinds(lab().boots('10:05', { ...plain } as never))).not.toContain('member-draining');
    const odd = { ...plain, byClock: { ...byClock, hours: 'at night' } };
    expect(kinds(lab().boots('10:05', odd))).not.toContain('member-draining');
    expect(kinds(lab().boots(null))).not.toContain('member-draining');
  });

  test('is nothing special in a store of an older head', () => {
    const room = lab();
    room.boots('20:00');
    const { wrongClock: _, ...older } = room.member();
    const store = { rows: (table: string) => (table === 'members' ? [older] : []) };
    const read = loadLab(store as never, monotonicMillis(0));
    expect(read.members.get(pc)).toMatchObject({ state: 'ready', wrongClock: null });
  });
});
