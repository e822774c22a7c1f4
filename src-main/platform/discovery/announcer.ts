import { Bonjour, type Service } from 'bonjour-service';
import { seconds } from '../../../shared/base/units.ts';
import type { Clock, Disposable } from '../../../shared/ports/clock.ts';
import {
  announcementSchema,
  serviceType,
  type Announcement,
} from '../../../shared/wire/enrolment.ts';
import type { Knock } from './knock.ts';
import type { LabInterface } from './lab-interfaces.ts';
import { decodeSafely } from '../../../shared/wire/decode-safely.ts';
import { askEvery, instanceName, type HeardPacket, type OtherHeads } from './other-heads.ts';

/** How often new interfaces are looked for: the practice lab's bridge, a cable that was plugged in. */
const lookEvery = seconds(0.5);
const goodbyeWithin = seconds(0.3);
/** Announcements that are followed up at a start. */
const impostorsAtMost = 16;

/** Where PCs of the lab may be, at this moment. */
export type Interfaces = () => readonly LabInterface[];

/** A text of a DNS record has at most 255 bytes, its name among them; by what PCs know the lab is its id. */
const announcedAtMost = 200;
export const announcedName = (name: string): string => {
  const letters = [...name];
  while (Buffer.byteLength(letters.join('')) > announcedAtMost) letters.pop();
  return letters.join('');
};

/** Publishes `_nightshift._tcp` on every interface a PC of the lab may be behind. */
export class Announcer {
  readonly #clock: Clock;
  readonly #announcement: Announcement;
  readonly #port: number;
  readonly #interfaces: Interfaces;
  readonly #others: OtherHeads;
  readonly #log: (line: string) => void;
  readonly #voices = new Map<string, Bonjour>();
  #next: Disposable | undefined;
  #asking: Disposable | undefined;

  constructor(
    clock: Clock,
    announcement: Announcement,
    port: number,
    interfaces: Interfaces,
    others: OtherHeads,
    log: (line: string) => void,
  ) {
    this.#others = others;
    this.#clock = clock;
    this.#announcement = announcement;
    this.#port = port;
    this.#interfaces = interfaces;
    this.#log = log;
  }

  start(): void {
    this.#look();
    this.#ask();
  }

  /** Says goodbye, so that nobody goes on looking at this address. */
  async stop(): Promise<void> {
    this.#next?.dispose();
    this.#asking?.dispose();
    await Promise.all([...this.#voices.keys()].map((address) => this.#silence(address, true)));
  }

  #look(): void {
    // A system that is out of descriptors has no interfaces to tell for a while; the head goes on without looking.
    try {
      const here = new Map(this.#interfaces().map(({ address, name }) => [address, name]));
      for (const address of this.#voices.keys()) {
        if (!here.has(address)) void this.#silence(address, false);
      }
      for (const [address, name] of here) {
        if (!this.#voices.has(address)) this.#speak(address, name);
      }
    } catch (error) {
      this.#log(`the interfaces could not be looked at: ${String(error)}`);
    }
    this.#next = this.#clock.after('look for interfaces', lookEvery, () => this.#look());
  }

  #ask(): void {
    for (const voice of this.#voices.values())
      mdnsOf(voice).query([{ name: `_${serviceType}._tcp.local`, type: 'PTR' }]);
    this.#asking = this.#clock.after('ask for other heads', askEvery, () => this.#ask());
  }

  #speak(address: string, name: string): void {
    const voice = openBonjour(address, (fault) =>
      this.#log(`mDNS on ${name} (${address}): ${fault}`),
    );
    this.#voices.set(address, voice);
    mdnsOf(voice).on('response', (packet, from) => this.#others.hear(packet, from.address));
    voice.publish({
      name: instanceName(this.#announcement.id),
      host: `${instanceName(this.#announcement.id)}.local`,
      type: serviceType,
      port: this.#port,
      txt: { ...this.#announcement },
      disableIPv6: true,
      // Probing would find our own instance on the next interface.
      probe: false,
    });
  }

  async #silence(address: string, goodbye: boolean): Promise<void> {
    const voice = this.#voices.get(address);
    this.#voices.delete(address);
    if (voice === undefined) return;
    if (goodbye) {
      await new Promise<void>((resolve) => {
        voice.unpublishAll(() => resolve());
        // On an interface without a cable nobody hears it, and it is never done.
        this.#clock.after('say goodbye', goodbyeWithin, resolve);
      });
    }
    voice.destroy();
  }
}

/**
 * `host:port` of another head that serves this very lab, if one answers within `patience`. Anybody can announce himself as
 * one; he counts when he has the lab's key, and is told to `onImpostor` when he has not.
 */
export async function findOtherHead(
  labId: string,
  interfaces: Interfaces,
  clock: Clock,
  knock: Knock,
  onImpostor: (where: string) => void,
  patience = seconds(1),
): Promise<string | undefined> {
  const ears = interfaces().map(({ address }) => openBonjour(address, () => undefined));
  if (ears.length === 0) return undefined;
  const knocked = new Map<string, Promise<boolean>>();
  try {
    return await new Promise((resolve) => {
      const onHead = (service: Service): void => {
        const announcement = decodeSafely(announcementSchema, service.txt);
        if (!announcement.success || announcement.data.id !== labId) return;
        const host = service.referer?.address ?? service.host;
        const where = `${host}:${service.port}`;
        if (knocked.has(where) || knocked.size >= impostorsAtMost) return;
        const answer = knock(host, service.port);
        knocked.set(where, answer);
        void answer.then((isHead) => (isHead ? resolve(where) : onImpostor(where)));
      };
      for (const ear of ears) ear.find({ type: serviceType }, onHead);
      clock.after('wait for another head', patience, () => {
        // Who was heard is waited for: a knock has its own limit.
        void Promise.all(knocked.values()).then(() => resolve(undefined));
      });
    });
  } finally {
    for (const ear of ears) ear.destroy();
  }
}

/**
 * One instance an interface: `interface` alone hears nothing on Linux, where multicast arrives only at sockets
 * bound to the group or to any address. Errors (no route, cable out) must not reach nobody: they would throw.
 */
function openBonjour(address: string, onFault: (fault: string) => void): Bonjour {
  const report = (error: unknown): void =>
    onFault(error instanceof Error ? error.message : String(error));
  const options = { interface: address, bind: '0.0.0.0' };
  const bonjour = new Bonjour(options as ConstructorParameters<typeof Bonjour>[0], report);
  const mdns = mdnsOf(bonjour);
  mdns.on('error', report);
  mdns.on('warning', report);
  return bonjour;
}

interface Mdns {
  on(event: 'error' | 'warning', listener: (error: unknown) => void): void;
  on(
    event: 'response',
    listener: (packet: HeardPacket, from: { readonly address: string }) => void,
  ): void;
  query(questions: readonly { readonly name: string; readonly type: 'PTR' }[]): void;
}

/** bonjour-service hides what it stands on. */
const mdnsOf = (bonjour: Bonjour): Mdns =>
  (bonjour as unknown as { server: { mdns: Mdns } }).server.mdns;
