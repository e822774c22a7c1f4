import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { mebibytes } from '../../../shared/base/units.ts';
import type { Drive, ErasableDrive } from '../../../shared/domain/drive.ts';
import type {
  BlockDevice,
  DriveFault,
  DriveResult,
  Drives,
} from '../../../src-main/ports/block-device.ts';
import { driveIdentity, swappedSentence } from '../../../src-main/core/boot-image/drive-safety.ts';

/** What a stick can do to whoever writes it. Counts are writes since it was opened last. */
export interface Misfortune {
  /** Pulled out at this write. */
  readonly vanishesAt?: number;
  /** Answers with an error at this write. */
  readonly breaksAt?: number;
  readonly fullAt?: number;
  /** Takes writes to this byte and gives back something else. */
  readonly rottenAt?: number;
  /** Only the first time it is opened. */
  readonly once?: boolean;
  /** Writes only half of what it is given, then says so. */
  readonly tornAt?: number;
  /** Writes only half of what it is given and says nothing. */
  readonly shortAt?: number;
  /** Cannot be read at this byte, which was written without an error. */
  readonly deafAt?: number;
  /** Pulled out at this read. */
  readonly vanishesAtRead?: number;
  /** Somebody has it open. */
  readonly busy?: boolean;
}

/** A stick in memory: what was written, also when nobody reads it back. */
export class SimulatedDrive {
  facts: Drive;
  #content: Uint8Array | undefined;
  misfortune: Misfortune;
  opened = 0;
  isOpen = false;
  /** Called after every write. */
  onWrite: (drive: SimulatedDrive) => void = () => undefined;
  /** Called when it is closed, as when somebody takes it out then. */
  onClose: () => void = () => undefined;
  #writes = 0;
  #reads = 0;

  constructor(facts: Drive, misfortune: Misfortune = {}) {
    this.facts = facts;
    this.misfortune = misfortune;
  }

  /** A small one is full of something else before; a large one is empty, since filling it would take long. */
  get content(): Uint8Array {
    const { size } = this.facts;
    this.#content ??= size > mebibytes(8) ? new Uint8Array(size) : new Uint8Array(size).fill(0xa5);
    return this.#content;
  }

  open(): DriveResult<BlockDevice> {
    if (this.misfortune.busy === true || this.isOpen)
      return refused('busy', `${this.facts.path}: busy.`);
    this.opened += 1;
    this.isOpen = true;
    this.#writes = 0;
    this.#reads = 0;
    const { size } = this.facts;
    return ok({
      size,
      write: async (at, bytes) => this.#write(at, bytes),
      read: async (at, length) => this.#read(at, length),
      settle: async () =>
        this.#isGone() ? refused('vanished', `${this.facts.path}: vanished.`) : ok(null),
      close: async () => {
        this.isOpen = false;
        this.onClose();
      },
    });
  }

  #write(at: number, bytes: Uint8Array): DriveResult<null> {
    this.#writes += 1;
    const { path, size, readOnly } = this.facts;
    if (readOnly) return refused('read-only', `${path}: read-only.`);
    if (this.#isGone()) return refused('vanished', `${path}: vanished.`);
    if (this.#now('breaksAt') || at + bytes.length > size)
      return refused('broken', `${path}: broken.`);
    if (this.#now('fullAt')) return refused('full', `${path}: full.`);
    if (this.#now('tornAt')) {
      this.content.set(bytes.subarray(0, bytes.length / 2), at);
      return refused('broken', `${path}: broken.`);
    }
    const short = this.#now('shortAt');
    this.content.set(short ? bytes.subarray(0, bytes.length / 2) : bytes, at);
    this.onWrite(this);
    return ok(null);
  }

  #read(at: number, length: number): DriveResult<Uint8Array> {
    this.#reads += 1;
    if (this.#isGone()) return refused('vanished', `${this.facts.path}: vanished.`);
    const { deafAt = -1 } = this.#active();
    const isDeaf = deafAt >= at && deafAt < at + length;
    if (isDeaf || at + length > this.facts.size)
      return refused('broken', `${this.facts.path}: broken.`);
    const bytes = this.content.slice(at, at + length);
    const { rottenAt } = this.#active();
    if (rottenAt !== undefined && rottenAt >= at && rottenAt < at + length) {
      bytes[rottenAt - at] = (bytes[rottenAt - at] ?? 0) ^ 0x10;
    }
    return ok(bytes);
  }

  #active(): Misfortune {
    return this.misfortune.once === true && this.opened > 1 ? {} : this.misfortune;
  }

  #now(what: 'breaksAt' | 'fullAt' | 'tornAt' | 'shortAt'): boolean {
    return this.#active()[what] === this.#writes;
  }

  #isGone(): boolean {
    const { vanishesAt = Infinity, vanishesAtRead = Infinity } = this.#active();
    return this.#writes >= vanishesAt || this.#reads >= vanishesAtRead;
  }
}

/** A machine with sticks; what is at a path can be taken out and replaced. */
export class SimulatedDrives implements Drives {
  drives: SimulatedDrive[];

  constructor(...drives: SimulatedDrive[]) {
    this.drives = drives;
  }

  async list(): Promise<Result<readonly Drive[]>> {
    return ok(this.drives.map(({ facts }) => facts));
  }

  async open({ path, identity }: ErasableDrive): Promise<DriveResult<BlockDevice>> {
    const drive = this.drives.find(({ facts }) => facts.path === path);
    if (!drive) return refused('vanished', `${path}: vanished.`);
    if (driveIdentity(drive.facts) !== identity) {
      return refused('swapped', swappedSentence(path));
    }
    return drive.open();
  }
}

const refused = (fault: DriveFault, sentence: string) =>
  ({ ok: false, error: { ...refuse('failed', sentence).error, fault } }) as const;
