import type { Bytes } from '../../../../shared/base/units.ts';

/** How guests run: on the processor itself, or emulated. */
export type Accelerator = 'kvm' | 'tcg';

/** A virtual network card. `id` is what QMP calls its cable. */
export interface Card {
  readonly id: string;
  /** QEMU's `-netdev`, without its id. */
  readonly backend: string;
  readonly mac: string;
  readonly address: string;
  /** Bits that the network fixes. */
  readonly prefix: number;
  readonly gateway: string | null;
}

export interface VirtualPc {
  /** Names the process among all of this machine. */
  readonly label: string;
  readonly cpus: number;
  readonly memory: Bytes;
  readonly kernel: string;
  readonly initrd: string;
  readonly cards: readonly Card[];
  /** Where other members reach it. */
  readonly lanAddress: string;
  /** Image files that it has as disks; members never see them. */
  readonly disks?: readonly string[];
}

/** -cx16: QEMU 7.2 without KVM panics half of the guests with it. */
const accelerators: Readonly<Record<Accelerator, readonly string[]>> = {
  kvm: ['-accel', 'kvm', '-cpu', 'host'],
  tcg: ['-accel', 'tcg,thread=multi', '-cpu', 'max,-cx16'],
};

/**
 * Everything is named relative to the PC's folder, since commas in paths would be read as QEMU's. A guest that restarts,
 * after a panic, boots again, as a PC does; one that was given back goes off.
 */
export function qemuArguments(pc: VirtualPc, accelerator: Accelerator): readonly string[] {
  return [
    ...['-name', pc.label, '-machine', 'q35', ...accelerators[accelerator]],
    ...['-smp', String(pc.cpus), '-m', `${Math.floor(pc.memory / 1024 / 1024)}M`],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-vga', 'std'],
    ...['-kernel', pc.kernel, '-initrd', pc.initrd, '-append', kernelLine(pc, accelerator)],
    // First serial port: kernel and agent's log. Second: the text of the screen.
    ...['-chardev', 'file,id=log,path=agent.log,append=on', '-serial', 'chardev:log'],
    ...['-chardev', 'file,id=screen,path=screen,append=on', '-serial', 'chardev:screen'],
    ...['-qmp', 'unix:qmp,server=on,wait=off'],
    ...pc.cards.flatMap((card) => [
      ...['-netdev', `${card.backend},id=${card.id}`],
      ...['-device', `virtio-net-pci,netdev=${card.id},mac=${card.mac},romfile=`],
    ]),
    ...(pc.disks ?? []).flatMap((path, index) => [
      ...['-drive', `if=none,id=disk${index},format=raw,file=${path.replaceAll(',', ',,')}`],
      ...['-device', `ide-hd,drive=disk${index},bus=ide.${index}`],
    ]),
    ...['-daemonize', '-pidfile', 'pid'],
  ];
}

/**
 * While the kernel starts it changes its own code, and an emulated processor now and then runs what another one was just
 * about to replace ("Oops: int3" in one boot of ten). The member system switches the others on later.
 */
const oneProcessorAtFirst = 'maxcpus=1';

/** See `assets/member-os/boot/system/usr/lib/nightshift/boot`. */
export function kernelLine(
  pc: Pick<VirtualPc, 'cards' | 'lanAddress'>,
  accelerator: Accelerator,
): string {
  return [
    'console=ttyS0 quiet panic=1',
    ...(accelerator === 'tcg' ? [oneProcessorAtFirst] : []),
    'nightshift.driver=vm nightshift.screen-copy=ttyS1 nightshift.leave=off',
    `nightshift.address=${pc.lanAddress}`,
    ...pc.cards.map(
      ({ mac, address, prefix, gateway }) =>
        `nightshift.nic=${mac},${address}/${prefix}${gateway === null ? '' : `,${gateway}`}`,
    ),
  ].join(' ');
}
