import { Bonjour, type Browser, type Service } from 'bonjour-service';
import type { HeadFinder, NicSight, SeenHead } from '../../ports/head-client.ts';
import { announcementSchema, serviceType } from '../../../shared/wire/enrolment.ts';
import { decodeSafely } from '../../../shared/wire/decode-safely.ts';
import { wiredNics } from '../pc/wired-nics.ts';

interface Ear {
  readonly bonjour: Bonjour;
  browser: Browser | undefined;
}

/** mDNS on every wired interface that has an address. */
export class MulticastHeadFinder implements HeadFinder {
  readonly #ears = new Map<string, Ear>();
  readonly #log: (line: string) => void;
  #onHead: (head: SeenHead) => void = () => undefined;

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  sights(): readonly NicSight[] {
    return wiredNics();
  }

  listen(onHead: (head: SeenHead) => void): void {
    this.#onHead = onHead;
  }

  ask(): void {
    this.#followInterfaces();
    for (const ear of this.#ears.values()) {
      // A browser tells of each service once; a new one asks the network and tells again.
      ear.browser?.stop();
      ear.browser = ear.bonjour.find({ type: serviceType }, (service) => this.#onService(service));
    }
  }

  rest(): void {
    for (const [address, ear] of this.#ears) this.#close(address, ear);
  }

  #followInterfaces(): void {
    const here = new Set(
      wiredNics().flatMap(({ link, address }) => (link && address !== null ? [address] : [])),
    );
    for (const [address, ear] of this.#ears) {
      if (!here.has(address)) this.#close(address, ear);
    }
    for (const address of here) {
      if (!this.#ears.has(address))
        this.#ears.set(address, { bonjour: this.#open(address), browser: undefined });
    }
  }

  #close(address: string, ear: Ear): void {
    this.#ears.delete(address);
    ear.browser?.stop();
    ear.bonjour.destroy();
  }

  #onService(service: Service): void {
    const announcement = decodeSafely(announcementSchema, service.txt);
    // Where the answer came from, not what it says: a head with many addresses is reached by this one.
    const host = service.referer?.address;
    if (!announcement.success || host === undefined) return;
    this.#onHead({ announcement: announcement.data, address: `${host}:${service.port}` });
  }

  /** `interface` alone hears nothing on Linux, hence `bind`; without error listeners a pulled cable would throw. */
  #open(address: string): Bonjour {
    const report = (error: unknown): void =>
      this.#log(`mDNS on ${address}: ${error instanceof Error ? error.message : String(error)}`);
    const options = { interface: address, bind: '0.0.0.0' };
    const bonjour = new Bonjour(options as ConstructorParameters<typeof Bonjour>[0], report);
    const { mdns } = (bonjour as unknown as { server: { mdns: NodeJS.EventEmitter } }).server;
    mdns.on('error', report);
    mdns.on('warning', report);
    return bonjour;
  }
}
