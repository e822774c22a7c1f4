import { millis } from '../shared/base/units.ts';
import type { MemberId } from '../shared/domain/ids.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { MemberFacts } from '../shared/domain/member.ts';
import type { MemberLinks, MemberLinksListener } from '../shared/ports/member-link.ts';
import {
  decodeToHead,
  decodeToMember,
  encodeToHead,
  encodeToMember,
  protocolVersion,
} from '../shared/wire/codec.ts';
import type { Result } from '../shared/base/result.ts';
import type { ToHead } from '../shared/wire/to-head.ts';
import type { ToMember } from '../shared/wire/to-member.ts';
import { refusalWords } from '../shared/words/refusal-words.ts';
import type { SeededRng } from './seeded-rng.ts';

interface Wire {
  readonly onMessage: (message: ToMember) => void;
  readonly onClosed: () => void;
  readonly dialect: Dialect;
  open: boolean;
  cut: boolean;
  /** Earliest moment of the next delivery each way: messages stay in order. */
  up: number;
  down: number;
}

/** How a member system reads and writes; those of other versions do it in their own way. */
export interface Dialect {
  decodeToMember(text: string): Result<ToMember>;
  encodeToHead(message: ToHead): string;
}

/** The same of a head. */
export interface HeadDialect {
  decodeToHead(text: string): Result<ToHead>;
  encodeToMember(message: ToMember): string;
}

/** The lab's network in memory: ordered links with latency that can be cut; a cut link swallows what is sent. */
export class SimulatedLinks implements MemberLinks {
  readonly #wires = new Map<MemberId, Wire>();
  readonly #clock: Clock;
  readonly #rng: SeededRng;
  #listener: MemberLinksListener | undefined;
  /** Of the member systems that link from now on. */
  dialectOf: (member: MemberId) => Dialect = () => ({ decodeToMember, encodeToHead });
  /** How the head reads and writes. */
  headDialect: HeadDialect = { decodeToHead, encodeToMember };

  constructor(clock: Clock, rng: SeededRng) {
    this.#clock = clock;
    this.#rng = rng;
  }

  listen(listener: MemberLinksListener): void {
    this.#listener = listener;
  }

  /** The head's process is gone: all its ends close, nobody listens. */
  headDied(): void {
    this.#listener = undefined;
    for (const wire of this.#wires.values()) this.#drop(wire, false);
    this.#wires.clear();
  }

  headIsUp(): boolean {
    return this.#listener !== undefined;
  }

  /** What the head says to a link that would say hello with these facts. */
  refusalOf(member: MemberId, facts: MemberFacts): string | undefined {
    const hello = { t: 'hello' as const, protocol: protocolVersion, facts, attempts: [] };
    return this.#listener?.refusalOf?.(member, hello);
  }

  connect(member: MemberId, onMessage: (message: ToMember) => void, onClosed: () => void): boolean {
    if (!this.#listener) return false;
    const old = this.#wires.get(member);
    if (old) this.#drop(old, false);
    const dialect = this.dialectOf(member);
    this.#wires.set(member, {
      onMessage,
      onClosed,
      dialect,
      open: true,
      cut: false,
      up: 0,
      down: 0,
    });
    return true;
  }

  disconnect(member: MemberId): void {
    const wire = this.#wires.get(member);
    if (!wire) return;
    this.#wires.delete(member);
    wire.open = false;
    this.#listener?.onClosed(member);
  }

  /** Power gone or cable cut: neither end is told. */
  silence(member: MemberId): void {
    const wire = this.#wires.get(member);
    if (wire) wire.cut = true;
  }

  send(member: MemberId, message: ToMember): boolean {
    const wire = this.#wires.get(member);
    if (!wire?.open) return false;
    const text = this.headDialect.encodeToMember(message);
    wire.down = Math.max(wire.down, this.#clock.now() + 1 + this.#rng.below(8));
    this.#clock.after('to member', millis(wire.down - this.#clock.now()), () => {
      if (!wire.open || wire.cut) return;
      const decoded = wire.dialect.decodeToMember(text);
      if (!decoded.ok) throw new Error(refusalWords(decoded.error));
      wire.onMessage(decoded.value);
    });
    return true;
  }

  sendToHead(member: MemberId, message: ToHead): void {
    const wire = this.#wires.get(member);
    if (!wire?.open || wire.cut) return;
    const text = wire.dialect.encodeToHead(message);
    // What is said in passing takes no throw of the dice, or every seed would be another night.
    const latency = message.t === 'usage' ? 1 : 1 + this.#rng.below(8);
    wire.up = Math.max(wire.up, this.#clock.now() + latency);
    this.#clock.after('to head', millis(wire.up - this.#clock.now()), () => {
      if (!wire.open || wire.cut) return;
      const decoded = this.headDialect.decodeToHead(text);
      if (!decoded.ok) throw new Error(refusalWords(decoded.error));
      this.#listener?.onMessage(member, decoded.value);
    });
  }

  close(member: MemberId): void {
    const wire = this.#wires.get(member);
    if (!wire) return;
    this.#wires.delete(member);
    this.#drop(wire, wire.cut);
  }

  #drop(wire: Wire, silently: boolean): void {
    wire.open = false;
    if (!silently) this.#clock.after('link closed', millis(1), wire.onClosed);
  }
}
