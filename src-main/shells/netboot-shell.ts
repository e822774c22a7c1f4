import type { BootFinding, NetbootView } from '../../shared/api/netboot-views.ts';
import { ok, refuse, type Result } from '../../shared/base/result.ts';
import { epochMillis, millis, seconds, type EpochMillis } from '../../shared/base/units.ts';
import type { MacAddress } from '../../shared/domain/mac-address.ts';
import type { Clock, Disposable } from '../../shared/ports/clock.ts';
import type {
  BootMaterial,
  BootServer,
  FirstStageFiles,
  LabPc,
  NetbootSettings,
  NetbootSettingsStore,
  Probes,
  ProxyInterface,
  ProxyListener,
  ProxyServer,
  RunningBootServer,
  RunningProxy,
} from '../../shared/ports/netboot.ts';
import type { Rng } from '../../shared/ports/rng.ts';
import { formatBootHours, parseBootHours } from '../core/netboot/boot-hours.ts';
import { fetchesAtOnce } from '../core/netboot/boot-progress.ts';
import { grubEntranceScript } from '../core/netboot/boot-scripts.ts';
import { firstStage, homeHosts, proxyConfig } from '../core/netboot/dnsmasq-config.ts';
import { emptyProxyLog, onProxyLine } from '../core/netboot/dnsmasq-log.ts';
import { homePcs, isDay, type BootRule } from '../core/netboot/who-boots.ts';
import { BootDeskShell } from './boot-desk-shell.ts';
import { diagnosePlace } from './netboot-diagnosis.ts';

export interface NetbootPorts {
  readonly clock: Clock;
  readonly proxy: ProxyServer;
  readonly server: BootServer;
  readonly probes: Probes;
  readonly rng: Rng;
  readonly settings: NetbootSettingsStore;
  /** Boot loaders, fetched if need be. */
  loaders(): Promise<Result<FirstStageFiles>>;
  /** Kernel and image, built if need be. */
  material(): Promise<Result<BootMaterial>>;
  /** Where the lab's PCs are. */
  interfaces(): readonly ProxyInterface[];
  pcs(): readonly LabPc[];
  /** Minutes since midnight by this machine's time zone. */
  minuteOfDay(at: EpochMillis): number;
  log(line: string): void;
}

export interface NetbootWish {
  readonly interfaces: readonly string[] | null;
  readonly hours: string | null;
  readonly atOnce: number;
  readonly kernelOptions: string;
}

/** Day and night, given-back PCs and pulled cables are looked at this often. */
const lookEvery = seconds(5);
const longestWait = seconds(30);

const neverOn: NetbootSettings = {
  on: false,
  interfaces: null,
  hours: null,
  atOnce: fetchesAtOnce,
  kernelOptions: '',
  since: 0,
};

interface Serving {
  readonly interfaces: readonly ProxyInterface[];
  readonly loaders: FirstStageFiles;
  readonly server: RunningBootServer;
  proxy: RunningProxy | undefined;
  byDay: boolean;
  home: readonly MacAddress[];
}

/** Switches network boot on and off, and keeps dnsmasq and the boot files' server running. */
export class NetbootShell {
  readonly #ports: NetbootPorts;
  readonly #desk: BootDeskShell;
  readonly #woken = new Map<MacAddress, EpochMillis>();
  #settings: NetbootSettings;
  #serving: Serving | undefined;
  #problem: string | null = null;
  #failures = 0;
  #looking: Disposable | undefined;
  #retry: Disposable | undefined;
  /** One change at a time. */
  #queue: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(ports: NetbootPorts, lab: string) {
    this.#ports = ports;
    this.#desk = new BootDeskShell({
      clock: ports.clock,
      lab,
      kernelOptions: () => this.#settings.kernelOptions,
      atOnce: () => this.#settings.atOnce,
      bootsDisk: (mac) => this.#isDay() || this.#home(ports.clock.wall()).includes(mac),
    });
    this.#settings = ports.settings.load() ?? neverOn;
  }

  /** Goes on as it was when the head ended. */
  start(): void {
    if (!this.#settings.on) return;
    void this.#next(() => this.#begin()).then((begun) => {
      if (!begun.ok) this.#onTrouble(begun.error.sentence);
    });
  }

  async on(wish: NetbootWish): Promise<Result<NetbootView>> {
    const hours = wish.hours === null ? null : parseBootHours(wish.hours);
    if (hours !== null && !hours.ok) return hours;
    return this.#next(async () => {
      await this.#end();
      const before = this.#settings;
      this.#settings = {
        on: true,
        interfaces: wish.interfaces,
        hours: hours === null ? null : formatBootHours(hours.value),
        atOnce: wish.atOnce,
        kernelOptions: wish.kernelOptions,
        since: this.#ports.clock.wall(),
      };
      const begun = await this.#begin();
      if (!begun.ok) {
        this.#settings = { ...before, on: false };
        this.#ports.settings.save(this.#settings);
        return begun;
      }
      this.#ports.settings.save(this.#settings);
      return ok(this.status());
    });
  }

  off(): Promise<Result<NetbootView>> {
    return this.#next(async () => {
      await this.#end();
      this.#settings = { ...this.#settings, on: false };
      this.#ports.settings.save(this.#settings);
      return ok(this.status());
    });
  }

  /** Ends what runs; the setting stays. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#next(() => this.#end());
  }

  status(): NetbootView {
    const { on, hours, atOnce } = this.#settings;
    const serving = this.#serving;
    return {
      on,
      interfaces: (serving?.interfaces ?? []).map(({ name }) => name),
      hours,
      answer: !on ? null : this.#isDay() ? 'disk' : 'lab',
      httpPort: serving?.server.port ?? null,
      problem: this.#problem,
      atOnce,
      pcs: this.#desk.pcs(),
    };
  }

  /** `host:port` of the boot files, for what fetches them without having asked DHCP. */
  bootAddress(): string | null {
    const serving = this.#serving;
    const [first] = serving?.interfaces ?? [];
    return serving === undefined || first === undefined
      ? null
      : `${first.address}:${serving.server.port}`;
  }

  async diagnose(): Promise<Result<BootFinding[]>> {
    const interfaces = this.#chosen();
    if (!interfaces.ok) return interfaces;
    const { probes, rng } = this.#ports;
    const findings: BootFinding[] = [];
    if (this.#problem !== null) {
      findings.push({
        check: 'dnsmasq',
        ok: false,
        found: this.#problem,
        remedy: 'it is tried again and again; put the cause right.',
      });
    }
    for (const at of interfaces.value) {
      const serving = this.#serving?.interfaces.some(({ name }) => name === at.name)
        ? this.#serving
        : undefined;
      const httpPort = serving?.server.port ?? null;
      findings.push(
        ...(await diagnosePlace(probes, rng, { at, httpPort, stuck: this.#desk.stuck() })),
      );
    }
    return ok(findings);
  }

  /** A PC that somebody woke is wanted in the lab, though it was given back tonight. */
  woken(macs: readonly MacAddress[]): void {
    for (const mac of macs) this.#woken.set(mac, this.#ports.clock.wall());
    this.#look();
  }

  // ---- keeping it up

  async #begin(): Promise<Result<null>> {
    const interfaces = this.#chosen();
    if (!interfaces.ok) return interfaces;
    const material = await this.#ports.material();
    if (!material.ok) return material;
    const loaders = await this.#ports.loaders();
    if (!loaders.ok) return loaders;
    const addresses = interfaces.value.map(({ address }) => address);
    const server = await this.#ports.server.open(addresses, material.value, this.#desk);
    if (!server.ok) return server;
    this.#serving = {
      interfaces: interfaces.value,
      loaders: loaders.value,
      server: server.value,
      proxy: undefined,
      byDay: this.#isDay(),
      home: this.#home(this.#ports.clock.wall()),
    };
    const proxied = await this.#startProxy(this.#serving);
    if (!proxied.ok) {
      await this.#end();
      return proxied;
    }
    this.#lookLater();
    return ok(null);
  }

  async #startProxy(serving: Serving): Promise<Result<null>> {
    const { interfaces, loaders, server, byDay, home } = serving;
    const httpPort = server.port;
    const started = await this.#ports.proxy.start(
      {
        configuration: (places) => proxyConfig({ interfaces, httpPort, byDay }, places),
        texts: [{ name: firstStage.grubConfig, text: grubEntranceScript(httpPort) }],
        files: [
          { name: firstStage.bios, file: loaders.bios },
          { name: firstStage.uefi, file: loaders.uefi },
          { name: firstStage.uefiSecond, file: loaders.uefiSecond },
        ],
        hosts: homeHosts(home),
      },
      this.#listenTo(serving),
    );
    if (!started.ok) return started;
    serving.proxy = started.value;
    this.#problem = null;
    this.#failures = 0;
    return ok(null);
  }

  #listenTo(serving: Serving): ProxyListener {
    let log = emptyProxyLog;
    return {
      line: (line) => {
        const [next, event] = onProxyLine(log, line);
        log = next;
        if (event?.t === 'first-stage' || event?.t === 'transfer-broken') {
          this.#desk.sight({ ...event, mac: this.#ports.probes.neighbour(event.address) ?? null });
        } else if (event) this.#desk.sight(event);
      },
      ended: (reason) => {
        serving.proxy = undefined;
        this.#onTrouble(`dnsmasq ended: ${reason}`);
      },
    };
  }

  async #end(): Promise<void> {
    this.#looking?.dispose();
    this.#retry?.dispose();
    const serving = this.#serving;
    this.#serving = undefined;
    this.#problem = null;
    this.#failures = 0;
    await serving?.proxy?.stop();
    await serving?.server.close();
  }

  /** Tries again, ever more slowly, until it is switched off. */
  #onTrouble(problem: string): void {
    if (this.#closed || !this.#settings.on) return;
    if (this.#problem !== problem) this.#ports.log(`network boot: ${problem}`);
    this.#problem = problem;
    this.#failures += 1;
    const wait = millis(Math.min(longestWait, seconds(1) * 2 ** Math.min(this.#failures - 1, 10)));
    this.#retry?.dispose();
    this.#retry = this.#ports.clock.after('network boot again', wait, () => {
      void this.#next(async () => {
        if (this.#closed || !this.#settings.on) return ok(null);
        if (this.#serving === undefined) return this.#begin();
        return this.#serving.proxy ? ok(null) : this.#startProxy(this.#serving);
      }).then((again) => {
        if (!again.ok) this.#onTrouble(again.error.sentence);
      });
    });
  }

  #lookLater(): void {
    this.#looking?.dispose();
    this.#looking = this.#ports.clock.after('network boot', lookEvery, () => {
      this.#look();
      if (this.#serving) this.#lookLater();
    });
  }

  /** Follows day and night, the PCs that were given back, and the machine's own interfaces. */
  #look(): void {
    const serving = this.#serving;
    if (serving === undefined || this.#closed) return;
    const now = this.#ports.clock.wall();
    for (const pc of this.#ports.pcs()) {
      if (pc.isHere) this.#desk.arrived(pc);
    }
    const chosen = this.#chosen();
    const moved = chosen.ok && JSON.stringify(chosen.value) !== JSON.stringify(serving.interfaces);
    const byDay = this.#isDay();
    if (moved) {
      void this.#next(async () => {
        await this.#end();
        return this.#begin();
      }).then((begun) => {
        if (!begun.ok) this.#onTrouble(begun.error.sentence);
      });
      return;
    }
    if (byDay !== serving.byDay) {
      serving.byDay = byDay;
      serving.home = this.#home(now);
      void this.#next(async () => {
        await serving.proxy?.stop();
        serving.proxy = undefined;
        return this.#serving === serving ? this.#startProxy(serving) : ok(null);
      }).then((turned) => {
        if (!turned.ok) this.#onTrouble(turned.error.sentence);
      });
      return;
    }
    const home = this.#home(now);
    if (home.join() !== serving.home.join()) {
      serving.home = home;
      serving.proxy?.setHosts(homeHosts(home));
    }
  }

  #chosen(): Result<readonly ProxyInterface[]> {
    const all = this.#ports.interfaces();
    const wanted = this.#settings.interfaces;
    const missing = wanted?.find((name) => !all.some((one) => one.name === name));
    if (missing !== undefined) {
      return refuse(
        'not-found',
        `There is no lab interface ${missing} with an address; there ${all.length === 1 ? 'is' : 'are'} ${all.map(({ name }) => name).join(', ') || 'none'}.`,
      );
    }
    const chosen = wanted === null ? all : all.filter(({ name }) => wanted.includes(name));
    if (chosen.length > 0) return ok(chosen);
    return refuse(
      'refused',
      'This machine has no network interface with an address that leads to a lab; plug it into the lab’s network.',
    );
  }

  #rule(): BootRule {
    const { hours, since } = this.#settings;
    const parsed = hours === null ? null : parseBootHours(hours);
    return { hours: parsed?.ok ? parsed.value : null, since: epochMillis(since) };
  }

  #isDay(): boolean {
    return isDay(this.#rule(), this.#ports.minuteOfDay(this.#ports.clock.wall()));
  }

  #home(now: EpochMillis): readonly MacAddress[] {
    const minute = this.#ports.minuteOfDay(now);
    return homePcs(this.#rule(), this.#ports.pcs(), this.#woken, minute, now);
  }

  #next<Value>(work: () => Promise<Value>): Promise<Value> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }
}
