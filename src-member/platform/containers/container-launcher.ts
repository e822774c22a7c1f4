import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ok, type Result } from '../../../shared/base/result.ts';
import type { StartFault } from '../../ports/container-runtime.ts';
import type { Cgroups } from './cgroups.ts';
import { machineFault, wasKilled, type Container } from './container.ts';
import { containerConfig, taskUser } from './container-config.ts';
import { criuFlags } from '../snapshots/criu-snapshot.ts';
import type { Supervisor } from './supervisor.ts';
import type { MemoryBounds } from './memory-bounds.ts';
import type { PidFiles } from './pid-files.ts';
import { whyNotThere } from './program-faults.ts';
import { writeTaskRecord } from '../task-files/task-record.ts';

export interface LauncherOptions {
  readonly packs: string;
  readonly crun: string;
  readonly supervisor: Supervisor;
  readonly groups: Cgroups;
}

export interface LauncherPorts extends LauncherOptions {
  readonly bounds: MemoryBounds;
}

type Launched = Result<null, StartFault>;

/** From a directory to a program that runs: groups, overlay, bundle, crun. */
export class ContainerLauncher {
  readonly #options: LauncherPorts;
  readonly #pids: PidFiles;
  readonly #onEnded: (container: Container, exitCode: number) => void;

  constructor(
    options: LauncherPorts,
    pids: PidFiles,
    onEnded: (container: Container, exitCode: number) => void,
  ) {
    this.#options = options;
    this.#pids = pids;
    this.#onEnded = onEnded;
  }

  /** `from`: zero, or the images that lie in its directory. Resolves when the program is there. */
  launch(container: Container, from: 'zero' | 'images'): Promise<Launched> {
    const launching = this.#launch(container, from === 'images');
    container.launching = launching;
    return launching;
  }

  async #launch(container: Container, restoring: boolean): Promise<Launched> {
    const { id, group, folder } = container;
    const { supervisor, groups } = this.#options;
    if (container.killed) return wasKilled;
    if (groups.isPopulated(group))
      return machineFault('an earlier attempt of this task is still on this PC');
    let entered: readonly string[];
    try {
      entered = this.#prepare(container, restoring);
    } catch (error) {
      return machineFault(
        `the container could not be set up: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
    const errno = await this.#mountRoot(container);
    if (errno !== 0) return machineFault(`the software pack could not be mounted (errno ${errno})`);
    container.mounted = true;
    if (container.killed) return wasKilled;
    container.state = 'setting-up';
    container.exited = supervisor.run({
      id,
      exitFile: folder.exitFile,
      errorFile: folder.errorFile,
      groups: entered,
      argv: this.#argv(container, restoring),
    });
    return this.#whenThere(container, container.exited, restoring);
  }

  #prepare(container: Container, restoring: boolean): readonly string[] {
    const { group, folder, spec, cpuBefore, of } = container;
    const { groups, supervisor, bounds } = this.#options;
    supervisor.openLog(container.id, { pipe: folder.out, file: folder.log, owner: taskUser });
    if (restoring) mkdirSync(folder.criu, { recursive: true });
    bounds.countPlaced(container);
    bounds.adjust();
    const memory = bounds.groupLimit(container);
    const entered = groups.prepare(group, { cpus: spec.cpus, memory }, restoring);
    const limits = { group: `/${group}`, files: container.filesLimit };
    const config = containerConfig(spec, folder, limits);
    writeFileSync(join(folder.bundle, 'config.json'), JSON.stringify(config));
    const { limit, filesLimit, placed } = container;
    const bound = { limit, filesLimit, placed };
    writeTaskRecord(folder.record, { ...of, spec, resumed: restoring, cpuBefore, group, ...bound });
    return entered;
  }

  #mountRoot({ folder, spec }: Container): Promise<number> {
    const lower = join(this.#options.packs, spec.pack);
    const options = `lowerdir=${lower},upperdir=${folder.upper},workdir=${folder.overlayWork}`;
    return this.#options.supervisor.mount('overlay', folder.root, 'overlay', 0, options);
  }

  #argv({ id, folder }: Container, restoring: boolean): readonly string[] {
    const common = [`--bundle=${folder.bundle}`, `--pid-file=${this.#pids.path(id)}`];
    const images = [`--image-path=${folder.images}`, `--work-path=${folder.criu}`];
    const what = restoring ? ['restore', ...common, ...criuFlags, ...images] : ['run', ...common];
    return [this.#options.crun, '--cgroup-manager=cgroupfs', ...what, id];
  }

  #settle(container: Container): void {
    const { groups, bounds } = this.#options;
    groups.settle(container.group, {
      cpus: container.spec.cpus,
      memory: bounds.groupLimit(container),
    });
  }

  #whenThere(container: Container, exited: Promise<number>, restoring: boolean): Promise<Launched> {
    return new Promise((resolve) => {
      const there = (): void => {
        if (container.state !== 'setting-up') return;
        container.state = 'running';
        if (restoring) this.#settle(container);
        resolve(container.killed ? wasKilled : ok(null));
      };
      const watching = this.#pids.await(container.id, there);
      void exited.then((code) => {
        watching.dispose();
        if (this.#pids.pid(container.id) !== undefined) there();
        if (container.state === 'running') this.#onEnded(container, code);
        else {
          container.state = 'ended';
          resolve(container.killed ? wasKilled : machineFault(whyNotThere(container, restoring)));
        }
      });
    });
  }
}
