import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hours, monotonicMillis, seconds } from '../../../shared/base/units.ts';
import type { EnrolFailure, NicSight } from '../../../src-member/ports/head-client.ts';
import type { BootIdentity } from '../../../shared/wire/enrolment.ts';
import { waitAfter } from '../../../src-member/core/enrolment/backoff.ts';
import { onEnrolmentInput } from '../../../src-member/core/enrolment/enrolment.ts';
import {
  beginEnrolment,
  type EnrolmentDirective,
  type EnrolmentInput,
  type EnrolmentState,
} from '../../../src-member/core/enrolment/enrolment-state.ts';

const identity: BootIdentity = {
  version: 1,
  lab: 'Room 101',
  labId: 'lab-a',
  headKey: 'a'.repeat(64),
  token: { id: 'tok', secret: 's'.repeat(32) },
  headAddress: null,
  name: null,
  timings: 'night',
};
const online: readonly NicSight[] = [{ name: 'eth0', link: true, address: '10.0.0.7' }];

/** One PC looking for its lab, on a clock turned by hand. */
class Pc {
  state: EnrolmentState;
  now = 0;
  screen = '';
  done: EnrolmentDirective[] = [];

  constructor(change: Partial<BootIdentity> = {}) {
    this.state = beginEnrolment({ ...identity, ...change }, monotonicMillis(0));
  }

  give(input: EnrolmentInput): this {
    const [state, directives] = onEnrolmentInput(this.state, input, monotonicMillis(this.now), 0.5);
    this.state = state;
    this.done = [...directives];
    for (const directive of directives)
      if (directive.d === 'screen') this.screen = directive.sentence;
    return this;
  }

  look(nics: readonly NicSight[] = online): this {
    return this.give({ t: 'tick', nics });
  }

  wait(span: number, nics: readonly NicSight[] = online): this {
    this.now += span;
    return this.look(nics);
  }

  sees(address: string, change: { id?: string; key?: string; lab?: string } = {}): this {
    const announcement = { lab: 'Room 101', id: 'lab-a', key: identity.headKey, v: '1', ...change };
    return this.give({ t: 'seen', head: { announcement, address } });
  }

  refused(failure: EnrolFailure): this {
    return this.give({ t: 'enrol-failed', failure });
  }

  linkAt(address: string): this {
    return this.look()
      .sees(address)
      .give({ t: 'enrolled', until: monotonicMillis(this.now + hours(24)) })
      .give({ t: 'link-open' });
  }

  did(): readonly string[] {
    return this.done
      .filter(({ d }) => d !== 'screen' && d !== 'wake')
      .map((each) => ('address' in each ? `${each.d} ${each.address}` : each.d));
  }
}

describe('a PC that waits to be let in', () => {
  test('shows its code and what to do with it, and goes on asking while it does', () => {
    const pc = new Pc({ token: null }).look().sees('10.0.0.2:7411');
    expect(pc.did()).toEqual(['enrol 10.0.0.2:7411']);
    pc.refused({ why: 'waiting', code: 'K7MQ-4F' });
    expect(pc.screen).toContain('Its code is K7MQ-4F: type it at the head');
    pc.wait(seconds(2));
    expect(pc.did()).toContain('enrol 10.0.0.2:7411');
    expect(pc.screen).toContain('K7MQ-4F');
    pc.give({ t: 'enrolled', until: monotonicMillis(pc.now + hours(24)) });
    expect(pc.screen).not.toContain('K7MQ-4F');
  });

  test('asks every two seconds at first and every ten when nobody seems to come', () => {
    const cause = { why: 'waiting', code: 'K7MQ-4F' } as const;
    expect(waitAfter(cause, 1, 1)).toBe(seconds(2));
    expect(waitAfter(cause, 61, 1)).toBe(seconds(10));
  });
});

describe('a PC that has just booted', () => {
  test('asks, enrols at the head it was made for, links and falls silent', () => {
    const pc = new Pc().look();
    expect(pc.did()).toEqual(['ask']);
    expect(pc.sees('10.0.0.1:7411').did()).toEqual(['enrol 10.0.0.1:7411']);
    expect(pc.give({ t: 'enrolled', until: monotonicMillis(hours(24)) }).did()).toEqual([
      'link 10.0.0.1:7411',
    ]);
    expect(pc.give({ t: 'link-open' }).did()).toEqual(['rest']);
    expect(pc.screen).toBe('Part of lab "Room 101".');
  });

  test.each([
    [[], 'No network card was found'],
    [
      [{ name: 'eth0', link: false, address: null }],
      'No link: plug the network cable in, or check the switch port (eth0).',
    ],
    [[{ name: 'eth0', link: true, address: null }], 'No address: no DHCP server answers on eth0'],
    [online, 'Nobody answers by multicast as head of lab "Room 101"'],
  ])('says on its screen why it finds no head: %o', (nics, sentence) => {
    const pc = new Pc().look(nics).wait(seconds(6), nics);
    expect(pc.screen).toContain(sentence);
  });

  test('says so when only the head of another lab is there, and tells that head', () => {
    const pc = new Pc()
      .look()
      .sees('10.0.0.9:7411', { id: 'lab-b', key: 'b'.repeat(64), lab: 'Room 202' });
    expect(pc.did()).toEqual([]);
    pc.wait(seconds(6));
    expect(pc.did()).toContain('tell 10.0.0.9:7411');
    expect(pc.screen).toContain(
      'Found the head of lab "Room 202" at 10.0.0.9:7411; this boot medium belongs to lab "Room 101"',
    );
    expect(pc.wait(seconds(6)).did()).not.toContain('tell 10.0.0.9:7411');
  });

  test('says nothing of another lab when its own is there too', () => {
    const pc = new Pc()
      .look()
      .sees('10.0.0.9:7411', { id: 'lab-b', key: 'b'.repeat(64), lab: 'Room 202' });
    pc.sees('10.0.0.1:7411').give({ t: 'enrolled', until: monotonicMillis(hours(24)) });
    expect(pc.wait(seconds(6)).did()).toEqual([]);
  });

  test('does not join a machine that claims its lab with another key', () => {
    const pc = new Pc().look().sees('10.0.0.66:7411', { key: 'c'.repeat(64) });
    pc.wait(seconds(6));
    expect(pc.did()).not.toContain('enrol 10.0.0.66:7411');
    expect(pc.screen).toContain('its key is another one');
  });

  test('shows the refusal of its head and tries again at leisure', () => {
    const sentence =
      "This boot medium's token expired on 2026-11-22 06:00 UTC; make a new boot medium.";
    const pc = new Pc().look().sees('10.0.0.1:7411');
    pc.refused({ why: 'refused', refusal: { code: 'expired-token', sentence } });
    expect(pc.screen).toBe(`The head at 10.0.0.1:7411 refuses this PC. ${sentence}`);
    expect(pc.wait(seconds(2)).did()).toEqual(['ask']);
    expect(pc.wait(seconds(10)).did()).toContain('enrol 10.0.0.1:7411');
  });

  test('tries the fixed address where multicast is blocked', () => {
    const pc = new Pc({ headAddress: 'head.lab:7411' }).look();
    expect(pc.wait(seconds(2)).did()).toContain('enrol head.lab:7411');
  });

  test('tells a head that has another key than the pinned one, and both sides know why', () => {
    const pc = new Pc({ headAddress: '10.0.0.9:7411' }).look().wait(seconds(2));
    pc.refused({ why: 'wrong-key', lab: 'Room 202', labId: 'lab-b' });
    expect(pc.screen).toBe(
      'Found the head of lab "Room 202" at 10.0.0.9:7411; this boot medium belongs to lab "Room 101".',
    );
    expect(pc.done.find(({ d }) => d === 'tell')).toEqual({
      d: 'tell',
      address: '10.0.0.9:7411',
      reason: pc.screen,
    });
  });
});

describe('a member whose link breaks', () => {
  const broken = {
    t: 'link-closed',
    closing: { why: 'closed', code: 1006, reason: 'it hung up' },
  } as const;

  test('asks where the head is and links again with the certificate it has', () => {
    const pc = new Pc().linkAt('10.0.0.1:7411');
    expect(pc.give(broken).did()).toEqual(['ask']);
    expect(pc.wait(seconds(0.2)).did()).toContain('link 10.0.0.1:7411');
  });

  test('follows its head to another port at once', () => {
    const pc = new Pc().linkAt('10.0.0.1:7411').give(broken);
    expect(pc.sees('10.0.0.1:7500').did()).toEqual(['link 10.0.0.1:7500']);
  });

  test('enrols again when its certificate is no longer taken', () => {
    const pc = new Pc().linkAt('10.0.0.1:7411').give(broken).wait(seconds(0.2));
    pc.give({
      t: 'link-closed',
      closing: { why: 'certificate-refused', reason: 'it answered 401' },
    });
    expect(pc.wait(seconds(0.4)).did()).toContain('enrol 10.0.0.1:7411');
  });

  test('enrols again when its certificate ended while the head was away', () => {
    const pc = new Pc().linkAt('10.0.0.1:7411').give(broken);
    pc.now += hours(25);
    expect(pc.look().did()).toContain('enrol 10.0.0.1:7411');
  });
});

test('a linked member renews its certificate while the old one still holds', () => {
  const pc = new Pc().linkAt('10.0.0.1:7411');
  expect(pc.wait(hours(17)).did()).toEqual([]);
  expect(pc.wait(hours(1)).did()).toEqual(['renew 10.0.0.1:7411']);
  expect(pc.give({ t: 'renew-failed' }).wait(seconds(600)).did()).toEqual(['renew 10.0.0.1:7411']);
  expect(pc.give({ t: 'enrolled', until: monotonicMillis(pc.now + hours(24)) }).did()).toEqual([]);
});

test('the wait after a lost link grows from a fifth of a second to three seconds', () => {
  const closed = { why: 'closed', code: 1006, reason: '' } as const;
  const waits = [1, 2, 3, 4, 5, 6, 50].map((failures) => waitAfter(closed, failures, 1));
  expect(waits).toEqual([200, 400, 800, 1600, 3000, 3000, 3000]);
  expect(waitAfter(closed, 50, 0)).toBe(1500);
});

test('whatever happens, a PC has at most one try in flight and never stops trying', () => {
  const addresses = fc.constantFrom('10.0.0.1:1', '10.0.0.2:2', '10.0.0.3:3');
  const happening = fc.oneof(
    fc.record({ wait: fc.nat(20_000) }),
    fc.record({ sees: addresses, ours: fc.boolean() }),
    fc.record({
      outcome: fc.constantFrom(
        'good',
        'refused',
        'unreachable',
        'wrong-key',
        'certificate-refused',
      ),
    }),
  );
  fc.assert(
    fc.property(
      fc.array(happening, { maxLength: 80 }),
      fc.option(addresses),
      (story, headAddress) => {
        const pc = new Pc({ headAddress }).look();
        let flying = null as 'enrol' | 'link' | 'linked' | null;
        let woken = false;
        const check = (): void => {
          for (const { d } of pc.done) {
            if (d === 'enrol' || d === 'link') {
              expect(flying).toBeNull();
              flying = d;
            }
            if (d === 'wake') woken = true;
          }
          if (flying === null) expect(woken).toBe(true);
        };
        check();
        for (const event of story) {
          woken = false;
          if ('wait' in event) pc.wait(event.wait);
          else if ('sees' in event) {
            pc.sees(event.sees, event.ours ? {} : { id: 'lab-b', key: 'b'.repeat(64) });
          } else if (flying === 'enrol') {
            flying = null;
            if (event.outcome === 'good')
              pc.give({ t: 'enrolled', until: monotonicMillis(pc.now + hours(24)) });
            else if (event.outcome === 'wrong-key')
              pc.refused({ why: 'wrong-key', lab: null, labId: null });
            else if (event.outcome === 'refused')
              pc.refused({ why: 'refused', refusal: { code: 'bad-proof', sentence: 'No.' } });
            else pc.refused({ why: 'unreachable', reason: 'no answer' });
          } else if (flying === 'link' && event.outcome === 'good') {
            flying = 'linked';
            pc.give({ t: 'link-open' });
          } else if (flying !== null) {
            flying = null;
            const why =
              event.outcome === 'good' || event.outcome === 'refused'
                ? 'unreachable'
                : event.outcome;
            pc.give({ t: 'link-closed', closing: { why: why as 'unreachable', reason: 'x' } });
          } else continue;
          check();
        }
      },
    ),
  );
});
