import type { BootFinding, NetbootView } from '../../shared/api/netboot-views.ts';
import { ok, type Result } from '../../shared/base/result.ts';
import { refuseFor } from '../../shared/domain/refusals.ts';
import {
  epochMillis,
  hours,
  millis,
  seconds,
  type EpochMillis,
  type Millis,
} from '../../shared/base/units.ts';
import type { MacAddress } from '../../shared/domain/mac-address.ts';
import type { Clock, Disposable } from '../../shared/ports/clock.ts';
import type {
  LabPc,
  NetbootSettings,
  NetbootSettingsStore,
  Probes,
  ProxyInterface,
} from '../ports/netboot.ts';
import type { Rng } from '../../shared/ports/rng.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import { formatBootHours, parseBootHours } from '../../shared/domain/boot-hours.ts';
import { fetchesAtOnce } from '../core/netboot/boot-progress.ts';
import { homePcs, isDay, type BootRule } from '../core/netboot/who-boots.ts';
import { BootRequestsShell } from './boot-requests-shell.ts';
import { BootServing, type ServingPorts } from './boot-serving.ts';
import { diagnosePlace } from './netboot-diagnosis.ts';

export interface NetbootPorts extends ServingPorts {
  readonly clock: Clock;
  readonly probes: Probes;
  readonly rng: Rng;
  readonly settings: NetbootSettingsStore;
  /** Where the lab's PCs are. */
  interfaces(): readonly ProxyInterface[];
  /** Addresses of this machine that lead to none of them. */
  leftOut?(): readonly { readonly name: string; readonly address: string }[];
  pcs(): readonly LabPc[];
  /** Minutes since midnight by this machine's time zone. */
  minuteOfDay(at: EpochMillis): number;
  log(line: string): void;
}

export interface FloppyOrder {
  readonly validFor: Millis;
  /** `host:port`, somebody's own choice; null: where this head serves them. */
  readonly address: string | null;
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
  since: epochMillis(0),
  floppies: null,
};

/**
 * While network boot is off, a PC that starts from a floppy soon after it was given back starts its own disk: nobody
 * has taken the floppy out yet.
 */
const floppyRests = hours(1);

/**
 * Switches network boot on and off, and keeps dnsmasq and the boot files' server running; the latter also while network
 * boot is off, as long as boot floppies may be used.
 */
export class NetbootShell {
  readonly #ports: NetbootPorts;
  readonly #requests: BootRequestsShell;
  readonly #woken = new Map<MacAddress, EpochMillis>();
  #settings: NetbootSettings;
  #serving: BootServing | undefined;
  #problem: string | null = null;
  #failures = 0;
  #looking: Disposable | undefined;
  #retry: Disposable | undefined;
  /** One change at a time. */
  #queue: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(ports: NetbootPorts, lab: string) {
    this.#ports = ports;
    this.#requests = new BootRequestsShell({
      clock: ports.clock,
      lab,
      kernelOptions: () => (this.#settings.on ? this.#settings.kernelOptions : ''),
      atOnce: () => this.#settings.atOnce,
      bootsDisk: (mac) => this.#isDay() || this.#home(ports.clock.wall()).includes(mac),
      isOwn: (mac) => ports.interfaces().some(({ name }) => ports.probes.macOf(name) === mac),
    });
    this.#settings = ports.settings.load() ?? neverOn;
  }

  /** Goes on as it was when the head ended. */
  start(): void {
    this.#goOn();
  }

  async on(wish: NetbootWish): Promise<Result<NetbootView>> {
    const bootHours = wish.hours === null ? null : parseBootHours(wish.hours);
    if (bootHours !== null && !bootHours.ok) return bootHours;
    return this.#next(async () => {
      await this.#end();
      const before = this.#settings;
      this.#settings = {
        ...before,
        on: true,
        interfaces: wish.interfaces,
        hours: bootHours === null ? null : formatBootHours(bootHours.value),
        atOnce: wish.atOnce,
        kernelOptions: wish.kernelOptions,
        since: this.#ports.clock.wall(),
      };
      const begun = await this.#begin();
      if (!begun.ok) {
        this.#settings = { ...before, on: false };
        this.#ports.settings.save(this.#settings);
        this.#goOn();
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
      if (this.#isWanted()) {
        const begun = await this.#begin();
        if (!begun.ok) this.#onTrouble(refusalWords(begun.error));
      }
      return ok(this.status());
    });
  }

  /**
   * Floppies are being made: what they fetch is served for as long as they may be used, whether network boot is on or
   * not. Hands back the `host:port` to write on them.
   */
  serveFloppies({ validFor, address }: FloppyOrder): Promise<Result<string>> {
    return this.#next(async () => {
      const { clock, settings } = this.#ports;
      const before = this.#settings;
      const until = epochMillis(Math.max(before.floppies?.until ?? 0, clock.wall() + validFor));
      this.#settings = { ...before, floppies: { until, address: null } };
      const begun = this.#serving === undefined ? await this.#begin() : ok(null);
      const own = this.#serving?.fileAddresses[0];
      if (!begun.ok || own === undefined) {
        const fault = begun.ok ? refuseFor('refused', 'boot-files-are-not-served', {}) : begun;
        if (address === null) {
          this.#settings = before;
          return fault;
        }
        this.#onTrouble(refusalWords(fault.error));
      }
      this.#settings = {
        ...this.#settings,
        floppies: { until, address: address === null ? (own ?? null) : null },
      };
      settings.save(this.#settings);
      return ok(address ?? own ?? '');
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
    const taken = serving?.interfaces ?? [];
    return {
      on,
      interfaces: on ? [...new Set(taken.map(({ name }) => name))] : [],
      addresses: on ? taken.map(({ name, address }) => `${name} ${address}`) : [],
      leftOut: on ? this.#leftOut(taken) : [],
      hours,
      answer: !on ? null : this.#isDay() ? 'disk' : 'lab',
      httpPort: serving?.httpPort ?? null,
      problem: on ? this.#problem : null,
      atOnce,
      pcs: this.#requests.pcs(),
      floppies: this.#floppies(),
    };
  }

  /** Whoever misses a network here finds it by name, and can say `--interface`. */
  #leftOut(taken: readonly ProxyInterface[]): string[] {
    const others = this.#ports
      .interfaces()
      .filter(
        (one) => !taken.some(({ name, address }) => name === one.name && address === one.address),
      );
    return [...others, ...(this.#ports.leftOut?.() ?? [])].map(
      ({ name, address }) => `${name} ${address}`,
    );
  }

  #floppies(): NetbootView['floppies'] {
    const { floppies } = this.#settings;
    if (floppies === null || !this.#floppiesMayBeUsed()) return null;
    const served = this.#serving?.fileAddresses ?? [];
    const [address = null] = served;
    const { until, address: written } = floppies;
    const moved = written !== null && !served.includes(written);
    const problem =
      address === null
        ? (this.#problem ?? 'their files are being made ready.')
        : moved
          ? `they look for the head at ${written}, but it serves them at ${served.join(' and ')} now; make new ones, or give this machine its former address.`
          : null;
    return { until, address, problem };
  }

  async diagnose(): Promise<Result<BootFinding[]>> {
    const interfaces = this.#chosen();
    if (!interfaces.ok) return interfaces;
    const { probes, rng } = this.#ports;
    const findings: BootFinding[] = [];
    if (this.#problem !== null) {
      findings.push({
        check: this.#settings.on ? 'dnsmasq' : 'boot files',
        ok: false,
        found: this.#problem,
        remedy: 'it is tried again and again; put the cause right.',
      });
    }
    const { on } = this.#settings;
    const floppies = this.#floppies();
    if (floppies?.address && floppies.problem !== null) {
      const found = `boot floppies do not find their files: ${floppies.problem}`;
      findings.push({ check: 'boot floppies', ok: false, found, remedy: null });
    }
    for (const at of interfaces.value) {
      const serving = this.#serving?.interfaces.some(({ name }) => name === at.name)
        ? this.#serving
        : undefined;
      const httpPort = serving?.httpPort ?? null;
      findings.push(
        ...(await diagnosePlace(probes, rng, {
          ...{ at, on, httpPort, stuck: this.#requests.stuck() },
          // Nobody knows where they asked; once is enough.
          unanswered: at === interfaces.value[0] ? this.#requests.unanswered() : [],
        })),
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
    const onEnded = (reason: string): void => this.#onTrouble(`dnsmasq ended: ${reason}`);
    const opened = this.#settings.on
      ? await BootServing.open(this.#ports, this.#requests, interfaces.value, onEnded)
      : await BootServing.openFilesOnly(this.#ports, this.#requests, interfaces.value);
    if (!opened.ok) return opened;
    this.#serving = opened.value;
    const answering = await this.#answer(opened.value);
    if (!answering.ok) {
      await this.#end();
      return answering;
    }
    this.#lookLater();
    return ok(null);
  }

  async #answer(serving: BootServing): Promise<Result<null>> {
    const home = this.#home(this.#ports.clock.wall());
    const answering = await serving.answer({ byDay: this.#isDay(), home });
    if (answering.ok) this.#problem = null;
    return answering;
  }

  async #end(): Promise<void> {
    this.#looking?.dispose();
    this.#retry?.dispose();
    const serving = this.#serving;
    this.#serving = undefined;
    this.#problem = null;
    this.#failures = 0;
    await serving?.close();
  }

  #floppiesMayBeUsed(): boolean {
    return this.#ports.clock.wall() < (this.#settings.floppies?.until ?? 0);
  }

  #isWanted(): boolean {
    return !this.#closed && (this.#settings.on || this.#floppiesMayBeUsed());
  }

  #goOn(): void {
    if (this.#isWanted()) this.#attempt(() => this.#begin());
  }

  /** Tries again, ever more slowly, until it is switched off. */
  #onTrouble(problem: string): void {
    if (!this.#isWanted()) return;
    const what = this.#settings.on ? 'network boot' : 'boot files for floppies';
    if (this.#problem !== problem) this.#ports.log(`${what}: ${problem}`);
    this.#problem = problem;
    this.#failures += 1;
    const wait = millis(Math.min(longestWait, seconds(1) * 2 ** Math.min(this.#failures - 1, 10)));
    this.#retry?.dispose();
    this.#retry = this.#ports.clock.after('network boot again', wait, () => {
      this.#attempt(async () => {
        const serving = this.#serving;
        if (!this.#isWanted()) return ok(null);
        if (serving === undefined) return this.#begin();
        return serving.isAnswering ? ok(null) : this.#answer(serving);
      });
    });
  }

  #attempt(work: () => Promise<Result<null>>): void {
    void this.#next(work).then((done) => {
      if (!done.ok) this.#onTrouble(refusalWords(done.error));
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
    if (!this.#isWanted()) {
      void this.#next(async () => (this.#isWanted() ? undefined : this.#end()));
      return;
    }
    const now = this.#ports.clock.wall();
    for (const pc of this.#ports.pcs()) {
      if (pc.isHere) this.#requests.arrived(pc);
    }
    if (serving.isAnswering) this.#failures = 0;
    const chosen = this.#chosen();
    if (chosen.ok && JSON.stringify(chosen.value) !== JSON.stringify(serving.interfaces)) {
      this.#attempt(async () => {
        await this.#end();
        return this.#begin();
      });
      return;
    }
    if (serving.answers.byDay !== this.#isDay()) {
      this.#attempt(async () =>
        this.#serving === serving ? this.#answer(serving) : Promise.resolve(ok(null)),
      );
      return;
    }
    const home = this.#home(now);
    if (home.join() !== serving.answers.home.join()) serving.setHome(home);
  }

  #chosen(): Result<readonly ProxyInterface[]> {
    const all = this.#ports.interfaces();
    const wanted = this.#settings.on ? this.#settings.interfaces : null;
    const missing = wanted?.find((name) => !all.some((one) => one.name === name));
    if (missing !== undefined) {
      return refuseFor('not-found', 'no-such-interface', {
        interface: missing,
        there: all.map(({ name }) => name),
      });
    }
    const chosen = wanted === null ? all : all.filter(({ name }) => wanted.includes(name));
    if (chosen.length > 0) return ok(chosen);
    return refuseFor('refused', 'no-interface-to-a-lab', {});
  }

  #rule(): BootRule {
    const { on, hours: text, since } = this.#settings;
    if (!on) return { hours: null, since: epochMillis(this.#ports.clock.wall() - floppyRests) };
    const parsed = text === null ? null : parseBootHours(text);
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
