import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { epochMillis, minutes, seconds } from '../../../shared/base/units.ts';
import type { MacAddress } from '../../../shared/domain/mac-address.ts';
import {
  nobodyBoots,
  onBootSight,
  stuckPcs,
  takeTurn,
  unansweredPcs,
  type BootProgress,
  type BootSight,
} from '../../../src-main/core/netboot/boot-progress.ts';
import {
  emptyProxyLog,
  onProxyLine,
  type ProxyEvent,
} from '../../../src-main/core/netboot/dnsmasq-log.ts';

const card = (number: number): MacAddress =>
  `52:54:00:00:00:${String(number).padStart(2, '0')}` as MacAddress;

/** PCs that boot, on a clock turned by hand. */
class Room {
  state: BootProgress = nobodyBoots;
  now = 1_000_000;
  readonly atOnce: number;

  constructor(atOnce = 2) {
    this.atOnce = atOnce;
  }

  see(sight: BootSight): this {
    this.state = onBootSight(this.state, sight, epochMillis(this.now));
    return this;
  }

  wait(span: number): this {
    this.now += span;
    return this;
  }

  answered(pc: number, offered = true): this {
    const about = { address: `10.0.0.${pc}`, architecture: 7, offered };
    return this.see({ t: 'answered', mac: card(pc), ...about });
  }

  /** `go`, or how many are before it. */
  asks(pc: number): string {
    const [state, turn] = takeTurn(
      this.state,
      card(pc),
      `10.0.0.${pc}`,
      epochMillis(this.now),
      this.atOnce,
    );
    this.state = state;
    return turn.go ? 'go' : `${turn.ahead} before it`;
  }

  fetches(pc: number, part: 'kernel' | 'image', bytes: number): this {
    return this.see({ t: 'fetching', part, mac: card(pc), bytes, total: 100 });
  }

  ends(pc: number): this {
    return this.see({ t: 'fetched', part: 'image', mac: card(pc) });
  }

  stage(pc: number): string | undefined {
    return this.state.get(card(pc))?.stage;
  }
}

describe('a PC on its way', () => {
  test('is seen at every stage until it is a member', () => {
    const room = new Room().answered(1);
    expect(room.stage(1)).toBe('discovered');
    room.see({ t: 'first-stage', address: '10.0.0.1', mac: null, file: 'shimx64.efi' });
    expect(room.stage(1)).toBe('first-stage');
    expect(room.asks(1)).toBe('go');
    room.fetches(1, 'kernel', 50).see({ t: 'fetched', part: 'kernel', mac: card(1) });
    expect(room.stage(1)).toBe('kernel');
    room.fetches(1, 'image', 30);
    expect(room.state.get(card(1))).toMatchObject({ stage: 'image', bytes: 30, total: 100 });
    expect(room.ends(1).stage(1)).toBe('started');
    room.see({ t: 'enrolled', machineKey: card(1), address: '10.9.9.9' });
    expect(room.stage(1)).toBe('enrolled');
  });

  test('that asks for an address again in the middle goes on, and a minute later begins anew', () => {
    const room = new Room().answered(1);
    room.asks(1);
    expect(room.fetches(1, 'image', 30).answered(1).stage(1)).toBe('image');
    expect(room.wait(minutes(2)).answered(1).stage(1)).toBe('discovered');
  });

  test('whose transfer broke says so until it gets further', () => {
    const room = new Room().answered(1);
    room.see({ t: 'transfer-broken', address: '10.0.0.1', mac: null, file: 'shimx64.efi' });
    expect(room.state.get(card(1))?.problem).toContain('asked for shimx64.efi by TFTP');
    room.asks(1);
    expect(room.state.get(card(1))?.problem).toBeNull();
  });

  test('that heard our answer and never came for the first stage is stuck', () => {
    const room = new Room().answered(1).answered(2);
    room.see({ t: 'first-stage', address: '10.0.0.2', mac: null, file: 'shimx64.efi' });
    expect(stuckPcs(room.state, epochMillis(room.now + seconds(10)))).toEqual([]);
    const stuck = stuckPcs(room.state, epochMillis(room.now + seconds(30)));
    expect(stuck.map(({ mac }) => mac)).toEqual([card(1)]);
  });

  test('that is left alone boots its disk', () => {
    expect(new Room().answered(1, false).stage(1)).toBe('disk');
  });
});

/** Kinds of questions: architectures 0 and 7, 9; 6; 2, 8, 10, 11; 16 and other HTTP ones; by day, given back. */
describe('a PC that asks for what is not here', () => {
  const asks = (architecture: number, offered = false): Room =>
    new Room().see({ t: 'answered', mac: card(1), address: null, architecture, offered });

  test.each([
    [6, '32-bit UEFI'],
    [8, 'ARM'],
    [10, 'ARM'],
    [11, 'ARM'],
    [2, 'architecture 2'],
    [27, 'architecture 27'],
    [15, 'choose PXE'],
    [16, 'choose PXE'],
    [19, 'choose PXE'],
  ])('of architecture %i is in the list with the reason', (architecture, reason) => {
    for (const offered of [true, false]) {
      const room = asks(architecture, offered);
      expect(room.state.get(card(1))).toMatchObject({ stage: 'unanswered' });
      expect(room.state.get(card(1))?.problem).toContain(reason);
      room.wait(minutes(1));
      expect(stuckPcs(room.state, epochMillis(room.now))).toEqual([]);
      expect(unansweredPcs(room.state, epochMillis(room.now))).toHaveLength(1);
      expect(unansweredPcs(room.state, epochMillis(room.now + minutes(20)))).toEqual([]);
    }
  });

  test.each([0, 7, 9])('of architecture %i gets an answer', (architecture) => {
    expect(asks(architecture, true).stage(1)).toBe('discovered');
    expect(asks(architecture).stage(1)).toBe('disk');
  });

  test('for HTTP boot is in the list, and on its way as soon as it asks for PXE', () => {
    const room = new Room().see({ t: 'http-boot', mac: card(1) });
    expect(room.state.get(card(1))).toMatchObject({ firmware: 'uefi-http', stage: 'unanswered' });
    room.answered(1);
    expect(room.state.get(card(1))).toMatchObject({
      ...{ firmware: 'uefi', stage: 'discovered', problem: null },
    });
  });
});

describe('a boot storm', () => {
  test('goes two at a time, in the order in which they came', () => {
    const room = new Room(2);
    expect([1, 2, 3, 4].map((pc) => room.wait(10).asks(pc))).toEqual([
      'go',
      'go',
      '2 before it',
      '3 before it',
    ]);
    room.fetches(1, 'image', 1).fetches(2, 'image', 1).ends(1);
    expect(room.asks(4)).toBe('2 before it');
    expect(room.asks(3)).toBe('go');
    expect(room.asks(4)).toBe('2 before it');
    expect(room.ends(2).asks(4)).toBe('go');
  });

  test('nobody waits for a PC that was switched off, be it fetching or waiting', () => {
    const room = new Room(1);
    room.asks(1);
    room.wait(10).asks(2);
    room.wait(10).asks(3);
    // 1 fetches nothing and 2 asks no more.
    for (let asked = 0; asked < 12; asked += 1) room.wait(seconds(3)).asks(3);
    expect(room.stage(3)).toBe('kernel');
  });

  test('whatever happens, no more than wanted fetch at a time, and everybody gets a turn', () => {
    const step = fc.record({ pc: fc.integer({ min: 1, max: 9 }), ends: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        (steps, atOnce) => {
          const room = new Room(atOnce);
          const fetching = (): number[] =>
            [1, 2, 3, 4, 5, 6, 7, 8, 9].filter((pc) => room.stage(pc) === 'kernel');
          for (const { pc, ends } of steps) {
            room.wait(100);
            if (ends && room.stage(pc) === 'kernel') room.ends(pc);
            else if (room.stage(pc) !== 'started') room.asks(pc);
            expect(fetching().length).toBeLessThanOrEqual(atOnce);
          }
          for (let round = 0; round < 40; round += 1) {
            room.wait(seconds(3));
            for (const pc of fetching()) room.ends(pc);
            for (let pc = 1; pc <= 9; pc += 1) if (room.stage(pc) === 'waiting') room.asks(pc);
          }
          for (let pc = 1; pc <= 9; pc += 1) expect(room.stage(pc)).not.toBe('waiting');
        },
      ),
    );
  });
});

describe('dnsmasq’s log', () => {
  const read = (lines: readonly string[]): readonly ProxyEvent[] => {
    let log = emptyProxyLog;
    return lines.flatMap((line) => {
      const [next, event] = onProxyLine(log, line);
      log = next;
      return event ?? [];
    });
  };

  test('tells who was answered, with firmware and address as far as they are known', () => {
    expect(
      read([
        'Nov 21 03:07:15 dnsmasq-dhcp[27780]: 443727331 available DHCP subnet: 10.77.0.0/255.255.255.0',
        'Nov 21 03:07:15 dnsmasq-dhcp[27780]: 443727331 vendor class: PXEClient:Arch:00007:UNDI:003000',
        'Nov 21 03:07:15 dnsmasq-dhcp[27780]: 443727331 PXE(eth0) 52:54:00:00:00:04 proxy',
        'Nov 21 03:05:45 dnsmasq-dhcp[21389]: 0 PXE(eth0) 10.77.0.157 52:54:00:00:00:02 undionly.kpxe',
        'Nov 21 03:14:22 dnsmasq-dhcp[18809]: 3458155936 PXE(eth0) 52:54:00:00:00:03 proxy-ignored',
      ]),
    ).toEqual([
      { t: 'answered', mac: card(4), address: null, architecture: 7, offered: true },
      { t: 'answered', mac: card(2), address: '10.77.0.157', architecture: null, offered: true },
      { t: 'answered', mac: card(3), address: null, architecture: null, offered: false },
    ]);
  });

  test('tells what went out by TFTP and what did not', () => {
    expect(
      read([
        'Nov 21 03:07:20 dnsmasq-tftp[27780]: sent /tmp/x/tftp/shimx64.efi to 10.77.0.159',
        'Nov 21 03:07:20 dnsmasq-tftp[27780]: file /tmp/x/tftp/revocations.efi not found for 10.77.0.159',
        'Nov 21 03:07:20 dnsmasq-tftp[27780]: error 8 User aborted the transfer received from 10.77.0.159',
        'Nov 21 03:07:20 dnsmasq-tftp[27780]: failed sending /tmp/x/tftp/grubx64.efi to 10.77.0.160',
      ]),
    ).toEqual([
      { t: 'first-stage', address: '10.77.0.159', mac: null, file: 'shimx64.efi' },
      { t: 'transfer-broken', address: '10.77.0.160', mac: null, file: 'grubx64.efi' },
    ]);
  });

  test('any line is read or passed over', () => {
    fc.assert(
      fc.property(fc.string(), (line) => {
        expect(onProxyLine(emptyProxyLog, line)).toHaveLength(2);
      }),
    );
  });
});
