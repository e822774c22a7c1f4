import { formatDuration } from '../../shared/base/units.ts';
import type { World } from '../core/ports.ts';

/** The narrator: what happens, when it happened, and which promises held. */
export class Story {
  readonly #world: World;
  readonly #began: number;
  readonly #broken: string[] = [];
  #kept = 0;

  constructor(world: World) {
    this.#world = world;
    this.#began = world.now();
  }

  chapter(title: string): void {
    this.#world.terminal.progress(null);
    this.#world.terminal.out('');
    this.#world.terminal.out(this.#world.terminal.paint.strong(title));
  }

  tell(line: string): void {
    this.#world.terminal.progress(null);
    this.#world.terminal.out(`${this.#stamp()}  ${line}`);
  }

  /** A promise and whether it held; `found` says what was seen. */
  promise(held: boolean, promise: string, found = ''): void {
    const { paint, out } = this.#world.terminal;
    if (held) this.#kept += 1;
    else this.#broken.push(promise);
    out(
      `${held ? paint.good('  kept  ') : paint.bad(' BROKEN ')}  ${promise}${found === '' ? '' : paint.quiet(` (${found})`)}`,
    );
  }

  outcome(): { readonly kept: number; readonly broken: readonly string[] } {
    return { kept: this.#kept, broken: this.#broken };
  }

  elapsed(): string {
    return formatDuration(this.#world.now() - this.#began);
  }

  #stamp(): string {
    const seconds = Math.round((this.#world.now() - this.#began) / 1000);
    return this.#world.terminal.paint.quiet(
      `${String(Math.floor(seconds / 60)).padStart(2)}:${String(seconds % 60).padStart(2, '0')}`,
    );
  }
}
