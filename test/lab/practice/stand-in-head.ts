import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { waitUntil } from '../wait-until.ts';

export interface PcFacts {
  readonly name: string;
  readonly card: string;
  readonly address: string;
  readonly cpus: string;
  readonly memory: string;
  readonly identity: unknown;
  readonly packs: boolean;
}

interface Heard {
  hello?: PcFacts;
  zombies?: number;
  eater?: string | number;
  disk?: number;
}

/** Listens on the head's address for the agents of stand-in-agent.mjs. */
export class StandInHead implements Disposable {
  readonly #server: Server;
  readonly #lines: { readonly socket: Socket; readonly heard: Heard; over: string | null }[] = [];

  constructor() {
    this.#server = createServer((socket) => {
      const line = { socket, heard: {} as Heard, over: null as string | null };
      this.#lines.push(line);
      socket.on('end', () => (line.over ??= 'end'));
      socket.on('error', (error) => (line.over ??= error.message));
      createInterface({ input: socket }).on('line', (text) =>
        Object.assign(line.heard, JSON.parse(text) as Heard),
      );
    });
    this.#server.listen(7999, '0.0.0.0');
  }

  /** The newest line of a PC. */
  #of(pc: string) {
    return this.#lines.findLast(({ heard }) => heard.hello?.name === pc);
  }

  /** How often it has said hello. */
  hellos(pc: string): number {
    return this.#lines.filter(({ heard }) => heard.hello?.name === pc).length;
  }

  hello(pc: string, times = 1): Promise<PcFacts> {
    return waitUntil(
      `${pc} says hello (${times})`,
      () => this.hellos(pc) >= times && this.#of(pc)?.heard.hello,
      { every: 20 },
    );
  }

  tell(pc: string, word: string): void {
    this.#of(pc)?.socket.write(`${word}\n`);
  }

  /** Asks and waits for the answer. */
  async ask<Key extends keyof Heard>(
    pc: string,
    word: string,
    answer: Key,
  ): Promise<NonNullable<Heard[Key]>> {
    const line = this.#of(pc);
    delete line?.heard[answer];
    this.tell(pc, word);
    return waitUntil(`${pc} answers ${word}`, () => line?.heard[answer] ?? false, { every: 20 });
  }

  /** How its newest line ended; null while the PC has said nothing of the kind. */
  goodbyeOf(pc: string): string | null {
    return this.#of(pc)?.over ?? null;
  }

  [Symbol.dispose](): void {
    for (const { socket } of this.#lines) socket.destroy();
    this.#server.close();
  }
}
