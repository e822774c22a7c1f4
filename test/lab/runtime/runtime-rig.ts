import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from '../../../scripts/bundle.ts';
import { projectRoot } from '../../../scripts/project-node.mjs';
import { mebibytes } from '../../../shared/base/units.ts';
import type { BootIdentity } from '../../../shared/wire/enrolment.ts';
import { ContainerDriver } from '../../../src-main/platform/practice/container-driver.ts';
import { systemCacheDir } from '../../../shared/domain/system-cache.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { buildMemberSystem } from '../../../src-main/platform/system-builder/member-system.ts';
import {
  buildSoftwarePack,
  shippedPack,
} from '../../../src-main/platform/system-builder/software-pack.ts';
import { waitUntil } from '../wait-until.ts';
import { RemoteRuntime } from './remote-runtime.ts';

/** Practice PCs without a head, whose agents are only their container runtimes. */
export class RuntimeRig implements AsyncDisposable {
  readonly home = mkdtempSync(join(tmpdir(), 'nightshift-runtime-'));
  readonly #driver: ContainerDriver;
  readonly runtimes: RemoteRuntime[] = [];

  constructor() {
    this.#driver = new ContainerDriver({
      home: this.home,
      folder: join(this.home, 'practice'),
      assets: join(projectRoot, 'assets'),
    });
  }

  static async open(pcs: number): Promise<RuntimeRig> {
    const rig = new RuntimeRig();
    try {
      await rig.#powerOn(pcs);
      return rig;
    } catch (error) {
      await rig[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #powerOn(pcs: number): Promise<void> {
    const cacheDir = systemCacheDir(process.env);
    const onProgress = (): void => undefined;
    const system = await buildMemberSystem({ cacheDir, onProgress });
    const pack = await buildSoftwarePack({ recipe: shippedPack('base'), cacheDir, onProgress });
    if (!system.ok || !pack.ok) throw new Error('the member system could not be built');
    const agent = join(this.home, 'probe.mjs');
    await bundle(join('test', 'lab', 'runtime', 'runtime-probe.ts'), agent);
    const names = Array.from({ length: pcs }, (_, at) => `pc-0${at + 1}`);
    const started = await this.#driver.powerOn(
      names.map((name) => ({
        name,
        cpus: 2,
        memory: mebibytes(1024),
        identity: { name } as unknown as BootIdentity,
      })),
      {
        tree: system.value.path,
        version: system.value.version,
        packs: [{ name: 'base', path: pack.value.path }],
        agent,
      },
    );
    if (!started.ok) throw new Error(refusalWords(started.error));
    for (const name of names) this.runtimes.push(new RemoteRuntime(await this.#addressOf(name)));
  }

  /** The probe says it on its screen. */
  #addressOf(name: string): Promise<string> {
    return waitUntil(
      `the probe of ${name} listens`,
      async () => {
        const pc = (await this.#driver.list()).find((one) => one.name === name);
        return /probe (\S+)/.exec(pc?.screen.join('\n') ?? '')?.[1];
      },
      {
        picture: async () =>
          readFileSync(join(this.home, 'practice', name, 'agent.log'), 'utf8').slice(-2000),
      },
    );
  }

  /** kill −9 of what is in the agent's place; init starts it again. */
  async killAgent(name: string): Promise<void> {
    const [pid] = this.#processes(name, 'agent.mjs');
    if (pid === undefined) throw new Error(`no agent runs on ${name}`);
    process.kill(pid, 'SIGKILL');
    await waitUntil('another agent runs', () => {
      const [other] = this.#processes(name, 'agent.mjs');
      return other !== undefined && other !== pid;
    });
    await waitUntil('the other agent answers', () =>
      this.runtimes[Number(name.slice(-2)) - 1]?.adopt().then(
        () => true,
        () => false,
      ),
    );
  }

  /** Processes of a PC whose command line has this word. */
  #processes(name: string, word: string): readonly number[] {
    const group = readFileSync(join(this.home, 'practice', 'group'), 'utf8').trim();
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .map(Number)
      .filter((pid) => {
        try {
          const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
          const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
          return groups.includes(`/${group}/${name}`) && line.includes(word);
        } catch {
          return false; // it has ended
        }
      });
  }

  /** How many processes of programs there are on the PC. */
  programsOn(name: string, word: string): number {
    return this.#processes(name, word).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#driver.down();
    rmSync(this.home, { recursive: true, force: true });
  }
}
