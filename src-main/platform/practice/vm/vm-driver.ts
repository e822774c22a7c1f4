import { mkdirSync, rmSync } from 'node:fs';
import { appendFile, copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { ok, refuse, type Result } from '../../../../shared/base/result.ts';
import { refuseFor } from '../../../../shared/domain/refusals.ts';
import { bytes, formatSize, mebibytes } from '../../../../shared/base/units.ts';
import type { PracticePc } from '../../../ports/practice-lab.ts';
import type { BootIdentity } from '../../../../shared/wire/enrolment.ts';
import { isHere, missingOsPackages, missingSentence } from '../../../../shared/node/os-packages.ts';
import { refusalWords } from '../../../../shared/words/refusal-words.ts';
import { labNames, pcNumber, type LabNames } from '../lab-names.ts';
import { addressIn, pcHost } from '../lab-subnet.ts';
import type { PcMake, PcOrder, PracticeDriver } from '../practice-driver.ts';
import { chooseAccelerator } from './accelerator.ts';
import { qemuArguments, type Accelerator } from './qemu-command.ts';
import { tellQemu, type QmpCommand } from './qmp.ts';
import { startQemu } from './start-qemu.ts';
import { VmFolder } from './vm-folder.ts';
import { removeSwitch, rootlessNetwork, switchedNetwork, type VmNetwork } from './vm-network.ts';

/** What a PC boots: `parts` and then its identity, one after the other, are its initrd. */
export interface BootableImage {
  readonly version: string;
  readonly kernel: string;
  readonly parts: readonly string[];
}

export interface VmDriverOptions {
  /** The head's home; processes and networks are named after it. */
  readonly home: string;
  /** All that is written. */
  readonly folder: string;
  readonly assets: string;
  /** The head's TLS port. */
  headPort(): number;
  /** What PCs boot; may take minutes when it has to be built. */
  image(): Promise<Result<BootableImage>>;
  identityPart(identity: BootIdentity): Uint8Array;
}

/** The image takes 70 MB, Node and its surroundings as much again, and a task shall have room. */
const leastMemory = mebibytes(640);

/** PCs as virtual machines that boot the very image that real PCs boot. */
export class VmDriver implements PracticeDriver {
  readonly #options: VmDriverOptions;
  readonly #names: LabNames;

  constructor(options: VmDriverOptions) {
    this.#options = options;
    this.#names = labNames(options.home);
  }

  fitness(): Result<null> {
    if (process.platform !== 'linux' || process.arch !== 'x64') {
      return refuse('refused', 'virtual practice PCs need Linux on an x86 machine.');
    }
    const missing = missingOsPackages(['practice-vms'], isHere);
    return missing.length === 0
      ? ok(null)
      : refuse('refused', missingSentence(missing, isHere('apt-get')));
  }

  async list(): Promise<readonly PracticePc[]> {
    return VmFolder.names(this.#options.folder).map((name) => {
      const folder = this.#pc(name);
      const on = folder.pid !== undefined;
      return {
        name,
        state: on ? 'on' : folder.state?.unplugged === true ? 'unplugged' : 'off',
        cut: on && folder.state?.cut === true,
        screen: on ? [...folder.screen] : [],
      };
    });
  }

  makeOf(name: string): PcMake | undefined {
    const state = this.#pc(name).state;
    return state && { cpus: state.cpus, memory: bytes(state.memory) };
  }

  async powerOn(pcs: readonly PcOrder[]): Promise<Result<null>> {
    const small = pcs.find((pc) => pc.memory < leastMemory);
    if (small) {
      return refuse(
        'refused',
        `a virtual PC with ${formatSize(small.memory)} of memory cannot boot the member system; give it at least ${formatSize(leastMemory)}.`,
      );
    }
    const image = await this.#options.image();
    if (!image.ok) return image;
    mkdirSync(this.#options.folder, { recursive: true, mode: 0o700 });
    const accelerator = await chooseAccelerator(this.#options.folder, image.value.kernel);
    const network = await this.#network();
    if (!network.ok) return network;
    for (const pc of pcs) {
      const started = await this.#start(pc, image.value, network.value, accelerator);
      if (!started.ok) return started;
    }
    return ok(null);
  }

  async #start(
    { name, cpus, memory, identity }: PcOrder,
    image: BootableImage,
    network: VmNetwork,
    accelerator: Accelerator,
  ): Promise<Result<null>> {
    const folder = this.#pc(name);
    const number = pcNumber(name) ?? 0;
    const cards = network.cards(number);
    const disks = folder.state?.disks ?? [];
    folder.state = {
      ...{ cpus, memory, unplugged: false, cut: false, disks },
      cards: cards.map(({ id }) => id),
    };
    folder.prepare();
    const headAddress =
      network.headHost === null ? null : `${network.headHost}:${this.#options.headPort()}`;
    const initrd = join(folder.path, 'initrd.img');
    await this.#writeInitrd(initrd, image, { ...identity, headAddress });
    const started = await startQemu(folder.path, network.inside, [
      ...qemuArguments(
        {
          ...{ label: folder.label, cpus, memory, cards, disks, kernel: image.kernel },
          initrd: 'initrd.img',
          lanAddress: addressIn(network.subnet, pcHost(number)),
        },
        accelerator,
      ),
    ]);
    // QEMU holds what it has read; a PC that goes off is started with a fresh one.
    rmSync(initrd, { force: true });
    if (!started.ok)
      return refuse('failed', `${name} did not start: ${refusalWords(started.error)}.`);
    return network.plugIn(name);
  }

  async #writeInitrd(file: string, image: BootableImage, identity: BootIdentity): Promise<void> {
    const [base, ...more] = image.parts;
    if (base === undefined) throw new Error('a boot image without any part');
    await copyFile(base, file);
    for (const part of more) await appendFile(file, await readFile(part));
    await appendFile(file, this.#options.identityPart(identity));
  }

  async unplug(name: string): Promise<Result<null>> {
    const folder = this.#pc(name);
    if (folder.state) folder.state = { ...folder.state, unplugged: true };
    await this.#end(folder);
    return ok(null);
  }

  cut(name: string): Promise<Result<null>> {
    return this.#cable(name, false);
  }

  heal(name: string): Promise<Result<null>> {
    return this.#cable(name, true);
  }

  async #cable(name: string, up: boolean): Promise<Result<null>> {
    const folder = this.#pc(name);
    const { state } = folder;
    if (!state) return refuseFor('not-found', 'no-such-practice-pc', { machine: name, there: [] });
    const told = await tellQemu(folder.path, setLinks(state.cards, up));
    if (told.ok) folder.state = { ...state, cut: !up };
    return told;
  }

  keypress(name: string): Promise<Result<null>> {
    return this.tell(name, [pressKeys('spc')]);
  }

  /** Gives commands of the QEMU machine protocol. */
  tell(name: string, commands: readonly QmpCommand[]): Promise<Result<null>> {
    return tellQemu(this.#pc(name).path, commands);
  }

  /** Image files that the PC has as disks from its next start on. */
  attachDisks(name: string, disks: readonly string[]): void {
    const folder = this.#pc(name);
    if (folder.state) folder.state = { ...folder.state, disks: [...disks] };
  }

  async down(): Promise<Result<null>> {
    const { folder, assets } = this.#options;
    const pcs = VmFolder.names(folder).map((name) => this.#pc(name));
    await Promise.all(pcs.map((pc) => this.#end(pc)));
    for (const pc of pcs) pc.remove();
    if (this.#isSwitched()) await removeSwitch(this.#names, switchScript(assets));
    return ok(null);
  }

  trim(): void {
    for (const name of VmFolder.names(this.#options.folder)) this.#pc(name).trim();
  }

  /** First the cables, so that not even the end of its connections is said. */
  async #end(folder: VmFolder): Promise<void> {
    if (folder.pid === undefined) return;
    await tellQemu(folder.path, setLinks(folder.state?.cards ?? [], false));
    const { pid } = folder;
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
    for (let looks = 0; folder.pid !== undefined && looks < 500; looks += 1) await pass(20);
  }

  /** As root PCs are plugged into the lab's switch; others have what needs no rights. */
  #isSwitched(): boolean {
    return process.getuid?.() === 0;
  }

  #network(): Promise<Result<VmNetwork>> {
    return this.#isSwitched()
      ? switchedNetwork(this.#names, switchScript(this.#options.assets))
      : Promise.resolve(rootlessNetwork(this.#names));
  }

  #pc(name: string): VmFolder {
    return new VmFolder(this.#options.folder, name, this.#names.tag);
  }
}

const switchScript = (assets: string): string => join(assets, 'practice', 'switch.sh');

const setLinks = (cards: readonly string[], up: boolean): readonly QmpCommand[] =>
  cards.map((name) => ({ execute: 'set_link', arguments: { name, up } }));

/** All at once, by QEMU's names of keys. */
export const pressKeys = (...keys: readonly string[]): QmpCommand => ({
  execute: 'send-key',
  arguments: { keys: keys.map((key) => ({ type: 'qcode', data: key })) },
});
