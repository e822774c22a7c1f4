import { seconds, type Millis } from '../../../shared/base/units.ts';
import type { Clock } from '../../../shared/ports/clock.ts';
import { serviceType } from '../../../shared/wire/enrolment.ts';
import type { Knock } from './knock.ts';

/** How often heads are asked for; one that is as silent as three of these is gone. */
export const askEvery: Millis = seconds(30);
const forgottenAfter = 3 * askEvery;

/** RFC 6762: what multicast-dns makes of a packet, as far as it matters here. */
export interface HeardPacket {
  readonly answers?: readonly HeardRecord[];
  readonly additionals?: readonly HeardRecord[];
}
interface HeardRecord {
  readonly name: string;
  readonly type: string;
  /** Seconds; 0 is a goodbye. */
  readonly ttl?: number;
  readonly data?: unknown;
}

/** Whoever is named is knocked at once in this time, and so many at a time: packets cost nothing, knocks do. */
const knockEvery = askEvery / 2;
const knocksAtMost = 8;
const knownAtMost = 64;

/** What other heads are told apart by: this one's name, port and addresses, and who has its key. */
export interface OwnHead {
  readonly id: string;
  readonly port: number;
  readonly isOwn: (address: string) => boolean;
  readonly knock: Knock;
}

/**
 * Other heads of this very lab. The check at a head's start finds none across a network that is split; when it heals,
 * each of the two hears the other here. A packet alone proves nothing: only who has the lab's key at hand counts.
 */
export class OtherHeads {
  readonly #own: OwnHead;
  readonly #name: string;
  readonly #clock: Clock;
  readonly #onChange: () => void;
  #told: string | null = null;
  /** When it last proved itself. */
  readonly #provedAt = new Map<string, number>();
  readonly #knockedAt = new Map<string, number>();
  #knocking = 0;

  constructor(own: OwnHead, clock: Clock, onChange: () => void) {
    this.#own = own;
    this.#name = `${instanceName(own.id)}._${serviceType}._tcp.local`.toLowerCase();
    this.#clock = clock;
    this.#onChange = onChange;
  }

  hear(packet: HeardPacket, from: string): void {
    for (const { name, type, ttl, data } of [
      ...(packet.answers ?? []),
      ...(packet.additionals ?? []),
    ]) {
      if (type !== 'SRV' || name.toLowerCase() !== this.#name) continue;
      const port = (data as { readonly port?: unknown } | undefined)?.port;
      if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535)
        continue;
      if (port === this.#own.port && this.#own.isOwn(from)) continue;
      void this.#knock(from, port, ttl === 0);
    }
    // Our own answers are heard, too, every `askEvery`: so one that fell silent is missed, as well.
    this.#tell();
  }

  /** `host:port`; null while none is heard. */
  current(): string | null {
    for (const [where, at] of this.#provedAt)
      if (this.#clock.now() - at > forgottenAfter) this.#provedAt.delete(where);
    return [...this.#provedAt.keys()].sort()[0] ?? null;
  }

  /** Also after a goodbye, which anybody can say for somebody else. */
  async #knock(host: string, port: number, isGoodbye: boolean): Promise<void> {
    const where = `${host}:${port}`;
    const now = this.#clock.now();
    for (const [known, at] of this.#knockedAt)
      if (now - at >= knockEvery) this.#knockedAt.delete(known);
    const wasThere = this.#provedAt.has(where);
    if (this.#knockedAt.has(where) && !(isGoodbye && wasThere)) return;
    if (this.#knocking >= knocksAtMost || this.#knockedAt.size >= knownAtMost) return;
    this.#knockedAt.set(where, now);
    this.#knocking += 1;
    try {
      if (await this.#own.knock(host, port)) this.#provedAt.set(where, this.#clock.now());
      else this.#provedAt.delete(where);
    } finally {
      this.#knocking -= 1;
    }
    this.#tell();
  }

  #tell(): void {
    if (this.current() === this.#told) return;
    this.#told = this.current();
    this.#onChange();
  }
}

/** One name per lab: a second head of it is noticed by it. */
export const instanceName = (labId: string): string => `nightshift-${labId}`;
