import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { epochMillis, minutes, monotonicMillis, seconds } from '../../../shared/base/units.ts';
import {
  approvalCodeOf,
  approvalText,
  commitmentKey,
  commitmentText,
  committedNonce,
  parseApprovalCode,
} from '../../../shared/domain/approval-code.ts';
import { protocolVersion } from '../../../shared/wire/codec.ts';
import type { AskRequest } from '../../../shared/wire/enrolment.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import {
  approvalBook,
  decideCode,
  forgetPc,
  type ApprovalBook,
} from '../../../src-main/core/identity/approval-book.ts';
import { emptyAskLimit, mayAsk } from '../../../src-main/core/identity/ask-limit.ts';
import { decideAsking } from '../../../src-main/core/identity/ask-approval.ts';
import { emptyNonceBook, issueNonce } from '../../../src-main/core/identity/nonce-book.ts';
import { factsOf } from './member-facts.ts';

const lab = { id: 'lab-a', name: 'Room 101' };
const hmac = (key: string, text: string): string =>
  createHmac('sha256', key).update(text).digest('hex');

/** A head's enrolment with PCs without tokens before it, on a clock turned by hand. */
class Enrolment {
  books = { approvals: approvalBook([]), nonces: emptyNonceBook };
  now = 1_000_000;

  wait(span: number): this {
    this.now += span;
    return this;
  }

  /** `key`: the PC's own; it asks with the nonce it got for that key at first. */
  ask(
    pc: {
      machine: string;
      key: string;
      hardware?: string;
      address?: string;
      committedTo?: { machine: string; key: string };
    },
    change: Partial<AskRequest> = {},
  ): string {
    const committed = pc.committedTo ?? pc;
    const nonce = committedNonce(
      `nonce of ${pc.key}`,
      hmac(commitmentKey, commitmentText(committed.machine, committed.key)),
    );
    const request: AskRequest = {
      protocol: protocolVersion,
      labId: lab.id,
      nonce,
      request: '-',
      wantedName: null,
      hardware: (pc.hardware ?? 'a').repeat(64),
      facts: { ...factsOf(pc.machine), cpuFeatures: [], packs: [] },
      ...change,
    };
    const now = monotonicMillis(this.now);
    if (!this.#challenged.has(nonce)) {
      this.#challenged.add(nonce);
      this.books = { ...this.books, nonces: issueNonce(this.books.nonces, nonce, now) };
    }
    const [books, verdict] = decideAsking(this.books, {
      lab,
      request,
      headKey: 'head',
      publicKeySha256: pc.key,
      address: pc.address ?? '10.0.0.7',
      now,
      wall: epochMillis(this.now),
      hmac,
    });
    this.books = books;
    if (!verdict.ok) return verdict.error.code;
    return verdict.value.in ? 'in' : verdict.value.code;
  }

  type(code: string, verdict: 'approved' | 'refused' = 'approved'): string {
    const [approvals, decided] = decideCode(
      this.books.approvals,
      code,
      verdict,
      monotonicMillis(this.now),
      epochMillis(this.now),
    );
    this.books = { ...this.books, approvals };
    return decided.ok ? decided.value.machineKey : refusalWords(decided.error);
  }

  set approvals(approvals: ApprovalBook) {
    this.books = { ...this.books, approvals };
  }

  readonly #challenged = new Set<string>();
}

const pc = { machine: '52:54:00:00:00:01', key: 'k1' };

describe('a PC without a token', () => {
  test('shows one code for as long as it waits, and comes in once that is typed', () => {
    const enrolment = new Enrolment();
    const code = enrolment.ask(pc);
    expect(code).toMatch(/^[A-Z0-9]{4}-[A-Z0-9]{2}$/);
    expect(enrolment.wait(seconds(3)).ask(pc)).toBe(code);
    expect(enrolment.type(code.toLowerCase().replace('-', ' '))).toBe(pc.machine);
    expect(enrolment.ask(pc)).toBe('in');
  });

  test('needs no code at its next boot, with another key', () => {
    const enrolment = new Enrolment();
    enrolment.type(enrolment.ask(pc));
    enrolment.ask(pc);
    expect(enrolment.wait(minutes(600)).ask({ ...pc, key: 'k2' })).toBe('in');
  });

  test('is another PC when only its network card is the same', () => {
    const enrolment = new Enrolment();
    enrolment.type(enrolment.ask(pc));
    expect(enrolment.ask({ ...pc, key: 'k2', hardware: 'b' })).toMatch(/-/);
  });

  test('waits again once it was forgotten', () => {
    const enrolment = new Enrolment();
    enrolment.type(enrolment.ask(pc));
    enrolment.approvals = forgetPc(enrolment.books.approvals, pc.machine);
    expect(enrolment.ask({ ...pc, key: 'k2' })).toMatch(/-/);
  });

  test('that was refused stays out, at its next boot too, until it is forgotten', () => {
    const enrolment = new Enrolment();
    expect(enrolment.type(enrolment.ask(pc), 'refused')).toBe(pc.machine);
    expect(enrolment.ask(pc)).toBe('kept-out');
    expect(enrolment.ask({ ...pc, key: 'k2' })).toBe('kept-out');
    enrolment.approvals = forgetPc(enrolment.books.approvals, pc.machine);
    expect(enrolment.ask({ ...pc, key: 'k3' })).toMatch(/-/);
  });

  test('does not come in by the code of another', () => {
    const enrolment = new Enrolment();
    const mine = enrolment.ask(pc);
    const other = { machine: pc.machine, key: 'k2', address: '10.0.0.8' };
    expect(enrolment.ask(other)).not.toBe(mine);
    enrolment.type(mine);
    // It says that it is the same machine, but cannot know what its mainboard says of itself.
    expect(enrolment.ask({ ...other, key: 'k3', hardware: 'c' })).toMatch(/-/);
  });

  test('of another lab or protocol is told so', () => {
    const enrolment = new Enrolment();
    expect(enrolment.ask(pc, { labId: 'lab-b' })).toBe('wrong-lab');
    expect(enrolment.ask(pc, { protocol: 99 })).toBe('protocol');
  });

  test('asks for a new code when the old one is too old, or the head does not know it', () => {
    const enrolment = new Enrolment();
    const code = enrolment.ask(pc);
    for (let asked = 0; asked < 15 * 2 + 1; asked += 1) {
      enrolment.wait(seconds(30));
      if (enrolment.ask(pc) === 'stale-challenge') break;
    }
    expect(enrolment.type(code)).toContain(`no PC waits with the code ${code}`);
    expect(enrolment.ask(pc)).toBe('stale-challenge');
    expect(enrolment.ask({ ...pc, key: 'k2' })).toMatch(/-/);
  });
});

describe('whoever made a PC talk to another head cannot bring its code to this one', () => {
  // The kind: other keys, another network card, another head's challenge, a key found for a known challenge.
  test('a challenge is good for the key and the network card that it was given for', () => {
    const enrolment = new Enrolment();
    expect(enrolment.ask({ ...pc, committedTo: { machine: pc.machine, key: 'k9' } })).toBe(
      'stale-challenge',
    );
    expect(enrolment.ask({ ...pc, key: 'k2', committedTo: { machine: 'm9', key: 'k2' } })).toBe(
      'stale-challenge',
    );
    expect(enrolment.ask({ ...pc, key: 'k3' }, { nonce: 'a plain one' })).toBe('stale-challenge');
  });

  test('the code is made with the key of the head that the PC believes in', () => {
    const digest = (headKey: string): string => hmac('n', approvalText(headKey, 'm', 'k'));
    expect(approvalCodeOf(digest('head'))).not.toBe(approvalCodeOf(digest('impostor')));
  });

  test('tries are few, from one address and from all, and a room that boots at once has enough', () => {
    let limit = emptyAskLimit;
    const tries = (address: string, count: number, now: number): number => {
      let had = 0;
      for (let asked = 0; asked < count; asked += 1) {
        const [after, may] = mayAsk(limit, address, monotonicMillis(now));
        limit = after;
        if (may) had += 1;
      }
      return had;
    };
    expect(tries('10.0.0.1', 50, 1000)).toBe(8);
    expect(tries('10.0.0.1', 50, 1000 + 5000)).toBe(1);
    const room = Array.from({ length: 40 }, (_, pc) => tries(`10.0.1.${pc}`, 1, 10_000));
    expect(room.every((had) => had === 1)).toBe(true);
    // As long as one code is good, from a thousand addresses.
    let had = 0;
    for (let second = 0; second < 15 * 60; second += 1)
      had += tries(`10.0.${2 + (second % 4)}.${second % 250}`, 5, 20_000 + second * 1000);
    expect(had).toBeLessThan(64 + 15 * 60 * 2 + 1);
  });
});

describe('codes at the head', () => {
  test('a PC that was switched off cannot be let in any more', () => {
    const enrolment = new Enrolment();
    const code = enrolment.ask(pc);
    expect(enrolment.wait(minutes(2)).type(code)).toContain('a code is good for 15 minutes');
  });

  test('five wrong ones within a minute are enough, and then even the right one waits', () => {
    const enrolment = new Enrolment();
    const code = enrolment.ask(pc);
    for (const wrong of ['AAAA-AA', 'CCCC-CC', 'DDDD-DD', 'EEEE-EE', 'FFFF-FF']) {
      expect(enrolment.type(wrong)).toContain('no PC waits');
    }
    expect(enrolment.type(code)).toContain('too many wrong codes');
    enrolment.wait(seconds(40)).ask(pc);
    expect(enrolment.wait(seconds(21)).type(code)).toBe(pc.machine);
  });

  test('a slip of the hand is no guess', () => {
    const enrolment = new Enrolment();
    const code = enrolment.ask(pc);
    for (let tries = 0; tries < 20; tries += 1) enrolment.type('AAA');
    expect(enrolment.type(code)).toBe(pc.machine);
  });

  test('one address may have four PCs waiting, and the lab two hundred', () => {
    const enrolment = new Enrolment();
    const flood = (address: string): string[] =>
      Array.from({ length: 6 }, (_, index) =>
        enrolment.ask({ machine: `m${index}`, key: `k${address}${index}`, address }),
      );
    expect(flood('10.0.0.1').slice(4)).toEqual(['too-many-waiting', 'too-many-waiting']);
    for (let host = 2; host <= 60; host += 1) flood(`10.0.0.${host}`);
    expect(enrolment.books.approvals.waiting.size).toBe(200);
  });

  test('are read back however they are typed, and say what is wrong with what is none', () => {
    const digest = fc.stringMatching(/^[0-9a-f]{64}$/);
    fc.assert(
      fc.property(digest, (hex) => {
        const code = approvalCodeOf(hex);
        expect(parseApprovalCode(` ${code.toLowerCase()} `)).toEqual({ ok: true, value: code });
      }),
    );
    const sentenceOf = (text: string): string => {
      const parsed = parseApprovalCode(text);
      return parsed.ok ? '' : refusalWords(parsed.error);
    };
    expect(sentenceOf('K0MQ4F')).toContain('"0" is never among them');
    expect(sentenceOf('K7MQ')).toContain('has 6 letters and digits');
  });
});
