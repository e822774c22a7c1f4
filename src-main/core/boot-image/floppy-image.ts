import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { plain, serialTerminal, type MenuWish } from './boot-menu.ts';
import { ascii } from './byte-fields.ts';
import { diskImage, sectorSize, sectorsOf, type DiskImage } from './disk-image.ts';
import { floppySectors, floppyShape } from './fat-shape.ts';
import { fatVolume } from './fat-volume.ts';
import { byClockWord, nightByClock } from './pc-clock.ts';

export interface FloppyWish extends MenuWish {
  readonly loaders: {
    /** GRUB for BIOS: the first sector, and what stands in the reserved sectors behind it. */
    readonly boot: Uint8Array;
    readonly core: Uint8Array;
    readonly ipxe: Uint8Array;
  };
  /** Where the head serves its boot files, such as `http://192.168.7.1:7413/boot.ipxe`. */
  readonly entrance: string;
  readonly serial: number;
}

export const floppySize = floppySectors * sectorSize;
const label = 'NIGHTSHIFT';
const files = {
  ipxe: 'ipxe.lkrn',
  script: 'lab.ipxe',
  /** The same, and says that the PC's own clock decided. */
  byClock: 'clock.ipxe',
  menu: 'boot/grub/grub.cfg',
} as const;
/** Boot sector, two tables, root and two folders, one cluster lost at the end of each file. */
const frameSectors = 1 + 2 * 9 + 14 + 2 + 3;

/**
 * A floppy of 1.44 MB for PCs whose BIOS boots neither USB nor network: GRUB loads iPXE, and iPXE, which cannot read
 * floppies itself, gets its script from GRUB as if it were an initrd.
 *
 * It holds no token, since what it fetches goes over plain HTTP: a PC that starts from it shows a code, as one that
 * boots from the network does, and is remembered once a person has let it in.
 */
export function floppyImage(wish: FloppyWish): Result<DiskImage> {
  const { loaders, serial } = wish;
  const volumeFiles = [
    { path: files.ipxe, content: loaders.ipxe },
    { path: files.script, content: ascii(floppyScript(wish)) },
    ...(wish.hours === null
      ? []
      : [{ path: files.byClock, content: ascii(floppyScript(withClock(wish))) }]),
    { path: files.menu, content: ascii(floppyMenu(wish)) },
  ].map((file) => ({ ...file, size: file.content.length }));
  const coreSectors = sectorsOf(loaders.core.length);
  const needed = volumeFiles.reduce(
    (sum, { size }) => sum + sectorsOf(size),
    coreSectors + frameSectors,
  );
  if (needed > floppySectors) {
    return refuse(
      'failed',
      `The boot loaders take ${needed - floppySectors} sectors more than a floppy has; build older ones.`,
    );
  }
  const shape = floppyShape(coreSectors);
  return ok(
    diskImage(floppySize, [
      ...fatVolume(shape, { label, serial }, volumeFiles, loaders.boot),
      { at: sectorSize, size: loaders.core.length, content: loaders.core },
    ]),
  );
}

/** Returning to the BIOS is enough here: a floppy is no disk, so the first disk is still the PC's own. */
export function floppyMenu({ lab, hours, clocks, kernelOptions }: MenuWish): string {
  const join = (id: string, title: string, script: string): readonly string[] => [
    `menuentry '${title}' --id ${id} {`,
    '  echo "Loading iPXE ..."',
    `  linux16 /${files.ipxe}`,
    `  initrd16 /${script}`,
    '}',
  ];
  return `${[
    ...serialTerminal(kernelOptions),
    'set timeout=5',
    ...(hours === null
      ? ['set default=now']
      : [
          ...nightByClock(hours, clocks),
          'if [ "$night" = yes ]; then set default=clock; else set default=own; fi',
        ]),
    '',
    ...join('now', `Join the lab "${plain(lab)}" now (Nightshift)`, files.script),
    ...(hours === null
      ? []
      : join('clock', `By the clock: it is night, join the lab`, files.byClock)),
    `menuentry 'Start this PC'\\''s own system' --id own {`,
    '  exit',
    '}',
  ].join('\n')}\n`;
}

const withClock = (wish: FloppyWish): FloppyWish => ({
  ...wish,
  kernelOptions: `${wish.kernelOptions}${byClockWord(wish.hours)}`.trim(),
});

/** The setting of iPXE by which a floppy hands its own words for the kernel on to the head's script. */
export const floppyWords = 'nightshift-words';

/** iPXE (ipxe.org/scripting): finds the network, then asks the head what to boot, as PCs that boot from the network do. */
export const floppyScript = ({
  lab,
  entrance,
  kernelOptions,
}: Pick<FloppyWish, 'lab' | 'entrance' | 'kernelOptions'>): string =>
  `#!ipxe
set tries:int32 0
${kernelOptions === '' ? '' : `set ${floppyWords} ${kernelOptions}\n`}:again
echo Nightshift: looking for the head of lab ${plain(lab)}
dhcp && chain --autofree ${entrance} && exit 0 ||
inc tries
iseq \${tries} 5 && goto own ||
echo Nightshift: no answer from ${entrance}; is the cable in, does the head run? Trying again.
sleep 3
goto again
:own
echo Nightshift: this PC starts its own system now.
sleep 3
exit 0
`;
