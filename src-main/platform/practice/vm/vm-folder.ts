import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { pcNumber } from '../lab-names.ts';
import { newestScreen } from '../newest-screen.ts';

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
  cut: z.boolean(),
  /** Names of its cables. */
  cards: z.array(z.string()),
  /** Image files that it has as disks, at every boot. */
  disks: z.array(z.string()).default([]),
});
export type VmState = z.infer<typeof stateSchema>;

/** What is kept of one virtual PC between two heads, below `<home>/practice/vm/<pc>/`. */
export class VmFolder {
  readonly path: string;
  /** Names its process among all of this machine. */
  readonly label: string;

  constructor(practice: string, name: string, tag: string) {
    this.path = join(practice, name);
    this.label = `nightshift-${tag}-${name}`;
  }

  /** Names of the PCs there are, in order. */
  static names(practice: string): readonly string[] {
    const entries = existsSync(practice) ? readdirSync(practice) : [];
    return entries
      .filter((name) => pcNumber(name) !== undefined)
      .filter((name) => existsSync(join(practice, name, 'state.json')))
      .sort((one, other) => (pcNumber(one) ?? 0) - (pcNumber(other) ?? 0));
  }

  get state(): VmState | undefined {
    try {
      return stateSchema.parse(JSON.parse(readFileSync(join(this.path, 'state.json'), 'utf8')));
    } catch {
      return undefined;
    }
  }

  set state(state: VmState) {
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
    const file = join(this.path, 'state.json');
    writeFileSync(`${file}.new`, `${JSON.stringify(state)}\n`);
    renameSync(`${file}.new`, file);
  }

  /** What was there at an earlier start goes. */
  prepare(): void {
    for (const name of ['screen', 'screen.old', 'qmp', 'pid'])
      rmSync(join(this.path, name), { force: true });
  }

  /** The process that is this PC, while it has power. A number may have passed on to another process since. */
  get pid(): number | undefined {
    const pid = Number(this.#text('pid'));
    if (!Number.isInteger(pid) || pid <= 1) return undefined;
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return words.includes(this.label) ? pid : undefined;
    } catch {
      return undefined;
    }
  }

  /** Lines of the screen as it was drawn last. */
  get screen(): readonly string[] {
    return newestScreen(this.#text('screen.old') + this.#text('screen'));
  }

  /** QEMU appends to both, so that they can be emptied under its hands. */
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

  #text(name: string): string {
    try {
      return readFileSync(join(this.path, name)).subarray(-lookAt).toString('utf8');
    } catch {
      return '';
    }
  }
}
