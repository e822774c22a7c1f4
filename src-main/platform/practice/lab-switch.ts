import { existsSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { z } from 'zod';
import { decodeSafely } from '../../../shared/wire/decode-safely.ts';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import type { ControlGroups } from './control-groups.ts';
import { cardAddress, type LabNames } from './lab-names.ts';
import { addressIn, chooseSubnet, headHost, type Subnet } from './lab-subnet.ts';
import { runTool } from './run-tool.ts';
import { startScript } from './start-script.ts';

const links = z.array(z.object({ ifname: z.string() }));
const routes = z.array(z.object({ dst: z.string() }));

/** The switch that a lab's PCs and its head are plugged into; it lives in a namespace that one process holds open. */
export class LabSwitch {
  readonly #names: LabNames;
  readonly #groups: ControlGroups;
  readonly #script: string;

  constructor(names: LabNames, groups: ControlGroups, script: string) {
    this.#names = names;
    this.#groups = groups;
    this.#script = script;
  }

  /** The process that holds it open. */
  get holder(): number | undefined {
    return this.#groups.pids('switch')[0];
  }

  /** Makes it unless it is there. The network it gives to the lab stays the same while it stands. */
  async make(): Promise<Result<Subnet>> {
    const present = this.#subnet();
    if (this.holder !== undefined && present !== undefined) return ok(present);
    await this.remove();
    const chosen = chooseSubnet(this.#names.tag, await takenNetworks());
    if (!chosen.ok) return chosen;
    const { uplink, tag } = this.#names;
    const started = await startScript(
      this.#script,
      {
        NS_GROUPS: this.#groups.make('switch').join('\n'),
        NS_UPLINK: uplink,
        NS_UPLINK_CARD: cardAddress(tag, 0),
        NS_HEAD: String(process.pid),
      },
      'ready',
    );
    if (!started.ok) return this.#failed(refusalWords(started.error));
    // Whatever the machine does for others: nothing of the lab is passed on.
    sysctl(`ipv4/conf/${uplink}/forwarding`, '0');
    sysctl(`ipv6/conf/${uplink}/disable_ipv6`, '1');
    const address = addressIn(chosen.value, headHost);
    const up = await runTool(
      'ip',
      ['-batch', '-'],
      `address add ${address}/24 broadcast + dev ${uplink}\nlink set dev ${uplink} up\n`,
    );
    return up.ok ? chosen : this.#failed(up.complaint);
  }

  /** A cable whose end lies ready in the switch's namespace. */
  async plugIn(pc: string): Promise<Result<null>> {
    return this.#port(pc, ['up', 'master', 'lan']);
  }

  /** Takes the cable of a PC away, at both ends; nothing it still sends gets anywhere. */
  async unplug(pc: string): Promise<void> {
    await this.#inside(['ip', 'link', 'delete', 'dev', pc]);
  }

  /** The cable stays in, but the switch passes nothing on. */
  async cut(pc: string): Promise<Result<null>> {
    return this.#port(pc, ['nomaster']);
  }

  async heal(pc: string): Promise<Result<null>> {
    return this.#port(pc, ['master', 'lan']);
  }

  /** What is plugged in and not cut. */
  async connected(): Promise<ReadonlySet<string>> {
    if (this.holder === undefined) return new Set();
    const shown = await this.#inside(['ip', '-json', 'link', 'show', 'master', 'lan']);
    const decoded = decodeSafely(links, shown.ok ? JSON.parse(shown.out || '[]') : []);
    return new Set(decoded.success ? decoded.data.map(({ ifname }) => ifname) : []);
  }

  async remove(): Promise<void> {
    await this.#groups.end('switch');
    // The kernel takes links of a dead namespace away in its own time.
    if (existsSync(`/sys/class/net/${this.#names.uplink}`)) {
      await runTool('ip', ['link', 'delete', 'dev', this.#names.uplink]);
    }
  }

  #subnet(): Subnet | undefined {
    const own = networkInterfaces()[this.#names.uplink]?.find(({ family }) => family === 'IPv4');
    return own?.address.split('.').slice(0, 3).join('.');
  }

  async #failed(complaint: string): Promise<Result<Subnet>> {
    await this.remove();
    return refuse('failed', `the practice lab's network could not be made: ${complaint}.`);
  }

  async #port(pc: string, change: readonly string[]): Promise<Result<null>> {
    const done = await this.#inside(['ip', 'link', 'set', 'dev', pc, ...change]);
    return done.ok ? ok(null) : refuse('failed', `the cable of ${pc}: ${done.complaint}.`);
  }

  #inside(words: readonly string[]): ReturnType<typeof runTool> {
    return runTool('nsenter', ['--target', String(this.holder ?? 0), '--net', ...words]);
  }
}

/** Networks that this machine has an address in or a route to. */
async function takenNetworks(): Promise<readonly string[]> {
  const shown = await runTool('ip', ['-4', '-json', 'route', 'show', 'table', 'all']);
  const decoded = decodeSafely(routes, shown.ok ? JSON.parse(shown.out || '[]') : []);
  const own = Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).flatMap(({ family, cidr }) => (family === 'IPv4' && cidr ? [cidr] : [])),
  );
  return [...(decoded.success ? decoded.data.map(({ dst }) => dst) : []), ...own];
}

/** Absent where the kernel has no such protocol. */
function sysctl(name: string, value: string): void {
  const file = `/proc/sys/net/${name}`;
  if (existsSync(file)) writeFileSync(file, value);
}
