import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { bytes } from '../../../shared/base/units.ts';
import type { PracticePc } from '../../ports/practice-lab.ts';
import { isHere, missingOsPackages, missingSentence } from '../../../shared/node/os-packages.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { ControlGroups } from './control-groups.ts';
import { cardAddress, labNames, pcNumber, type LabNames } from './lab-names.ts';
import { addressIn, headHost, pcHost, type Subnet } from './lab-subnet.ts';
import { LabSwitch } from './lab-switch.ts';
import { PcFolder } from './pc-folder.ts';
import type { PcMake, PcOrder, PcSystem, PracticeDriver } from './practice-driver.ts';
import { runTool } from './run-tool.ts';
import { startScript } from './start-script.ts';

/** CRIU asks sockets for their state through these; a kernel that has them built in knows no such modules. */
const modules = [
  'overlay',
  'tun',
  'unix_diag',
  'inet_diag',
  'tcp_diag',
  'udp_diag',
  'netlink_diag',
];

export interface ContainerDriverOptions {
  /** The head's home; its kernel objects are named after it. */
  readonly home: string;
  /** `<home>/practice`: all that is written. */
  readonly folder: string;
  /** The checkout's, or the packaged program's `assets`. */
  readonly assets: string;
}

/** PCs as namespaces of this machine's kernel: the real member system without a kernel of its own. Needs root. */
export class ContainerDriver implements PracticeDriver {
  readonly #options: ContainerDriverOptions;
  readonly #names: LabNames;

  constructor(options: ContainerDriverOptions) {
    this.#options = options;
    this.#names = labNames(options.home);
  }

  fitness(): Result<null> {
    if (process.platform !== 'linux') {
      return refuse('refused', 'practice PCs need Linux; run the practice lab on a Linux machine.');
    }
    if (process.getuid?.() !== 0) {
      return refuse(
        'refused',
        'practice PCs need root; start the head of the practice lab as root, such as with sudo.',
      );
    }
    const missing = missingOsPackages(['practice-containers'], isHere);
    if (missing.length > 0) return refuse('refused', missingSentence(missing, isHere('apt-get')));
    const groups = this.#groups();
    return groups.ok ? ok(null) : groups;
  }

  async list(): Promise<readonly PracticePc[]> {
    const names = PcFolder.names(this.#options.folder);
    if (names.length === 0) return [];
    const groups = this.#groups();
    if (!groups.ok) return [];
    const isOn = (name: string): boolean => groups.value.isPopulated(name);
    const connected = names.some(isOn)
      ? await this.#switch(groups.value).connected()
      : new Set<string>();
    return names.map((name) => {
      const folder = this.#pc(name);
      const on = isOn(name);
      return {
        name,
        state: on ? 'on' : folder.state?.unplugged === true ? 'unplugged' : 'off',
        cut: on && !connected.has(name),
        screen: on ? [...folder.screen] : [],
      };
    });
  }

  makeOf(name: string): PcMake | undefined {
    const state = this.#pc(name).state;
    return state && { cpus: state.cpus, memory: bytes(state.memory) };
  }

  async powerOn(pcs: readonly PcOrder[], system: PcSystem): Promise<Result<null>> {
    const groups = this.#groups();
    if (!groups.ok) return groups;
    mkdirSync(this.#options.folder, { recursive: true, mode: 0o700 });
    // Who looks from outside what runs where finds the lab's groups by this.
    writeFileSync(join(this.#options.folder, 'group'), `${this.#names.group}\n`);
    const lan = this.#switch(groups.value);
    const [subnet] = await Promise.all([lan.make(), runTool('modprobe', ['-a', '-q', ...modules])]);
    if (!subnet.ok) return subnet;
    const started = await Promise.all(
      pcs.map((pc) => this.#start(pc, system, groups.value, lan, subnet.value)),
    );
    return started.find((one) => !one.ok) ?? ok(null);
  }

  async #start(
    pc: PcOrder,
    system: PcSystem,
    groups: ControlGroups,
    lan: LabSwitch,
    subnet: Subnet,
  ): Promise<Result<null>> {
    const { name, cpus, memory, identity } = pc;
    const folder = this.#pc(name);
    const number = pcNumber(name) ?? 0;
    // What a start that was broken off, or a PC that went by itself, left in the kernel.
    await groups.end(name);
    await lan.unplug(name);
    folder.state = { cpus, memory, unplugged: false };
    await folder.prepare(identity);
    const { assets } = this.#options;
    const started = await startScript(
      join(assets, 'practice', 'power-on.sh'),
      {
        NS_BOOT: join(assets, 'practice', 'boot.sh'),
        NS_GROUPS: groups.make(name, { cpus, memory }).join('\n'),
        NS_OLDER: groups.olderControllers.join('\n'),
        NS_FOLDER: folder.path,
        NS_TREE: system.tree,
        NS_VERSION: system.version,
        NS_PACKS: system.packs.map((pack) => `${pack.name} ${pack.path}`).join('\n'),
        NS_AGENT: system.agent,
        NS_INIT: join(assets, 'member-start', 'init'),
        NS_NAME: name,
        NS_CPUS: String(cpus),
        NS_MEMORY: String(memory),
        NS_SWITCH: String(lan.holder ?? 0),
        NS_CARD: cardAddress(this.#names.tag, number),
        NS_ADDRESS: addressIn(subnet, pcHost(number)),
        NS_GATEWAY: addressIn(subnet, headHost),
      },
      'on',
    );
    if (started.ok) return started;
    await lan.unplug(name);
    await groups.end(name);
    return refuse('failed', `${name} did not start: ${refusalWords(started.error)}.`);
  }

  async unplug(name: string): Promise<Result<null>> {
    const groups = this.#groups();
    if (!groups.ok) return groups;
    const folder = this.#pc(name);
    const { state } = folder;
    if (state) folder.state = { ...state, unplugged: true };
    // The cable first: sockets of killed processes say goodbye, and a PC without power says nothing.
    await this.#switch(groups.value).unplug(name);
    await groups.value.end(name);
    return ok(null);
  }

  async cut(name: string): Promise<Result<null>> {
    const groups = this.#groups();
    return groups.ok ? this.#switch(groups.value).cut(name) : groups;
  }

  async heal(name: string): Promise<Result<null>> {
    const groups = this.#groups();
    return groups.ok ? this.#switch(groups.value).heal(name) : groups;
  }

  async keypress(name: string): Promise<Result<null>> {
    return this.#pc(name).pressKey()
      ? ok(null)
      : refuse('refused', `nobody reads the keyboard of ${name}: it is off.`);
  }

  async down(): Promise<Result<null>> {
    const groups = this.#groups();
    if (groups.ok) {
      const lan = this.#switch(groups.value);
      const names = PcFolder.names(this.#options.folder);
      await Promise.all(names.map((name) => lan.unplug(name)));
      await groups.value.endLab();
      await lan.remove();
    }
    for (const name of PcFolder.names(this.#options.folder)) this.#pc(name).remove();
    rmSync(join(this.#options.folder, 'group'), { force: true });
    return ok(null);
  }

  trim(): void {
    for (const name of PcFolder.names(this.#options.folder)) this.#pc(name).trim();
  }

  #groups(): Result<ControlGroups> {
    return ControlGroups.open(this.#names.group);
  }

  #switch(groups: ControlGroups): LabSwitch {
    return new LabSwitch(this.#names, groups, join(this.#options.assets, 'practice', 'switch.sh'));
  }

  #pc(name: string): PcFolder {
    return new PcFolder(this.#options.folder, name);
  }
}
