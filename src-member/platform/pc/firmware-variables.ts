import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where Linux shows the firmware's variables (kernel: Documentation/filesystems/efivarfs.rst). */
const folder = '/sys/firmware/efi/efivars';
/** EFI_GLOBAL_VARIABLE: the variables that the specification itself defines. */
const owner = '8be4df61-93ca-11d2-aa0d-00e098032b8c';
/** Variables of Nightshift's own; a number drawn once. */
const ours = '6f1c6c0e-7d58-4b8e-9a35-3d0f5e8b7c21';
const triesName = `NightshiftTries-${ours}`;
/**
 * The kernel makes variables that it does not know unchangeable (efivarfs.rst). FS_IOC_SETFLAGS with no flag lifts that;
 * Node has no ioctl, and the member system no chattr.
 */
const changeable =
  'my $none = pack "q", 0; open my $f, "<", $ARGV[0] or exit 1; ioctl($f, 0x40086602, $none) or exit 1';
/** Each file begins with four bytes of attributes. */
const attributes = 4;
/** Kept over resets, seen by firmware, seen by systems. */
const nonVolatile = 0b111;

/** The firmware's choice of what to boot (UEFI 2.10 §3.3). Empty where there is no UEFI. */
export class FirmwareVariables {
  readonly #folder: string;

  constructor(from: string = folder) {
    this.#folder = from;
  }

  /** Numbers and contents of the `Boot####` variables. */
  bootOptions(): readonly (readonly [number, Uint8Array])[] {
    return this.#names().flatMap((name): (readonly [number, Uint8Array])[] => {
      const digits = /^Boot([0-9A-F]{4})-/i.exec(name)?.[1];
      const content = name.endsWith(owner) ? this.#read(name) : undefined;
      return digits === undefined || content === undefined
        ? []
        : [[Number.parseInt(digits, 16), content]];
    });
  }

  bootOrder(): readonly number[] {
    return numbersIn(this.#read(`BootOrder-${owner}`));
  }

  bootCurrent(): number | null {
    return numbersIn(this.#read(`BootCurrent-${owner}`))[0] ?? null;
  }

  /** Once, at the next start. Throws when the firmware does not take it. */
  setBootNext(number: number): void {
    const content = Buffer.alloc(2);
    content.writeUInt16LE(number);
    this.#write(`BootNext-${owner}`, content);
  }

  /** What `setTries` left at an earlier start. */
  tries(): Uint8Array | undefined {
    return this.#read(triesName);
  }

  /** Throws when the firmware does not take it. */
  setTries(content: Uint8Array): void {
    const path = join(this.#folder, triesName);
    if (existsSync(path)) spawnSync('perl', ['-e', changeable, path]);
    this.#write(triesName, content);
  }

  #write(name: string, content: Uint8Array): void {
    const head = Buffer.alloc(attributes);
    head.writeUInt32LE(nonVolatile, 0);
    // One write: the kernel hands each over as a whole variable.
    writeFileSync(join(this.#folder, name), Buffer.concat([head, content]));
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.#folder);
    } catch {
      return [];
    }
  }

  #read(name: string): Uint8Array | undefined {
    try {
      return readFileSync(join(this.#folder, name)).subarray(attributes);
    } catch {
      return undefined;
    }
  }
}

function numbersIn(content: Uint8Array | undefined): readonly number[] {
  if (content === undefined) return [];
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  return Array.from({ length: Math.floor(content.length / 2) }, (_, index) =>
    view.getUint16(index * 2, true),
  );
}
