import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../../scripts/project-node.mjs';
import { bytes, type Bytes } from '../../../shared/base/units.ts';
import type { PracticePc } from '../../../src-main/ports/practice-lab.ts';
import { systemCacheDir } from '../../../shared/domain/system-cache.ts';
import { ContainerDriver } from '../../../src-main/platform/practice/container-driver.ts';
import { ControlGroups } from '../../../src-main/platform/practice/control-groups.ts';
import { labNames } from '../../../src-main/platform/practice/lab-names.ts';
import type { PcSystem } from '../../../src-main/platform/practice/practice-driver.ts';
import { PracticeLab } from '../../../src-main/platform/practice/practice-lab.ts';
import { buildMemberSystem } from '../../../src-main/platform/system-builder/member-system.ts';
import {
  buildSoftwarePack,
  shippedPack,
} from '../../../src-main/platform/system-builder/software-pack.ts';
import { systemClock } from '../../../shared/node/system-clock.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { waitUntil } from '../wait-until.ts';

const cacheDir = systemCacheDir(process.env);
const onProgress = (): void => undefined;

/** What PCs boot, with the small agent in place of the real one. */
async function standInSystem(): Promise<PcSystem> {
  const system = await buildMemberSystem({ cacheDir, onProgress });
  const pack = await buildSoftwarePack({ recipe: shippedPack('base'), cacheDir, onProgress });
  if (!system.ok) throw new Error(refusalWords(system.error));
  if (!pack.ok) throw new Error(refusalWords(pack.error));
  return {
    tree: system.value.path,
    version: system.value.version,
    packs: [{ name: 'base', path: pack.value.path }],
    agent: join(projectRoot, 'test', 'lab', 'practice', 'stand-in-agent.mjs'),
  };
}

/** A practice lab as a head has it, over a home that may outlive the head. */
export function openPracticeLab(home: string, freeMemory: Bytes = bytes(8 * 2 ** 30)): PracticeLab {
  const container = new ContainerDriver({
    home,
    folder: join(home, 'practice'),
    assets: join(projectRoot, 'assets'),
  });
  return new PracticeLab({
    drivers: { container, vm: undefined },
    clock: systemClock(),
    freeMemory: () => freeMemory,
    system: async () => ({ ok: true, value: await standInSystem() }),
    identity: (name) => ({
      version: 1,
      lab: 'practice',
      labId: 'stand-in',
      headKey: '0'.repeat(64),
      token: { id: name, secret: 'not a secret at all' },
      headAddress: null,
      name,
      timings: 'practice',
    }),
    expectBack: () => ({ ok: true, value: null }),
    powerTaken: () => ({ ok: true, value: null }),
    log: () => undefined,
  });
}

/** A home with a lab in it, gone when the test is over. The blank and the comma are there because people have them. */
export class PracticeBench implements AsyncDisposable {
  readonly home = mkdtempSync(join(tmpdir(), 'night shift, '));
  readonly names = labNames(this.home);
  lab = openPracticeLab(this.home);

  get folder(): string {
    return join(this.home, 'practice');
  }

  get groups(): ControlGroups {
    const groups = ControlGroups.open(this.names.group);
    if (!groups.ok) throw new Error(refusalWords(groups.error));
    return groups.value;
  }

  /** As a head that was started again has it. */
  reopen(): void {
    this.lab.dispose();
    this.lab = openPracticeLab(this.home);
  }

  async up(pcs: number, memory: Bytes | null = null): Promise<readonly PracticePc[]> {
    const up = await this.lab.up({ pcs, driver: 'container', cpus: 2, memory });
    if (!up.ok) throw new Error(refusalWords(up.error));
    return up.value;
  }

  async pc(name: string): Promise<PracticePc> {
    const list = await this.lab.list();
    const found = list.ok && list.value.find((pc) => pc.name === name);
    if (!found) throw new Error(`no ${name}`);
    return found;
  }

  screenSays(name: string, line: string): Promise<boolean> {
    return waitUntil(
      `the screen of ${name} says "${line}"`,
      async () => (await this.pc(name)).screen.includes(line),
      { picture: async () => (await this.pc(name)).screen.join('\n'), every: 20 },
    );
  }

  /** Everything of this lab that is left anywhere in the machine. */
  remains(): readonly string[] {
    const links = Object.keys(networkInterfaces()).concat(readdirSync('/sys/class/net'));
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    const escaped = this.home.replaceAll(' ', '\\040');
    return [
      ...links.filter((name) => name === this.names.uplink),
      ...mounts.filter((line) => line.includes(escaped)),
      ...['unified', 'memory', 'cpu', '']
        .map((hierarchy) => join('/sys/fs/cgroup', hierarchy, this.names.group))
        .filter((folder) => existsSync(folder)),
      ...processesOf(this.names.group, this.home),
      ...(existsSync(this.folder) ? readdirSync(this.folder) : []),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab.down();
    this.lab.dispose();
    rmSync(this.home, { recursive: true, force: true });
  }
}

function processesOf(group: string, home: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || pid === String(process.pid)) return false;
    try {
      // A dead one waits for the machine's own process 1 to take note; it holds nothing any more.
      if (/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) return false;
      return (
        readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(group) ||
        readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`NS_FOLDER=${home}`)
      );
    } catch {
      return false;
    }
  });
}
