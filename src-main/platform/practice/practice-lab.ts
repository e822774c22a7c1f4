import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { pcName } from '../../../shared/domain/pc-names.ts';
import { seconds, type Bytes } from '../../../shared/base/units.ts';
import type { Clock, Disposable } from '../../../shared/ports/clock.ts';
import type {
  PracticeLab as PracticePort,
  PracticePc,
  PracticeWish,
} from '../../ports/practice-lab.ts';
import { isMoot, practicePcCan, practicePcOf } from '../../../shared/domain/actions.ts';
import type { BootIdentity } from '../../../shared/wire/enrolment.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { listPcs } from '../../../shared/words/list-pcs.ts';
import { memoryOfEach } from './pc-memory.ts';
import type { PcOrder, PcSystem, PracticeDriver } from './practice-driver.ts';

const trimEvery = seconds(15);

export interface PracticeLabParts {
  /** A way that is missing is refused in words. */
  readonly drivers: Readonly<Record<'container' | 'vm', PracticeDriver | undefined>>;
  readonly clock: Clock;
  /** Bytes that programs may still take. */
  freeMemory(): Bytes;
  /** What PCs boot; may take minutes when it has to be built. */
  system(): Promise<Result<PcSystem>>;
  /** A fresh identity for one PC. */
  identity(name: string): BootIdentity;
  /** These PCs get power because somebody asked for it; told before they have it. */
  expectBack(names: readonly string[]): Result<null>;
  /** These PCs have no power any more, for good: told after it was taken. */
  powerTaken(names: readonly string[]): Result<null>;
  log(line: string): void;
}

type PcWish = { readonly pc: string };
type Did<Value> = Promise<Result<Value>>;

/** The practice lab as the API offers it. What is asked while something is being done waits for its turn. */
export class PracticeLab implements PracticePort, Disposable {
  readonly #parts: PracticeLabParts;
  #turn: Promise<unknown> = Promise.resolve();
  #trimming: Disposable | undefined;

  constructor(parts: PracticeLabParts) {
    this.#parts = parts;
    this.#trimLater();
  }

  /** PCs live on. */
  dispose(): void {
    this.#trimming?.dispose();
  }

  /** Sees to it that `pc-01` to `pc-<pcs>` have power, the unplugged ones too; more than those stay as they are. */
  up({ pcs, driver: wanted, cpus, memory }: PracticeWish): Did<PracticePc[]> {
    return this.#inTurn(async () => {
      const chosen = this.#parts.drivers[wanted];
      if (chosen === undefined) {
        return refuse(
          'refused',
          `there is no ${wanted} driver on this machine; leave out --driver ${wanted}.`,
        );
      }
      const fit = chosen.fitness();
      if (!fit.ok) return fit;
      const other = await this.#driver();
      if (other !== chosen && (await other.list()).length > 0) {
        const kind = wanted === 'vm' ? 'containers' : 'virtual machines';
        return refuse(
          'refused',
          `the PCs of this practice lab are ${kind}; end it first with nightshift practice down.`,
        );
      }
      const before = await chosen.list();
      const off = Array.from({ length: pcs }, (_, index) => pcName(index + 1)).filter(
        (name) => !before.some((pc) => pc.name === name && pc.state === 'on'),
      );
      if (off.length === 0) return ok([...before]);
      const each = memoryOfEach(off.length, memory, this.#parts.freeMemory());
      if (!each.ok) return each;
      const started = await this.#powerOn(
        chosen,
        off.map((name) => ({ name, cpus, memory: each.value })),
      );
      return started.ok ? ok([...(await chosen.list())]) : started;
    });
  }

  list(): Did<PracticePc[]> {
    return this.#inTurn(async () => ok([...(await (await this.#driver()).list())]));
  }

  down(): Did<Record<string, never>> {
    return this.#inTurn(async () => {
      const driver = await this.#driver();
      const fit = driver.fitness();
      if (!fit.ok) return fit;
      const pcs = await driver.list();
      const down = await driver.down();
      if (!down.ok) return down;
      const told = this.#parts.powerTaken(pcs.map(({ name }) => name));
      // They are down all the same; a head that could not note it waits for their leases.
      if (!told.ok) this.#parts.log(`the practice lab is down: ${refusalWords(told.error)}`);
      else this.#parts.log('the practice lab is down');
      return ok({});
    });
  }

  readonly unplug = this.#onPc('unplug', (driver, { name }) => driver.unplug(name));

  readonly replug = this.#onPc('replug', async (driver, { name }) => {
    const make = driver.makeOf(name);
    if (make === undefined) {
      return refuse('failed', `what ${name} was made of is lost; give it power with practice up.`);
    }
    return this.#powerOn(driver, [{ name, ...make }]);
  });

  readonly cut = this.#onPc('cut', (driver, { name }) => driver.cut(name));

  readonly heal = this.#onPc('heal', (driver, { name }) => driver.heal(name));

  readonly keypress = this.#onPc('keypress', (driver, { name }) => driver.keypress(name));

  async #powerOn(
    driver: PracticeDriver,
    pcs: readonly Omit<PcOrder, 'identity'>[],
  ): Promise<Result<null>> {
    const system = await this.#parts.system();
    if (!system.ok) return system;
    const expected = this.#parts.expectBack(pcs.map(({ name }) => name));
    if (!expected.ok) return expected;
    const orders = pcs.map((pc) => ({ ...pc, identity: this.#parts.identity(pc.name) }));
    const started = await driver.powerOn(orders, system.value);
    const names = listPcs(pcs.map(({ name }) => name));
    this.#parts.log(started.ok ? `${names}: power on` : refusalWords(started.error));
    return started;
  }

  /** What is so already is not done again. */
  #onPc(
    what: keyof typeof practicePcCan,
    action: (driver: PracticeDriver, pc: PracticePc) => Promise<Result<null>>,
  ): (wish: PcWish) => Did<PracticePc> {
    return ({ pc: name }) =>
      this.#inTurn(async () => {
        const driver = await this.#driver();
        const pc = practicePcOf(await driver.list(), name);
        if (!pc.ok) return pc;
        const may = practicePcCan[what](pc.value);
        if (!may.ok) return isMoot(may.error) ? pc : may;
        const done = await action(driver, pc.value);
        return done.ok ? practicePcOf(await driver.list(), name) : done;
      });
  }

  /** The one whose PCs there are. */
  async #driver(): Promise<PracticeDriver> {
    const { container, vm } = this.#parts.drivers;
    if (vm !== undefined && (await vm.list()).length > 0) return vm;
    const driver = container ?? vm;
    if (driver === undefined) throw new Error('a practice lab without any driver');
    return driver;
  }

  #inTurn<Value>(action: () => Did<Value>): Did<Value> {
    const done = this.#turn.then(action);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  #trimLater(): void {
    this.#trimming = this.#parts.clock.after('trim screens and logs', trimEvery, () => {
      for (const driver of Object.values(this.#parts.drivers)) driver?.trim();
      this.#trimLater();
    });
  }
}
