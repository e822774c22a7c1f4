import { mkdirSync, readFileSync, rmSync, watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';

/** Notices that crun wrote a container's pid, which it does when the program is there. One watch for all. */
export class PidFiles {
  readonly folder: string;
  readonly #waiting = new Map<string, () => void>();
  readonly #watcher: FSWatcher;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    this.#watcher = watch(folder, (_event, name) => this.#look(String(name)));
  }

  path(id: string): string {
    return join(this.folder, id);
  }

  pid(id: string): number | undefined {
    try {
      const pid = Number(readFileSync(this.path(id), 'utf8'));
      return pid > 0 ? pid : undefined;
    } catch {
      return undefined;
    }
  }

  /** Calls when it is there; at most once. */
  await(id: string, found: () => void): { dispose(): void } {
    this.#waiting.set(id, found);
    this.#look(id);
    return { dispose: () => void this.#waiting.delete(id) };
  }

  forget(id: string): void {
    this.#waiting.delete(id);
    rmSync(this.path(id), { force: true });
  }

  close(): void {
    this.#watcher.close();
  }

  #look(id: string): void {
    const found = this.#waiting.get(id);
    if (!found || this.pid(id) === undefined) return;
    this.#waiting.delete(id);
    found();
  }
}
