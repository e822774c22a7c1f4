import type { EpochMillis, Millis } from '../../shared/base/units.ts';
import type { Result } from '../../shared/base/result.ts';
import type { MacAddress } from '../../shared/domain/mac-address.ts';

/** The outside world of network boot. What is said on the network is put together and understood by the core alone. */

export interface ProxyInterface {
  readonly name: string;
  /** IPv4, both. */
  readonly address: string;
  readonly netmask: string;
}

/** Files that dnsmasq gives out or reads, readable by its own user. */
export interface ProxyPlaces {
  readonly tftpRoot: string;
  readonly hostsFile: string;
}

export interface ProxyOrder {
  /** Its configuration, once it is known where its files lie. */
  configuration(places: ProxyPlaces): string;
  /** Below the TFTP root. */
  readonly texts: readonly { readonly name: string; readonly text: string }[];
  readonly files: readonly { readonly name: string; readonly file: string }[];
  /** PCs that boot their own disk, as dnsmasq reads them. */
  readonly hosts: string;
}

/** Where the boot loaders of the first stage lie. */
export type FirstStageFiles = Readonly<Record<'bios' | 'uefi' | 'uefiSecond', string>>;

export interface ProxyListener {
  /** A line of its log. */
  line(line: string): void;
  /** A DHCP question as it came by broadcast, whether the server answers it or not. */
  question?(packet: Uint8Array): void;
  /** Once, by itself, not after `stop`. */
  ended(reason: string): void;
}

export interface RunningProxy {
  setHosts(hosts: string): void;
  stop(): Promise<void>;
}

/** dnsmasq, beside the lab's own DHCP server. It ends with the head, however the head ends. */
export interface ProxyServer {
  /** Whether this machine can at all; brings what is missing. */
  ready(): Promise<Result<null>>;
  start(order: ProxyOrder, listener: ProxyListener): Promise<Result<RunningProxy>>;
}

export type SecondStage = 'ipxe' | 'grub';

/** A PC that fetches what it boots. */
export type BootFetch =
  | {
      readonly t: 'fetching';
      readonly part: 'kernel' | 'image';
      readonly mac: MacAddress;
      readonly bytes: number;
      readonly total: number;
    }
  | { readonly t: 'fetched'; readonly part: 'kernel' | 'image'; readonly mac: MacAddress }
  | { readonly t: 'broken-off'; readonly mac: MacAddress; readonly reason: string };

export interface BootRequests {
  /** The script at the fixed entrance, the same for every PC. */
  entrance(): string;
  /** What this PC is to do now, in its second stage's own language. */
  script(stage: SecondStage, mac: MacAddress, address: string): string;
  sight(sight: BootFetch): void;
}

/** Read anew for every PC: which image is in use may change while a server is open. */
export interface BootMaterial {
  readonly kernel: string;
  /** Files that make up the image, one after the other. */
  readonly image: readonly string[];
  /** Laid over the image: this lab's identity, without a token. */
  identity(headAddress: string): Uint8Array;
}

export interface RunningBootServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Where iPXE fetches its script; a PC's own files lie below `/pc/<mac>/`. */
export const ipxeEntrance = '/boot.ipxe';

/** Plain HTTP with the boot files and nothing else. */
export interface BootServer {
  open(
    addresses: readonly string[],
    material: BootMaterial,
    requests: BootRequests,
  ): Promise<Result<RunningBootServer>>;
}

export interface Datagram {
  readonly bytes: Uint8Array;
  /** IPv4. */
  readonly from: string;
}

export interface Question {
  readonly to: string;
  readonly port: number;
  readonly bytes: Uint8Array;
  /** Where answers come to; null: anywhere. */
  readonly ownPort: number | null;
  /** It is asked again at half of it. */
  readonly patience: Millis;
  /** At the first answer this is said to whoever gave it, and no more is waited for; null: all answers are wanted. */
  readonly thanks: Uint8Array | null;
}

/** UDP and HTTP as a PC would use them. */
export interface Probes {
  ask(question: Question): Promise<Result<readonly Datagram[]>>;
  /** A broadcast, from this interface. */
  broadcast(from: ProxyInterface, to: string, port: number, bytes: Uint8Array): void;
  /** Why it does not come; null when it does. */
  fetch(url: string): Promise<string | null>;
  ownAddresses(): readonly string[];
  /** The card of an interface of this machine. */
  macOf(name: string): MacAddress | undefined;
  /** The card behind an address, as the kernel learnt it. */
  neighbour(address: string): MacAddress | undefined;
}

/** A PC of the lab by its hardware. */
export interface LabPc {
  readonly name: string;
  readonly machineKey: string;
  /** All of its wired cards; none: only what it calls itself by is known. */
  readonly cards?: readonly MacAddress[];
  readonly address: string;
  readonly isHere: boolean;
  readonly releasedAt: EpochMillis | null;
}

export interface NetbootSettings {
  readonly on: boolean;
  /** Names; null: every one that leads to the lab. */
  readonly interfaces: readonly string[] | null;
  /** `18:00-07:30`; null: at any hour. */
  readonly hours: string | null;
  readonly atOnce: number;
  /** For the kernel, besides what it always gets. */
  readonly kernelOptions: string;
  /** When it was switched on. */
  readonly since: EpochMillis;
  /** Boot floppies that were made and may still be used; null: none. */
  readonly floppies: FloppySettings | null;
}

export interface FloppySettings {
  readonly until: EpochMillis;
  /** `host:port` as on the newest floppies; null: somebody chose another than the head's own. */
  readonly address: string | null;
}

/** `save` returns when it is on the disk. */
export interface NetbootSettingsStore {
  /** Undefined when nothing was ever saved. */
  load(): NetbootSettings | undefined;
  save(settings: NetbootSettings): void;
}
