import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { BootFinding, NetbootView } from '../../../shared/api/netboot-views.ts';
import type { Accelerator } from '../../../src-main/platform/practice/vm/qemu-command.ts';
import { NamespaceNetwork } from '../../lab/identity/network.ts';
import { waitUntil } from '../../lab/wait-until.ts';
import { accelerators } from '../../vm/media/virtual-pc.ts';
import { diskThatSays, standIn } from './stand-in.ts';

const minute = 60_000;

export interface PcWish {
  readonly mac: string;
  /**
   * bios: SeaBIOS with the card's own iPXE ROM. plain-bios: a ROM that does not say it is iPXE, as on nearly every PC.
   * uefi: OVMF's own network stack. secure-uefi: with Secure Boot and Microsoft's keys.
   */
  readonly firmware: 'bios' | 'plain-bios' | 'uefi' | 'secure-uefi';
  /** MiB. */
  readonly memory?: number;
}

/** A lab's network with a DHCP server that knows nothing of us, a head that does network boot, and PCs that start. */
export class NetbootRoom implements Disposable {
  readonly network = new NamespaceNetwork();
  readonly folder = mkdtempSync(join(tmpdir(), 'nightshift-room-'));
  readonly #children = new Set<ChildProcess>();
  readonly #taps = new Map<string, string>();
  #head: HeadUnderTest | undefined;
  /** Of the PCs that it switches on. */
  accelerator: Accelerator = 'tcg';

  constructor() {
    // What the head makes for dnsmasq's own user lies in here, too.
    chmodSync(this.folder, 0o755);
    this.network.add('campus', '10.77.0.1');
    this.network.add('head', '10.77.0.2');
  }

  /** dnsmasq as the lab's ordinary DHCP server. */
  async startDhcp(more: readonly string[] = []): Promise<ChildProcess> {
    return this.startDnsmasq('campus', [
      '--dhcp-range=10.77.0.100,10.77.0.200,255.255.255.0,1h',
      '--no-ping',
      ...more,
    ]);
  }

  async startDnsmasq(on: string, more: readonly string[]): Promise<ChildProcess> {
    const leases = join(this.folder, `${on}.leases`);
    const options = ['--keep-in-foreground', '--port=0', '--interface=eth0', '--bind-dynamic'];
    const child = this.start([
      ...this.network.on(on),
      ...['dnsmasq', '--conf-file=/dev/null', ...options, '--log-facility=-', '--pid-file='],
      ...['--user=root', `--dhcp-leasefile=${leases}`, ...more],
    ]);
    let said = '';
    child.stderr?.on('data', (piece: Buffer) => (said += piece.toString()));
    await waitUntil('dnsmasq has started', () => said.includes('started, version'), {
      picture: async () => said,
    });
    return child;
  }

  async startHead(wish: { readonly atOnce?: number } = {}): Promise<HeadUnderTest> {
    const material = await standIn();
    const config = {
      folder: join(this.folder, 'netboot'),
      loaders: material.loaders,
      kernel: material.kernel,
      image: material.image,
      atOnce: wish.atOnce ?? 8,
      kernelOptions: 'console=ttyS0 panic=-1',
    };
    this.#head = new HeadUnderTest(
      this.start([
        ...this.network.on('head'),
        ...['env', `TMPDIR=${this.folder}`],
        ...[process.execPath, join(import.meta.dirname, 'netboot-head.ts'), JSON.stringify(config)],
      ]),
    );
    return this.#head;
  }

  /** Switches a PC on: it boots from the network first, then from its disk. */
  boot({ mac, firmware, memory }: PcWish): PcUnderTest {
    const name = mac.slice(-2);
    if (!this.#taps.has(name)) this.#taps.set(name, this.network.addTap(name));
    const tap = this.#taps.get(name) ?? '';
    const serial = join(this.folder, `${name}.serial`);
    const disk = join(this.folder, `${name}.disk`);
    writeFileSync(serial, '');
    writeFileSync(`${serial}.2`, '');
    writeFileSync(disk, diskThatSays('THE DISK BOOTS'));
    const child = this.start([
      ...['nice', '-n', '10', ...this.network.on('sw'), 'qemu-system-x86_64'],
      ...accelerators[this.accelerator],
      ...['-m', `${memory ?? 1024}M`],
      ...['-nodefaults', '-display', 'none', '-no-reboot'],
      ...['-serial', `file:${serial}`, '-serial', `file:${serial}.2`],
      ...['-netdev', `tap,id=n,ifname=${tap},script=no,downscript=no`],
      ...['-drive', `if=none,id=d,format=raw,file=${disk}`],
      ...['-device', 'virtio-blk-pci,drive=d,bootindex=9'],
      ...this.#firmware(firmware, mac, name),
    ]);
    return new PcUnderTest(child, serial);
  }

  /** Runs a command on a machine to its end. */
  async perform(on: string, command: readonly string[]): Promise<void> {
    const child = this.start([...this.network.on(on), ...command]);
    let said = '';
    child.stderr?.on('data', (piece: Buffer) => (said += piece.toString()));
    const code = await new Promise((resolve) => child.on('close', resolve));
    if (code !== 0) throw new Error(`${command.join(' ')}: ${said}`);
  }

  /** Process ids of dnsmasq on a machine. */
  dnsmasqOn(name: string): readonly number[] {
    const namespace = this.network.on(name).at(-1) ?? '';
    const pids = execFileSync('ip', ['netns', 'pids', namespace], { encoding: 'utf8' });
    return pids
      .split('\n')
      .filter((pid) => pid !== '' && programOf(pid) === 'dnsmasq')
      .map(Number);
  }

  start(command: readonly string[]): ChildProcess {
    // It ends with the test, also when that is killed.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#children.add(child);
    child.on('close', () => this.#children.delete(child));
    return child;
  }

  [Symbol.dispose](): void {
    this.#head?.close();
    for (const child of this.#children) child.kill('SIGKILL');
    this.network[Symbol.dispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #firmware(kind: PcWish['firmware'], mac: string, name: string): readonly string[] {
    const card = `virtio-net-pci,netdev=n,mac=${mac}`;
    if (kind === 'bios') {
      return ['-machine', 'q35,graphics=off', '-device', `${card},bootindex=1`];
    }
    if (kind === 'plain-bios') {
      // QEMU has no ROM but iPXE's, so one that names itself otherwise stands in for the others.
      const script = join(this.folder, `${name}.ipxe`);
      writeFileSync(script, '#!ipxe\nset user-class Plain\nautoboot\n');
      const rom = ['-kernel', ipxeKernel, '-initrd', script];
      return ['-machine', 'q35,graphics=off', '-device', card, ...rom];
    }
    const secure = kind === 'secure-uefi';
    const variables = join(this.folder, `${name}.vars`);
    const ms = secure ? '.ms' : '';
    copyFileSync(`/usr/share/OVMF/OVMF_VARS_4M${ms}.fd`, variables);
    const flash = 'if=pflash,format=raw';
    return [
      ...['-machine', secure ? 'q35,smm=on' : 'q35'],
      ...(secure ? ['-global', 'driver=cfi.pflash01,property=secure,value=on'] : []),
      ...['-drive', `${flash},unit=0,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M${ms}.fd`],
      ...['-drive', `${flash},unit=1,file=${variables}`],
      // Without a ROM of the card's own, OVMF's network stack boots it, as a PC's would.
      ...['-device', `${card},bootindex=1,romfile=`, '-device', 'virtio-rng-pci'],
    ];
  }
}

function programOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return ''; // it has just ended
  }
}

let ipxeKernel = '';
/** `ipxe.lkrn` of Debian 13. */
export const useIpxe = (path: string): void => void (ipxeKernel = path);

export class HeadUnderTest {
  readonly #child: ChildProcess;
  readonly #events: Record<string, unknown>[] = [];
  #errors = '';

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.on('data', (piece: Buffer) => (this.#errors += piece.toString()));
    if (child.stdout) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        this.#events.push(JSON.parse(line) as Record<string, unknown>);
      });
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Gives a command and waits for its answer. */
  async ask(command: { readonly do: string } & Record<string, unknown>): Promise<unknown> {
    const before = this.#count(command.do);
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
    await waitUntil(`an answer to ${command.do}`, () => this.#count(command.do) > before, {
      within: 3 * minute,
      every: 50,
      picture: async () => `${this.#errors} ${this.#tail()}`,
    });
    return this.#events.findLast((event) => command.do in event)?.[command.do];
  }

  async switchOn(hours: string | null = null): Promise<NetbootView> {
    const answer = (await this.ask({ do: 'on', hours })) as { ok: boolean; value: NetbootView };
    if (!answer.ok) throw new Error(JSON.stringify(answer));
    return answer.value;
  }

  async diagnose(): Promise<readonly BootFinding[]> {
    const answer = (await this.ask({ do: 'diagnose' })) as { ok: boolean; value: BootFinding[] };
    if (!answer.ok) throw new Error(JSON.stringify(answer));
    return answer.value;
  }

  status(): NetbootView | undefined {
    return this.#events.findLast((event) => 'status' in event)?.['status'] as
      NetbootView | undefined;
  }

  /** Every stage that a PC was seen in, in order, each once in a row. */
  stagesOf(mac: string): readonly string[] {
    const all = this.#events.flatMap((event) => {
      const view = event['status'] as NetbootView | undefined;
      return view?.pcs.find((pc) => (pc.mac as string) === mac)?.stage ?? [];
    });
    return all.filter((stage, index) => stage !== all[index - 1]);
  }

  close(): void {
    this.#child.stdin?.end();
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #count(kind: string): number {
    return this.#events.filter((event) => kind in event).length;
  }

  #tail(): string {
    return this.#events
      .slice(-8)
      .map((event) => JSON.stringify(event))
      .join('\n');
  }
}

export class PcUnderTest {
  readonly #child: ChildProcess;
  readonly #serial: string;
  #errors = '';

  constructor(child: ChildProcess, serial: string) {
    this.#child = child;
    this.#serial = serial;
    child.stderr?.on('data', (piece: Buffer) => (this.#errors += piece.toString()));
  }

  /**
   * All that its serial line said, without colours and cursor movements; with a member system that copies its screen
   * to the second line, that, too.
   */
  screen(): string {
    const text = readFileSync(this.#serial, 'latin1') + readFileSync(`${this.#serial}.2`, 'latin1');
    return text.replaceAll(/\x1b\[[0-9;=?]*[A-Za-z]/g, '').replaceAll('\r', '');
  }

  async says(words: string): Promise<void> {
    await waitUntil(`"${words}" is on the screen`, () => this.screen().includes(words), {
      within: 6 * minute,
      every: 200,
      picture: async () => `${this.screen().slice(-2500)}\n${this.#errors}`,
    });
  }

  async off(): Promise<void> {
    const closed = new Promise((resolve) => this.#child.on('close', resolve));
    this.#child.kill('SIGKILL');
    await closed;
  }
}
