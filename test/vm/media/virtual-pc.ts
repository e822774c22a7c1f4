import { spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tellQemu, type QmpCommand } from '../../../src-main/platform/practice/vm/qmp.ts';
import { pressKeys } from '../../../src-main/platform/practice/vm/vm-driver.ts';
import { addVariable } from './uefi-variables.ts';
import type { Accelerator } from '../../../src-main/platform/practice/vm/qemu-command.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';

/** bios: SeaBIOS; uefi: OVMF; secure: OVMF with Microsoft's keys enrolled and Secure Boot on. */
export type Firmware = 'bios' | 'uefi' | 'secure';

export interface PcParts {
  /** Its own, empty or not there yet. */
  readonly folder: string;
  readonly firmware: Firmware;
  readonly accelerator: Accelerator;
  /** Plugged into USB and first in the boot order; nothing is written on it. */
  readonly stick?: string;
  readonly floppy?: string;
  /** A built-in disk, second in the boot order. */
  readonly disk?: string;
  /** Whether it has a network card; the outside is this machine, at 10.0.2.2. */
  readonly network?: boolean;
  /** Instead: a network card on a switch of the test's own. */
  readonly cable?: Cable;
  /** Given to its firmware before it is first switched on, as other systems do when they are installed. */
  readonly bootEntries?: Readonly<Record<string, Uint8Array>>;
  /** What its clock shows when it is switched on, such as `2026-03-02T20:00:00`. */
  readonly clock?: string;
  readonly memory?: number;
  readonly processors?: number;
  /** A reset starts it again instead of switching it off. */
  readonly restarts?: boolean;
}

export interface Cable {
  /** The PC's end, a tap in the namespace that `within` leads to. */
  readonly tap: string;
  readonly mac: string;
  readonly within: readonly [string, ...string[]];
}

const ovmf = '/usr/share/OVMF';

/** A PC with firmware, as it comes from the shop: what it boots is plugged in. */
export class VirtualPc {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly ended: Promise<void>;

  constructor(parts: PcParts) {
    mkdirSync(parts.folder, { recursive: true });
    this.#folder = parts.folder;
    const path = `${process.env['PATH'] ?? ''}:/usr/sbin`;
    const [program, ...words] = [
      ...(parts.cable?.within ?? []),
      'qemu-system-x86_64',
      ...argumentsFor(parts),
    ] as const;
    this.#process = spawn(program, words, {
      cwd: parts.folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, PATH: path },
    });
    this.ended = new Promise((resolve, reject) => {
      this.#process.once('error', reject);
      this.#process.once('close', () => resolve());
    });
  }

  /** First serial line: firmware where it says something, menu, kernel; second: a copy of the screen. */
  said(line: 'first' | 'second' = 'first'): string {
    try {
      const text = readFileSync(join(this.#folder, line), 'latin1');
      // Menus place what they say by escape sequences.
      return text.replaceAll(/\x1b\[[0-9;?]*[A-Za-z]/g, ' ').replaceAll('\r', '');
    } catch {
      return '';
    }
  }

  /** Somebody presses keys at the same time. */
  press(...keys: readonly string[]): Promise<void> {
    return this.#tell(pressKeys(...keys));
  }

  pullStickOut(): Promise<void> {
    return this.#tell({ execute: 'device_del', arguments: { id: 'plug' } });
  }

  async #tell(command: QmpCommand): Promise<void> {
    const told = await tellQemu(this.#folder, [command]);
    if (!told.ok) throw new Error(refusalWords(told.error));
  }

  async off(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.ended;
  }
}

export const accelerators: Readonly<Record<Accelerator, readonly string[]>> = {
  kvm: ['-accel', 'kvm', '-cpu', 'host'],
  // -cx16: see src-main/platform/practice/vm/qemu-command.ts.
  tcg: ['-accel', 'tcg,thread=multi', '-cpu', 'max,-cx16'],
};

function argumentsFor(parts: PcParts): readonly string[] {
  const { stick, floppy, disk, clock } = parts;
  return [
    ...accelerators[parts.accelerator],
    ...['-smp', String(parts.processors ?? 2), '-m', `${parts.memory ?? 1024}M`],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-vga', 'std'],
    ...(parts.restarts === true ? [] : ['-no-reboot']),
    ...['-qmp', 'unix:qmp,server=on,wait=off'],
    ...['-serial', 'file:first', '-serial', 'file:second'],
    ...firmwareFor(parts),
    ...(clock === undefined ? [] : ['-rtc', `base=${clock}`]),
    ...(stick === undefined
      ? []
      : [
          ...['-drive', `if=none,id=stick,format=raw,file=${stick},snapshot=on`],
          ...['-device', 'qemu-xhci', '-device', 'usb-storage,id=plug,drive=stick,bootindex=0'],
        ]),
    ...(floppy === undefined
      ? []
      : ['-drive', `if=floppy,format=raw,file=${floppy},snapshot=on`, '-boot', 'order=ac']),
    ...(disk === undefined
      ? []
      : [
          ...['-drive', `if=none,id=disk,format=raw,file=${disk}`],
          ...['-device', `ide-hd,drive=disk${floppy === undefined ? ',bootindex=1' : ''}`],
        ]),
    ...networkOf(parts),
  ];
}

function networkOf({ network, cable }: PcParts): readonly string[] {
  if (cable) {
    return [
      ...['-netdev', `tap,id=net,ifname=${cable.tap},script=no,downscript=no`],
      ...['-device', `e1000,netdev=net,mac=${cable.mac},romfile=`],
    ];
  }
  if (network !== true) return ['-nic', 'none'];
  return ['-netdev', 'user,id=net', '-device', 'e1000,netdev=net,romfile='];
}

function firmwareFor({ firmware, folder, floppy, bootEntries }: PcParts): readonly string[] {
  // The newer chipset has no floppy controller.
  if (firmware === 'bios') return ['-machine', floppy === undefined ? 'q35' : 'pc'];
  const [code, variables] =
    firmware === 'secure'
      ? ['OVMF_CODE_4M.ms.fd', 'OVMF_VARS_4M.ms.fd']
      : ['OVMF_CODE_4M.fd', 'OVMF_VARS_4M.fd'];
  const file = join(folder, 'variables');
  copyFileSync(join(ovmf, variables), file);
  for (const [name, entry] of Object.entries(bootEntries ?? {})) addVariable(file, name, entry);
  return [
    ...['-machine', firmware === 'secure' ? 'q35,smm=on' : 'q35'],
    ...(firmware === 'secure' ? ['-global', 'driver=cfi.pflash01,property=secure,value=on'] : []),
    ...['-drive', `if=pflash,format=raw,unit=0,file=${join(ovmf, code)},readonly=on`],
    ...['-drive', 'if=pflash,format=raw,unit=1,file=variables'],
  ];
}
