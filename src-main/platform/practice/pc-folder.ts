import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { BootIdentity } from '../../../shared/wire/enrolment.ts';
import { pcNumber } from './lab-names.ts';
import { newestScreen } from './newest-screen.ts';
import { runTool } from './run-tool.ts';

/** A screen or log that has grown to this many bytes is put aside, one old one is kept. */
const longest = 512 * 1024;
/** The end of a screen file that is looked at. */
const lookAt = 64 * 1024;

const stateSchema = z.object({
  cpus: z.number().int().positive(),
  /** Bytes. */
  memory: z.number().int().positive(),
  /** Whether somebody pulled the plug; else a PC that is off went off by itself. */
  unplugged: z.boolean(),
});
export type PcState = z.infer<typeof stateSchema>;

/** What is kept of one PC between two heads, below `<home>/practice/<pc>/`. */
export class PcFolder {
  readonly path: string;

  constructor(practice: string, name: string) {
    this.path = join(practice, name);
  }

  /** Names of the PCs there are, in order. */
  static names(practice: string): readonly string[] {
    const entries = existsSync(practice) ? readdirSync(practice) : [];
    return entries
      .map((name) => ({ name, number: pcNumber(name) ?? 0 }))
      .filter(({ name, number }) => number > 0 && existsSync(join(practice, name, 'state.json')))
      .sort((one, other) => one.number - other.number)
      .map(({ name }) => name);
  }

  get state(): PcState | undefined {
    try {
      return stateSchema.parse(JSON.parse(readFileSync(join(this.path, 'state.json'), 'utf8')));
    } catch {
      return undefined;
    }
  }

  set state(state: PcState) {
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
    const file = join(this.path, 'state.json');
    writeFileSync(`${file}.new`, `${JSON.stringify(state)}\n`);
    renameSync(`${file}.new`, file);
  }

  /** Makes what a PC finds when it is switched on: an empty screen, a keyboard nobody has touched. */
  async prepare(identity: BootIdentity): Promise<void> {
    for (const name of ['keyboard', 'screen', 'screen.old', 'identity.json']) {
      rmSync(join(this.path, name), { force: true });
    }
    mkdirSync(join(this.path, 'root'), { recursive: true });
    writeFileSync(join(this.path, 'screen'), '');
    writeFileSync(join(this.path, 'identity.json'), JSON.stringify(identity), { mode: 0o600 });
    const made = await runTool('mkfifo', ['-m', '600', join(this.path, 'keyboard')]);
    if (!made.ok) throw new Error(made.complaint);
  }

  /** False when nobody reads the keyboard. */
  pressKey(): boolean {
    try {
      const keyboard = openSync(
        join(this.path, 'keyboard'),
        constants.O_WRONLY | constants.O_NONBLOCK,
      );
      try {
        return writeSync(keyboard, '\n') === 1;
      } finally {
        closeSync(keyboard);
      }
    } catch {
      return false;
    }
  }

  /** Lines of the screen as it was drawn last. */
  get screen(): readonly string[] {
    return newestScreen(this.#end('screen.old') + this.#end('screen'));
  }

  /** The agent's last words, for who looks for the reason of something. */
  get lastLogLine(): string {
    return this.#end('agent.log').trim().split('\n').at(-1) ?? '';
  }

  /** Screen and log are appended to, so that they can be emptied under the writer's hands. */
  trim(): void {
    for (const name of ['screen', 'agent.log']) {
      const file = join(this.path, name);
      if (!existsSync(file) || statSync(file).size < longest) continue;
      copyFileSync(file, `${file}.old`);
      truncateSync(file);
    }
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  #end(name: string): string {
    try {
      return readFileSync(join(this.path, name)).subarray(-lookAt).toString('utf8');
    } catch {
      return '';
    }
  }
}
