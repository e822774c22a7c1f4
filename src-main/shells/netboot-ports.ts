import type { Result } from '../../shared/base/result.ts';
import type { MacAddress } from '../../shared/domain/mac-address.ts';
import type { BootSight } from '../core/netboot/boot-progress.ts';
import type { DhcpAnswer } from '../core/netboot/dhcp-packet.ts';
import type { ProxyInterface } from '../core/netboot/dnsmasq-config.ts';
import type { ProxyEvent } from '../core/netboot/dnsmasq-log.ts';
import type { TftpAnswer } from '../core/netboot/tftp-packet.ts';

/** The outside world of network boot; src-main/platform/netboot has the real one. */

export interface ProxyOrder {
  readonly interfaces: readonly ProxyInterface[];
  readonly httpPort: number;
  readonly byDay: boolean;
  /** PCs that boot their own disk. */
  readonly home: readonly MacAddress[];
}

export interface ProxyListener {
  event(event: ProxyEvent): void;
  /** Once, by itself, not after `stop`. */
  ended(reason: string): void;
}

export interface RunningProxy {
  setHome(macs: readonly MacAddress[]): void;
  stop(): Promise<void>;
}

/** Answers PCs' DHCP questions beside the lab's own server, and gives out the first stage by TFTP. */
export interface ProxyServer {
  start(order: ProxyOrder, listener: ProxyListener): Promise<Result<RunningProxy>>;
}

export type SecondStage = 'ipxe' | 'grub';

export interface BootDesk {
  /** What this PC is to do now, in its second stage's own language. */
  script(stage: SecondStage, mac: MacAddress, address: string): string;
  sight(sight: BootSight): void;
}

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

/** Plain HTTP with the boot files and nothing else. */
export interface BootServer {
  open(
    addresses: readonly string[],
    material: BootMaterial,
    desk: BootDesk,
  ): Promise<Result<RunningBootServer>>;
}

/** Asks as a PC does. */
export interface BootProbes {
  /** Answers to a BIOS PC and to a UEFI PC. */
  dhcp(at: ProxyInterface): Promise<Result<readonly DhcpAnswer[]>>;
  tftp(server: string, file: string): Promise<TftpAnswer | undefined>;
  /** Why it does not come; null when it does. */
  http(url: string): Promise<string | null>;
  ownAddresses(): readonly string[];
}

export interface LabPc {
  readonly name: string;
  readonly machineKey: string;
  readonly address: string;
  readonly isHere: boolean;
  readonly releasedAt: number | null;
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
  /** When it was switched on, epoch milliseconds. */
  readonly since: number;
}

/** `save` returns when it is on the disk. */
export interface NetbootSettingsStore {
  load(): NetbootSettings;
  save(settings: NetbootSettings): void;
}

/** Sends to every lab interface's broadcast address. */
export interface WakeSender {
  send(packet: Uint8Array): void;
}
