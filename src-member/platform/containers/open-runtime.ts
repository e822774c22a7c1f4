import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import type { InputFile, InputNode } from '../../../shared/domain/job.ts';
import type { StartFault } from '../../ports/container-runtime.ts';
import { Cgroups, findHierarchies } from './cgroups.ts';
import { CrunRuntime } from './crun-runtime.ts';
import { Supervisor, mountFlags } from './supervisor.ts';

export interface RuntimeWishes {
  readonly folder: string;
  readonly packs: string;
  readonly prefix: string;
  readonly processors: number;
  /** Of this PC, in bytes. */
  readonly memory: number;
  ensurePack(name: string): Promise<Result<null, StartFault>>;
  placeInputs(
    inputs: readonly InputFile[],
    folder: string,
    nodes?: readonly InputNode[],
  ): Promise<Result<null, StartFault>>;
  /** The supervisor died: exit codes of what runs are lost with it. */
  onSupervisorLost(): void;
}

/** How often memory is looked at where the kernel does not limit it. */
const watchEvery = 500;

export interface OpenRuntime {
  readonly runtime: CrunRuntime;
  close(): void;
}

/** Containers on this PC, when it can have them. */
export async function openRuntime(wishes: RuntimeWishes): Promise<Result<OpenRuntime>> {
  const hierarchies = findHierarchies(readFileSync('/proc/self/mountinfo', 'utf8'));
  if (!hierarchies)
    return refuse('failed', 'This PC cannot run tasks: cgroup2 is not mounted at /sys/fs/cgroup.');
  mkdirSync(wishes.folder, { recursive: true, mode: 0o711 });
  const supervisor = await Supervisor.find(wishes.folder, () => wishes.onSupervisorLost());
  const runtime = new CrunRuntime({
    ...wishes,
    crun: await readOnlyCrun(wishes.folder, supervisor),
    supervisor,
    groups: new Cgroups(hierarchies),
    startsAtOnce: Math.max(4, 2 * wishes.processors),
  });
  const timer = setInterval(() => runtime.watchMemory(), watchEvery);
  timer.unref();
  return ok({
    runtime,
    close() {
      clearInterval(timer);
      runtime.close();
      supervisor.close();
    },
  });
}

const installedCrun = '/usr/bin/crun';

/**
 * crun copies and re-executes itself at each start (CVE-2019-5736) unless it already is on a read-only mount and told so,
 * as the supervisor does: 1.1 ms a start.
 */
async function readOnlyCrun(folder: string, supervisor: Supervisor): Promise<string> {
  const path = join(folder, 'crun');
  if (existsSync(path) && statSync(path).size > 0) return path;
  closeSync(openSync(path, 'w', 0o755));
  const { bind, remount, readOnly } = mountFlags;
  const bound = await supervisor.mount(installedCrun, path, 'none', bind, '');
  if (bound !== 0) return installedCrun;
  const sealed = await supervisor.mount('none', path, 'none', bind | remount | readOnly, '');
  return sealed === 0 ? path : installedCrun;
}
