import { describe, expect, test } from 'vitest';
import { epochMillis, monotonicMillis } from '../../../shared/base/units.ts';
import { memberId } from '../../../shared/domain/ids.ts';
import { parseMacAddress, type MacAddress } from '../../../shared/domain/mac-address.ts';
import type { MemberFacts, WiredCard } from '../../../shared/domain/member.ts';
import { nightTimings } from '../../../shared/domain/timings.ts';
import { memberFactsField } from '../../../shared/wire/fields.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { approvalBook, knownPc } from '../../../src-main/core/identity/approval-book.ts';
import { emptyLab } from '../../../src-main/core/state/state.ts';
import { beginTurn } from '../../../src-main/core/state/turn.ts';
import { enrolMember } from '../../../src-main/core/commands/member-commands.ts';
import { homePcs } from '../../../src-main/core/netboot/who-boots.ts';
import { labPcs } from '../../../src-main/core/views/lab-pcs.ts';
import { wakePcs } from '../../../src-main/shells/wake-shell.ts';
import { ManualClock } from '../../../src-sim/manual-clock.ts';
import { SeededRng } from '../../../src-sim/seeded-rng.ts';
import { factsOf } from '../../../src-sim/simulated-lab.ts';

const mac = (text: string): MacAddress => parseMacAddress(text) ?? expect.fail(text);
const [a, b, dock] = [mac('52:54:00:00:0a:01'), mac('52:54:00:00:0a:02'), mac('00:e0:4c:00:00:01')];
const builtIn = (address: MacAddress): WiredCard => ({ address, builtIn: true });
const adapter = (address: MacAddress): WiredCard => ({ address, builtIn: false });
const pcWith = (machineKey: string, ...cards: WiredCard[]): MemberFacts => ({
  ...factsOf('pc-01'),
  machineKey,
  cards,
});

function lab() {
  const state = emptyLab();
  const turn = beginTurn(state, nightTimings, new SeededRng(1), monotonicMillis(0), epochMillis(1));
  const enrol = (facts: MemberFacts): string => {
    const enrolled = enrolMember(turn, facts, null);
    return enrolled.ok ? enrolled.value.name : refusalWords(enrolled.error);
  };
  return { state, enrol, turn };
}

describe('a PC with several cards', () => {
  test('is the same PC by whichever of them it calls itself, also one whose cards nobody knew before', () => {
    const { enrol } = lab();
    const name = enrol({ ...factsOf('pc-01'), machineKey: b });
    expect(enrol(pcWith(a, builtIn(a), builtIn(b)))).toBe(name);
    expect(enrol(pcWith(b, builtIn(b)))).toBe(name);
  });

  test('is another one though it has the dock of its neighbour', () => {
    const { enrol } = lab();
    const name = enrol(pcWith(a, builtIn(a), adapter(dock)));
    expect(enrol(pcWith(b, builtIn(b), adapter(dock)))).not.toBe(name);
  });

  test('boots its own disk by whichever of them its firmware asks, and is wanted by any', () => {
    const { state, turn, enrol } = lab();
    const id = memberId(enrol(pcWith(a, builtIn(a), builtIn(b), adapter(dock))));
    turn.emit({ e: 'member-released', member: id });
    const listed = labPcs(state, 'all');
    const pcs = listed.ok ? listed.value : [];
    const rule = { hours: null, since: epochMillis(0) };
    const home = (woken: ReadonlyMap<MacAddress, ReturnType<typeof epochMillis>>) =>
      homePcs(rule, pcs, woken, 23 * 60, epochMillis(10));
    expect(home(new Map())).toEqual([a, b, dock]);
    expect(home(new Map([[b, epochMillis(5)]]))).toEqual([]);
  });

  test('is called awake by all of them', () => {
    const clock = new ManualClock();
    const sent: string[] = [];
    const at = { name: 'eth0', address: '10.0.0.2', netmask: '255.255.255.0' };
    const called = wakePcs(
      {
        clock,
        probes: {
          broadcast: (_from, _to, _port, bytes) =>
            void sent.push(Buffer.from(bytes.subarray(6, 12)).toString('hex')),
        },
        interfaces: () => [at],
        woken: () => undefined,
      },
      [
        {
          name: 'pc-01',
          machineKey: a,
          cards: [a, b],
          address: '',
          isHere: false,
          releasedAt: epochMillis(1),
        },
      ],
    );
    expect(called.ok).toBe(true);
    clock.advance(10_000);
    expect(new Set(sent)).toEqual(new Set([a, b].map((one) => one.replaceAll(':', ''))));
  });

  test('that was let in, or kept out, is known again by any of them', () => {
    const hardware = '0'.repeat(64);
    const decided = { machineKey: b, hardware, name: null, at: epochMillis(1) };
    const book = approvalBook([{ ...decided, verdict: 'refused' }]);
    expect(knownPc(book, a, hardware, [a, b])?.verdict).toBe('refused');
    expect(knownPc(book, a, hardware)).toBeUndefined();
    expect(knownPc(book, a, '1'.repeat(64), [a, b])).toBeUndefined();
  });
});

test('facts of member systems that tell no cards are good facts, and made-up cards are none', () => {
  const { cards: _, ...old } = pcWith(a);
  expect(memberFactsField.safeParse(old).success).toBe(true);
  expect(memberFactsField.safeParse(pcWith(a, builtIn(a))).success).toBe(true);
  expect(memberFactsField.safeParse(pcWith(a, builtIn('x' as MacAddress))).success).toBe(false);
});
