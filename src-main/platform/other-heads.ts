import { seconds, type Millis } from '../../shared/base/units.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { serviceType } from '../../shared/wire/enrolment.ts';

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

/**
 * Other heads of this very lab. The check at a head's start finds none across a network that is split; when it heals,
 * each of the two hears the other here.
 */
export class OtherHeads {
  readonly #name: string;
  readonly #port: number;
  readonly #isOwn: (address: string) => boolean;
  readonly #clock: Clock;
  readonly #onChange: () => void;
  #told: string | null = null;
  readonly #heardAt = new Map<string, number>();

  constructor(
    lab: { readonly id: string; readonly port: number },
    isOwn: (address: string) => boolean,
    clock: Clock,
    onChange: () => void,
  ) {
    this.#name = `${instanceName(lab.id)}._${serviceType}._tcp.local`.toLowerCase();
    this.#port = lab.port;
    this.#isOwn = isOwn;
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
      if (typeof port !== 'number' || (port === this.#port && this.#isOwn(from))) continue;
      if (ttl === 0) this.#heardAt.delete(`${from}:${port}`);
      else this.#heardAt.set(`${from}:${port}`, this.#clock.now());
    }
    // Our own answers are heard, too, every `askEvery`: so one that fell silent is missed, as well.
    if (this.current() === this.#told) return;
    this.#told = this.current();
    this.#onChange();
  }

  /** `host:port`; null while none is heard. */
  current(): string | null {
    for (const [where, at] of this.#heardAt)
      if (this.#clock.now() - at > forgottenAfter) this.#heardAt.delete(where);
    return [...this.#heardAt.keys()].sort()[0] ?? null;
  }
}

/** One name per lab: a second head of it is noticed by it. */
export const instanceName = (labId: string): string => `nightshift-${labId}`;
