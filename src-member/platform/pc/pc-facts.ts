import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, cpus, loadavg, networkInterfaces, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { bytes, parseSize, type Bytes } from '../../../shared/base/units.ts';
import type { MemberFacts, WiredCard } from '../../../shared/domain/member.ts';
import { hardwareClock } from './hardware-clock.ts';
import { wiredCards } from './wired-cards.ts';

export interface PcWishes {
  readonly driver: 'container' | 'vm' | 'pc';
  /** What a practice PC pretends to have; null: the machine's own. */
  readonly processors: number | null;
  readonly memory: Bytes | null;
  readonly packs: string;
  /** Where other members reach this PC, when that is not its address towards the head. */
  readonly address: string | null;
}

/** NIGHTSHIFT_DRIVER, _CPUS, _MEMORY, _PACKS, _ADDRESS; what makes no sense is passed over. */
export function wishesIn(environment: Readonly<Record<string, string | undefined>>): PcWishes {
  const driver = environment['NIGHTSHIFT_DRIVER'];
  const processors = Number(environment['NIGHTSHIFT_CPUS']);
  const memory = parseSize(environment['NIGHTSHIFT_MEMORY'] ?? '');
  return {
    driver: driver === 'container' || driver === 'vm' ? driver : 'pc',
    processors: Number.isInteger(processors) && processors > 0 ? processors : null,
    memory: memory.ok && memory.value > 0 ? memory.value : null,
    packs: environment['NIGHTSHIFT_PACKS'] ?? '/packs',
    address: environment['NIGHTSHIFT_ADDRESS'] ?? null,
  };
}

export interface MeasuredPc {
  readonly speed: number;
  /** What tasks may have of the memory together, in bytes; null while that is unknown. */
  readonly spare: number | null;
  readonly preDump: boolean;
  readonly transferPort: number;
  /** As it was found; facts that change by themselves would look like another PC. */
  readonly start: Pick<MemberFacts, 'byClock' | 'boot'>;
  /** Software packs that the head would hand out. */
  readonly fetchable: readonly string[];
}

export function pcFacts(wishes: PcWishes, measured: MeasuredPc, address: string): MemberFacts {
  const { model, flags } = processorIn(text('/proc/cpuinfo'));
  const cards = wishes.driver === 'container' ? [] : wiredCards();
  return {
    machineKey: machineKey(cards),
    ...(cards.length === 0 ? {} : { cards }),
    processors: wishes.processors ?? cpus().length,
    memory: wishes.memory ?? bytes(totalmem()),
    ...(measured.spare === null ? {} : { spare: bytes(Math.floor(measured.spare)) }),
    speed: measured.speed,
    cpuModel: model,
    cpuFeatures: flags,
    architecture: arch(),
    kernel: release(),
    systemVersion: text('/etc/nightshift/version').trim() || 'unknown',
    packs: [...new Set([...packsIn(wishes.packs), ...measured.fetchable])].sort(),
    preDump: measured.preDump,
    address: wishes.address ?? address,
    transferPort: measured.transferPort,
    firmware:
      wishes.driver === 'container'
        ? 'container'
        : existsSync('/sys/firmware/efi')
          ? 'uefi'
          : 'bios',
    ...measured.start,
  };
}

/** Stays the same while this PC is on, also for an agent that is started again: the folder is in RAM. */
export function bootMark(folder: string): string {
  const file = join(folder, 'boot-mark');
  const known = text(file).trim();
  if (/^[0-9a-f]{32}$/.test(known)) return known;
  const fresh = randomBytes(16).toString('hex');
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, fresh, { mode: 0o600 });
  return fresh;
}

/** The boot medium says by which hours this PC's own clock decided; a PC that was told to come says none. */
export function byClock(
  commandLine: string = text('/proc/cmdline'),
  clock: { readonly date: string; readonly time: string } | null = hardwareClock(),
): Pick<MemberFacts, 'byClock'> {
  const hours = /(?:^|\s)nightshift\.(?:by-clock|hours)=(\S{1,40})/.exec(commandLine)?.[1];
  if (hours === undefined) return {};
  const said = clock === null ? 'nothing' : `${clock.date} ${clock.time.slice(0, 5)}`;
  return { byClock: { hours, said: said.slice(0, 40) } };
}

/** x86 says `model name` and `flags`, ARM `Features`. */
export function processorIn(cpuInfo: string): { readonly model: string; readonly flags: string[] } {
  const line = (name: string): string =>
    new RegExp(`^${name}\\s*:\\s*(.*)$`, 'm').exec(cpuInfo)?.[1]?.trim() ?? '';
  const flags = (line('flags') || line('Features')).split(/\s+/).filter(Boolean);
  return {
    model: (line('model name') || line('CPU implementer') || 'unknown').slice(0, 200),
    flags: [...new Set(flags)].sort(),
  };
}

/** A built-in card's address stays the same whatever is booted, plugged in and unplugged. */
function machineKey([first]: readonly WiredCard[]): string {
  if (first !== undefined) return first.address;
  const wired = Object.entries(networkInterfaces())
    .filter(([name]) => /^(eth|en|veth|lan|nic)/.test(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const mac = wired.flatMap(([, addresses]) => addresses ?? [])[0]?.mac ?? firstMac();
  return (
    mac ||
    text('/sys/class/dmi/id/product_uuid').trim() ||
    text('/etc/machine-id').trim() ||
    'unknown'
  );
}

/** A card without an address is not among Node's interfaces. */
function firstMac(): string {
  try {
    const names = readdirSync('/sys/class/net').sort();
    for (const name of names) {
      if (!/^(eth|en|veth|lan|nic)/.test(name)) continue;
      const mac = text(`/sys/class/net/${name}/address`).trim();
      if (mac !== '') return mac;
    }
  } catch {
    // no sysfs
  }
  return '';
}

function packsIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && readdirSync(join(folder, entry.name)).length > 0)
      .map(({ name }) => name)
      .sort();
  } catch {
    return [];
  }
}

export interface Load {
  readonly load: number;
  readonly memoryFree: Bytes;
}

/** A practice PC shares its machine: its load is its own tasks', its free memory what they leave of its share. */
export function pcLoad(
  wishes: PcWishes,
  ownTasks: { readonly running: number; readonly memory: number },
): Load {
  if (wishes.memory !== null || wishes.driver === 'container') {
    const memory = wishes.memory ?? bytes(totalmem());
    return { load: ownTasks.running, memoryFree: bytes(Math.max(0, memory - ownTasks.memory)) };
  }
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(text('/proc/meminfo'))?.[1];
  return { load: loadavg()[0] ?? 0, memoryFree: bytes(Number(available ?? 0) * 1024) };
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
