import { ok, type Result } from '../../shared/base/result.ts';
import type { MacAddress } from '../../shared/domain/mac-address.ts';
import type {
  BootMaterial,
  BootServer,
  FirstStageFiles,
  Probes,
  ProxyInterface,
  ProxyListener,
  ProxyServer,
  RunningBootServer,
  RunningProxy,
} from '../ports/netboot.ts';
import { grubEntranceScript } from '../core/netboot/boot-scripts.ts';
import { decodeQuestion } from '../core/netboot/dhcp-packet.ts';
import { firstStage, homeHosts, proxyConfig } from '../core/netboot/dnsmasq-config.ts';
import { emptyProxyLog, onProxyLine } from '../core/netboot/dnsmasq-log.ts';
import type { BootRequestsShell } from './boot-requests-shell.ts';

export interface ServingPorts {
  readonly proxy: ProxyServer;
  readonly server: BootServer;
  readonly probes: Pick<Probes, 'neighbour'>;
  /** Boot loaders, fetched if need be. */
  loaders(): Promise<Result<FirstStageFiles>>;
  /** Kernel and image, built if need be. */
  material(): Promise<Result<BootMaterial>>;
}

/** Who boots the lab at this moment, as dnsmasq is told. */
export interface Answers {
  readonly byDay: boolean;
  /** PCs that boot their own disk though it is night. */
  readonly home: readonly MacAddress[];
}

/** The boot files' server on some interfaces and, while network boot is on, dnsmasq; floppies need only the files. */
export class BootServing {
  readonly interfaces: readonly ProxyInterface[];
  readonly #ports: ServingPorts;
  readonly #requests: BootRequestsShell;
  /** What dnsmasq gives out; null: there is no dnsmasq. */
  readonly #loaders: FirstStageFiles | null;
  readonly #server: RunningBootServer;
  readonly #onProxyEnded: (reason: string) => void;
  #proxy: RunningProxy | undefined;
  #answers: Answers = { byDay: true, home: [] };

  private constructor(
    ports: ServingPorts,
    requests: BootRequestsShell,
    made: { loaders: FirstStageFiles | null; server: RunningBootServer },
    interfaces: readonly ProxyInterface[],
    onProxyEnded: (reason: string) => void,
  ) {
    this.#ports = ports;
    this.#requests = requests;
    this.#loaders = made.loaders;
    this.#server = made.server;
    this.interfaces = interfaces;
    this.#onProxyEnded = onProxyEnded;
  }

  /** With the files' server up; dnsmasq is still to be started. */
  static async open(
    ports: ServingPorts,
    requests: BootRequestsShell,
    interfaces: readonly ProxyInterface[],
    onProxyEnded: (reason: string) => void,
  ): Promise<Result<BootServing>> {
    const ready = await ports.proxy.ready();
    if (!ready.ok) return ready;
    const loaders = await ports.loaders();
    if (!loaders.ok) return loaders;
    return BootServing.#openFiles(ports, requests, interfaces, loaders.value, onProxyEnded);
  }

  /** Only the files' server: nobody answers PCs that ask the network what to boot. */
  static openFilesOnly(
    ports: ServingPorts,
    requests: BootRequestsShell,
    interfaces: readonly ProxyInterface[],
  ): Promise<Result<BootServing>> {
    return BootServing.#openFiles(ports, requests, interfaces, null, () => undefined);
  }

  static async #openFiles(
    ports: ServingPorts,
    requests: BootRequestsShell,
    interfaces: readonly ProxyInterface[],
    loaders: FirstStageFiles | null,
    onProxyEnded: (reason: string) => void,
  ): Promise<Result<BootServing>> {
    const material = await ports.material();
    if (!material.ok) return material;
    const addresses = interfaces.map(({ address }) => address);
    const server = await ports.server.open(addresses, material.value, requests);
    if (!server.ok) return server;
    const made = { loaders, server: server.value };
    return ok(new BootServing(ports, requests, made, interfaces, onProxyEnded));
  }

  get httpPort(): number {
    return this.#server.port;
  }

  get answers(): Answers {
    return this.#answers;
  }

  /** Whether PCs that ask the network what to boot get an answer, as far as they should. */
  get isAnswering(): boolean {
    return this.#loaders === null || this.#proxy !== undefined;
  }

  /** Where the boot files are, `host:port`. */
  get fileAddresses(): readonly string[] {
    return this.interfaces.map(({ address }) => `${address}:${this.httpPort}`);
  }

  /** Starts dnsmasq, or starts it anew when it has to give other answers. */
  async answer(answers: Answers): Promise<Result<null>> {
    await this.#proxy?.stop();
    this.#proxy = undefined;
    this.#answers = answers;
    if (this.#loaders === null) return ok(null);
    const { httpPort, interfaces } = this;
    const { byDay, home } = answers;
    const { bios, uefi, uefiSecond } = this.#loaders;
    const started = await this.#ports.proxy.start(
      {
        configuration: (places) => proxyConfig({ interfaces, httpPort, byDay }, places),
        texts: [{ name: firstStage.grubConfig, text: grubEntranceScript(httpPort) }],
        files: [
          { name: firstStage.bios, file: bios },
          { name: firstStage.uefi, file: uefi },
          { name: firstStage.uefiSecond, file: uefiSecond },
        ],
        hosts: homeHosts(home),
      },
      this.#listener(),
    );
    if (!started.ok) return started;
    this.#proxy = started.value;
    return ok(null);
  }

  /** While dnsmasq runs on. */
  setHome(home: readonly MacAddress[]): void {
    this.#answers = { ...this.#answers, home };
    this.#proxy?.setHosts(homeHosts(home));
  }

  async close(): Promise<void> {
    await this.#proxy?.stop();
    this.#proxy = undefined;
    await this.#server.close();
  }

  #listener(): ProxyListener {
    let log = emptyProxyLog;
    return {
      line: (line) => {
        const [next, event] = onProxyLine(log, line);
        log = next;
        if (event?.t === 'first-stage' || event?.t === 'transfer-broken') {
          this.#requests.sight({
            ...event,
            mac: this.#ports.probes.neighbour(event.address) ?? null,
          });
        } else if (event) this.#requests.sight(event);
      },
      question: (packet) => {
        const asked = decodeQuestion(packet);
        // dnsmasq passes over them without a word of who asked.
        if (asked?.vendorClass.startsWith('HTTPClient')) {
          this.#requests.sight({ t: 'http-boot', mac: asked.mac });
        }
      },
      ended: (reason) => {
        this.#proxy = undefined;
        this.#onProxyEnded(reason);
      },
    };
  }
}
