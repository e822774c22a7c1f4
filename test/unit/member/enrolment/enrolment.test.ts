import { describe, expect, test } from 'vitest';
import { hours, minutes, monotonicMillis, seconds } from '../../../../shared/base/units.ts';
import { onEnrolmentInput } from '../../../../src-member/core/enrolment/enrolment.ts';
import {
  beginEnrolment,
  type EnrolmentDirective,
  type EnrolmentInput,
  type EnrolmentState,
} from '../../../../src-member/core/enrolment/enrolment-state.ts';
import { identity } from './boot-identity.ts';

const head = '10.0.0.1:7411';
const nics = [{ name: 'eth0', link: true, address: '10.0.0.7' }];
const seen = (address = head, key = identity.headKey, id = identity.labId): EnrolmentInput => ({
  ...{ t: 'seen', head: { address, announcement: { lab: 'Room 1', id, key, v: '1' } } },
});
const tick: EnrolmentInput = { t: 'tick', nics };
const failed = (failure: object): EnrolmentInput => ({
  t: 'enrol-failed',
  failure: failure as never,
});
const unreachable = failed({ why: 'unreachable', reason: 'x' });
const wrongKey = failed({ why: 'wrong-key', lab: 'Room 2', labId: 'b' });

/** A PC that looks for its head; what it does but for its screen. */
class Seeker {
  now = 0;
  state: EnrolmentState;

  constructor(headAddress: string | null = null) {
    this.state = beginEnrolment({ ...identity, headAddress }, monotonicMillis(0));
  }

  learns(...inputs: readonly EnrolmentInput[]): string[] {
    let did: readonly EnrolmentDirective[] = [];
    for (const input of inputs)
      [this.state, did] = onEnrolmentInput(this.state, input, monotonicMillis(this.now), 0);
    return did.flatMap((one) =>
      one.d === 'screen' || one.d === 'wake'
        ? []
        : 'address' in one
          ? [`${one.d} ${one.address}`]
          : [one.d],
    );
  }

  passes(span: number): this {
    this.now += span;
    return this;
  }
}
const linked = (): Seeker => {
  const pc = new Seeker();
  pc.learns(tick, seen(), { t: 'enrolled', until: monotonicMillis(hours(24)) }, { t: 'link-open' });
  return pc;
};

describe('a PC that looks for its head', () => {
  test('asks every second at first, then every five', () => {
    const pc = new Seeker();
    expect([pc.learns(tick), pc.learns(tick), pc.passes(seconds(1)).learns(tick)]).toEqual([
      ['ask'],
      [],
      ['ask'],
    ]);
    pc.passes(seconds(15)).learns(tick);
    expect([pc.passes(seconds(4)).learns(tick), pc.passes(seconds(1)).learns(tick)]).toEqual([
      [],
      ['ask'],
    ]);
  });

  test('enrols where it is seen, links with what it got, and asks no more', () => {
    const pc = new Seeker();
    pc.learns(tick);
    expect(pc.learns(seen())).toEqual([`enrol ${head}`]);
    expect(pc.learns(seen(), tick)).toEqual([]);
    expect(pc.learns({ t: 'enrolled', until: monotonicMillis(hours(24)) })).toEqual([
      `link ${head}`,
    ]);
    expect(pc.learns({ t: 'link-open' })).toEqual(['rest']);
    expect(pc.passes(minutes(1)).learns(tick)).toEqual([]);
  });

  test('tries the fixed address of its medium when multicast has had its chance', () => {
    const pc = new Seeker('fixed:1');
    expect(pc.passes(seconds(2) - 1).learns(tick)).toEqual(['ask']);
    expect(pc.passes(1).learns(tick)).toEqual(['enrol fixed:1']);
  });

  test('has one try in flight, and the next after its pause', () => {
    const pc = new Seeker();
    pc.learns(tick, seen());
    expect(pc.learns(unreachable)).toEqual([]);
    expect(pc.passes(99).learns(tick)).toEqual([]);
    expect(pc.passes(1).learns(tick)).toEqual([`enrol ${head}`]);
    expect(pc.learns(unreachable, unreachable)).toEqual([]);
    expect(pc.state.failures).toBe(2);
  });

  test('goes at once to where its head has moved', () => {
    const pc = new Seeker();
    pc.learns(tick, seen(), failed({ why: 'no-token' }));
    expect(pc.learns(seen('10.0.0.2:7411'))).toEqual(['enrol 10.0.0.2:7411']);
  });
});

describe('heads that are not ours', () => {
  test('are told of this PC, once a minute, when our own does not show up', () => {
    const pc = new Seeker();
    pc.learns(tick, seen('other:1', 'b'.repeat(64), 'lab-b'));
    expect(pc.passes(seconds(5)).learns(tick)).toContain('tell other:1');
    expect(pc.passes(seconds(59)).learns(tick)).not.toContain('tell other:1');
    expect(pc.passes(seconds(1)).learns(tick)).toContain('tell other:1');
    pc.learns(seen());
    expect(pc.passes(minutes(5)).learns(unreachable)).not.toContain('tell other:1');
  });

  test('with our id and another key are known as that', () => {
    const pc = new Seeker();
    pc.learns(tick, seen('fake:1', 'b'.repeat(64)));
    expect(pc.state.otherHeads.get('fake:1')?.impostor).toBe(true);
    expect(pc.state.addresses).toEqual([]);
  });

  test('that announce our key and do not have it are told, and tried last', () => {
    const pc = new Seeker();
    pc.learns(tick, seen('fake:1'));
    expect(pc.learns(wrongKey)).toEqual(['tell fake:1']);
    pc.learns(seen(), wrongKey);
    expect(pc.state.addresses).toEqual(['fake:1', head]);
  });
});

describe('a link', () => {
  test('that breaks is made again with the same certificate', () => {
    const pc = linked();
    expect(
      pc.learns({ t: 'link-closed', closing: { why: 'closed', code: 1006, reason: '' } }),
    ).toEqual(['ask']);
    expect(pc.passes(100).learns(tick)).toEqual([`link ${head}`]);
  });

  test('whose certificate is refused begins with another one', () => {
    const pc = linked();
    pc.learns({ t: 'link-closed', closing: { why: 'certificate-refused', reason: '' } });
    expect(pc.passes(100).learns(tick)).toContain(`enrol ${head}`);
  });

  test('of a certificate that is over meanwhile begins with another one', () => {
    const pc = linked();
    pc.passes(hours(24)).learns({
      t: 'link-closed',
      closing: { why: 'closed', code: 1006, reason: '' },
    });
    expect(pc.passes(100).learns(tick)).toContain(`enrol ${head}`);
  });

  test('renews its certificate when three quarters of it are over, and tries again in ten minutes', () => {
    const pc = linked();
    expect(pc.passes(hours(18) - 1).learns(tick)).toEqual([]);
    expect(pc.passes(1).learns(tick)).toEqual([`renew ${head}`]);
    expect(pc.learns({ t: 'renew-failed' })).toEqual([]);
    expect(pc.passes(minutes(10) - 1).learns(tick)).toEqual([]);
    expect(pc.passes(1).learns(tick)).toEqual([`renew ${head}`]);
    expect(pc.learns({ t: 'enrolled', until: monotonicMillis(pc.now + hours(24)) })).toEqual([]);
    expect(pc.state.certificate?.renewAt).toBe(pc.now + hours(18));
  });

  test('that opens though nobody waits for it changes nothing', () => {
    const pc = new Seeker();
    pc.learns(tick, { t: 'link-open' }, { t: 'renew-failed' });
    expect(pc.state.phase.at).toBe('waiting');
  });
});
