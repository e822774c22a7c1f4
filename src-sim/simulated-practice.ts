import { ok, type Result } from '../shared/base/result.ts';
import { gibibytes } from '../shared/base/units.ts';
import { isMoot, practicePcCan, practicePcOf } from '../shared/domain/actions.ts';
import { pcName } from '../shared/domain/pc-names.ts';
import type { PracticeLab, PracticePc, PracticeWish } from '../src-main/ports/practice-lab.ts';
import type { SimulatedLab } from './simulated-lab.ts';
import type { SimulatedMember } from './simulated-member.ts';

/** The practice lab's driver: its PCs are the members of a simulated lab. */
export class SimulatedPractice implements PracticeLab {
  readonly #lab: SimulatedLab;

  constructor(lab: SimulatedLab) {
    this.#lab = lab;
  }

  async up(wish: PracticeWish): Promise<Result<PracticePc[]>> {
    const memory = wish.memory ?? gibibytes(2);
    const there = this.#lab.members();
    for (const pc of there) if (!pc.powered) this.#plugIn(pc);
    for (let number = there.length + 1; number <= wish.pcs; number += 1)
      this.#lab.addPc(pcName(number), { processors: wish.cpus, memory }).boot();
    return this.list();
  }

  async list(): Promise<Result<PracticePc[]>> {
    return ok(this.#views());
  }

  async down(): Promise<Result<Record<string, never>>> {
    for (const pc of this.#lab.members()) this.#lab.removePc(pc.id);
    return ok({});
  }

  readonly unplug = this.#onOne('unplug', (pc) => pc.unplug());
  readonly replug = this.#onOne('replug', (pc) => this.#plugIn(pc));
  readonly cut = this.#onOne('cut', (pc) => pc.cutCable());
  readonly heal = this.#onOne('heal', (pc) => pc.heal());
  readonly keypress = this.#onOne('keypress', (pc) => pc.pressKey());

  #onOne(
    what: keyof typeof practicePcCan,
    act: (pc: SimulatedMember) => void,
  ): PracticeLab['unplug'] {
    return async ({ pc: name }) => {
      const pc = practicePcOf(this.#views(), name);
      if (!pc.ok) return pc;
      const may = practicePcCan[what](pc.value);
      if (!may.ok) return isMoot(may.error) ? pc : may;
      act(this.#lab.pc(name));
      return practicePcOf(this.#views(), name);
    };
  }

  #views(): PracticePc[] {
    return this.#lab.members().map((pc) => this.#viewOf(pc));
  }

  #plugIn(pc: SimulatedMember): void {
    this.#lab.shell.expectBack([pc.id]);
    pc.boot();
  }

  #viewOf(pc: SimulatedMember): PracticePc {
    const state = pc.powered ? 'on' : pc.left ? 'off' : 'unplugged';
    const is = this.#lab.shell.machines().find(({ id }) => id === pc.id)?.state ?? 'enrolling';
    const screen = ['Nightshift', `${pc.id} · ${is}`, 'Press any key to take this PC back.'];
    return { name: pc.id, state, cut: pc.cut, screen: state === 'on' ? screen : [] };
  }
}
