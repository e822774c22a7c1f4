import type { Epoch, MemberId, TaskId } from '../../shared/domain/ids.ts';
import type { MemberFacts } from '../../shared/domain/member.ts';
import { protocolVersion } from '../../shared/wire/codec.ts';
import type { ToHead } from '../../shared/wire/to-head.ts';
import type { ToMember } from '../../shared/wire/to-member.ts';
import { factsOf, valueOf, type SimulatedLab } from '../../src-sim/simulated-lab.ts';

type Heard<Kind extends ToMember['t']> = Extract<ToMember, { readonly t: Kind }>;

/** A PC that says what a story puts into its mouth, true or not; it only keeps its lease up by itself. */
export class HandMadeMember {
  readonly id: MemberId;
  facts: MemberFacts;
  readonly heard: ToMember[] = [];
  readonly #lab: SimulatedLab;
  /** To every order to start something. */
  answers: (order: Heard<'start'>) => void = () => undefined;
  #beats = 0;

  constructor(lab: SimulatedLab, id: string, facts: Partial<MemberFacts> = {}) {
    this.#lab = lab;
    this.facts = { ...factsOf(id), ...facts };
    this.id = valueOf(lab.shell.enrol(this.facts, id)).member;
  }

  /** Links, and says hello with these attempts. */
  links(
    attempts: Extract<ToHead, { readonly t: 'hello' }>['attempts'] = [],
    can?: readonly string[],
  ): this {
    this.#lab.links.connect(
      this.id,
      (message) => {
        this.heard.push(message);
        if (message.t === 'start') this.answers(message);
      },
      () => undefined,
    );
    const { facts } = this;
    this.says({
      ...{ t: 'hello', protocol: protocolVersion, facts, attempts },
      ...(can && { can: [...can] }),
    });
    return this;
  }

  says(message: ToHead): void {
    this.#lab.links.sendToHead(this.id, message);
  }

  beats(): void {
    this.#beats += 1;
    this.says({ t: 'beat', n: this.#beats, load: 0, memoryFree: 1000 });
  }

  /** Time passes, and it is heard all the while. */
  lives(span: number): void {
    const end = this.#lab.clock.now() + span;
    while (this.#lab.clock.now() < end) {
      this.beats();
      this.#lab.advance(Math.min(500, end - this.#lab.clock.now()));
    }
  }

  /** The last message of this kind. */
  last<Kind extends ToMember['t']>(kind: Kind): Heard<Kind> | undefined {
    return this.heard.findLast((message): message is Heard<Kind> => message.t === kind);
  }

  /** Answers the last `start`: it runs here. */
  started(): { readonly task: TaskId; readonly epoch: Epoch } {
    const order = this.last('start');
    if (!order) throw new Error(`${this.id} was given nothing`);
    const of = { task: order.task, epoch: order.epoch };
    this.says({ t: 'started', ...of, resumed: order.checkpoint !== null });
    return of;
  }
}
