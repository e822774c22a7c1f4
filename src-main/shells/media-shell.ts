import type { DriveView, MediaEvent } from '../../shared/api/media-views.ts';
import { ok, type Refusal, type Result } from '../../shared/base/result.ts';
import { refuseFor } from '../../shared/domain/refusals.ts';
import { bytes, type Millis } from '../../shared/base/units.ts';
import type { Drive, DriveIdentity } from '../../shared/domain/drive.ts';
import type { Drives, ImageFiles } from '../ports/block-device.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Rng } from '../../shared/ports/rng.ts';
import { driveFault, judgeDrive, judgeFile } from '../core/boot-image/drive-safety.ts';
import { driveView } from '../core/boot-image/drive-view.ts';
import { floppyImage, floppySize, type FloppyWish } from '../core/boot-image/floppy-image.ts';
import {
  ordinaryStick,
  stickImage,
  stickSize,
  type StickWish,
} from '../core/boot-image/stick-image.ts';
import { madeOn, type LabZone, type PcClocks } from '../core/boot-image/pc-clock.ts';
import { parseBootHours, type BootHours } from '../../shared/domain/boot-hours.ts';
import type { ContentReader } from './image-pieces.ts';
import type { MediaOrder } from './media-order.ts';
import { writeMedia } from './media-writer.ts';

export interface MediaPorts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly drives: Drives;
  readonly files: ImageFiles;
  readonly contents: ContentReader;
  /** SHA-256, hex. */
  digest(content: Uint8Array): string;
  readonly lab: string;
  /** Loaders, kernel and image, built and fetched if need be. */
  stickMaterial(
    onLine: (line: string) => void,
  ): Promise<Result<Pick<StickWish, 'loaders' | 'kernel' | 'parts'>>>;
  floppyLoaders(onLine: (line: string) => void): Promise<Result<FloppyWish['loaders']>>;
  /** The archive with a new identity of this lab, to stand after the image. `address` overrides the head's own. */
  identity(wish: {
    readonly validFor: Millis;
    readonly address: string | null;
    readonly mostPcs?: number;
  }): Uint8Array;
  /** Sees to it that the head serves what floppies fetch; `host:port`, `address` if one is wished. */
  serveFloppies(wish: {
    readonly validFor: Millis;
    readonly address: string | null;
  }): Promise<Result<string>>;
  /** Where this machine, and so the lab, is; its winter and summer. */
  zone(): LabZone;
}

export interface MediumOrder {
  readonly hours: string | null;
  /** What the PCs' own clocks show. */
  readonly clocks?: 'local' | 'utc' | undefined;
  readonly validFor: Millis;
  readonly address: string | null;
  readonly mostPcs?: number;
  readonly kernelOptions: string;
}

export interface DriveChoice {
  readonly path: string;
  readonly identity: string | null;
  readonly typedName: string | null;
}

export interface MediaSink {
  event(event: MediaEvent): void;
  /** Whoever asked for it went away. */
  readonly stop: { readonly aborted: boolean };
}

/** Makes boot media. A refusal means that nothing was touched; what happens to each target is told as events. */
export class MediaShell {
  readonly #ports: MediaPorts;
  readonly #beingWritten = new Set<string>();

  constructor(ports: MediaPorts) {
    this.#ports = ports;
  }

  async list(): Promise<Result<DriveView[]>> {
    const listed = await this.#ports.drives.list();
    return listed.ok ? ok(listed.value.map((drive) => driveView(drive, listed.value))) : listed;
  }

  async write(
    { drives, ...medium }: MediumOrder & { readonly drives: readonly DriveChoice[] },
    sink: MediaSink,
  ): Promise<Result<null>> {
    const hours = hoursOf(medium.hours);
    if (!hours.ok) return hours;
    const judged = await this.#judge(drives);
    if (!judged.ok) return judged;
    return this.#alone(drives, async () => {
      const wish = await this.#stick(medium, hours.value, sink);
      if (!wish.ok) return wish;
      return this.#writeAll(
        judged.value.map((order) => ({
          ...order,
          image: (size) => stickImage(size, { ...wish.value, serial: this.#serial() }),
        })),
        sink,
      );
    });
  }

  async restore(drives: readonly DriveChoice[], sink: MediaSink): Promise<Result<null>> {
    const judged = await this.#judge(drives);
    if (!judged.ok) return judged;
    return this.#alone(drives, () =>
      this.#writeAll(
        judged.value.map((order) => ({
          ...order,
          image: (size) => ordinaryStick(size, this.#serial()),
        })),
        sink,
      ),
    );
  }

  async image(
    order: MediumOrder & {
      readonly file: { readonly path: string; readonly replace: boolean };
      readonly kind: 'stick' | 'floppy';
    },
    sink: MediaSink,
  ): Promise<Result<null>> {
    const { files } = this.#ports;
    const { path, replace } = order.file;
    const hours = hoursOf(order.hours);
    if (!hours.ok) return hours;
    if (!path.startsWith('/')) return refuseFor('misuse', 'path-is-not-whole', { path });
    // Before minutes of building, not after.
    const early = judgeFile(path, await files.there(path), { size: bytes(0), replace });
    if (!early.ok) return early;
    return this.#alone([order.file], async () => {
      const laidOut =
        order.kind === 'floppy'
          ? await this.#floppy(order, hours.value, sink)
          : await this.#stick(order, hours.value, sink);
      if (!laidOut.ok) return laidOut;
      const wish = laidOut.value;
      const size = 'entrance' in wish ? bytes(floppySize) : stickSize(wish);
      const file = judgeFile(path, await files.there(path), { size, replace });
      if (!file.ok) return file;
      return this.#writeAll(
        [
          {
            target: path,
            open: () => files.open(file.value),
            discard: () => files.discard(file.value),
            image: () => ('entrance' in wish ? floppyImage(wish) : stickImage(size, wish)),
          },
        ],
        sink,
      );
    });
  }

  /** All or none: nobody wants to guess which of ten sticks were begun. */
  async #judge(
    choices: readonly DriveChoice[],
  ): Promise<Result<readonly Omit<MediaOrder, 'image'>[]>> {
    const listed = await this.#ports.drives.list();
    if (!listed.ok) return listed;
    const orders: Omit<MediaOrder, 'image'>[] = [];
    for (const choice of choices) {
      const drive = listed.value.find(({ path }) => path === choice.path);
      if (drive === undefined) return unknownDrive(choice.path, listed.value);
      const { typedName } = choice;
      const identity = choice.identity as DriveIdentity | null;
      const judged = judgeDrive(drive, { identity, typedName }, listed.value);
      if (!judged.ok) return judged;
      orders.push({ target: drive.path, open: () => this.#ports.drives.open(judged.value) });
    }
    return ok(orders);
  }

  async #stick(
    medium: MediumOrder,
    hours: BootHours | null,
    sink: MediaSink,
  ): Promise<Result<StickWish>> {
    const material = await this.#ports.stickMaterial(preparing(sink));
    if (!material.ok) return material;
    const { kernelOptions } = medium;
    const identity = this.#ports.identity(medium);
    const serial = this.#serial();
    const { lab } = this.#ports;
    const clocks = this.#clocks(medium);
    return ok({ ...material.value, lab, hours, clocks, kernelOptions, identity, serial });
  }

  async #floppy(
    { kernelOptions, address, validFor, clocks: show }: MediumOrder,
    hours: BootHours | null,
    sink: MediaSink,
  ): Promise<Result<FloppyWish>> {
    const loaders = await this.#ports.floppyLoaders(preparing(sink));
    if (!loaders.ok) return loaders;
    preparing(sink)('boot files: making ready what the floppy will fetch');
    const at = await this.#ports.serveFloppies({ validFor, address });
    if (!at.ok) {
      return refuseFor(at.error.kind, 'floppies-cannot-be-served', { because: at.error });
    }
    const entrance = `http://${at.value}/boot.ipxe`;
    const { lab } = this.#ports;
    const serial = this.#serial();
    const clocks = this.#clocks({ clocks: show });
    return ok({ loaders: loaders.value, lab, hours, clocks, kernelOptions, entrance, serial });
  }

  async #writeAll(orders: readonly MediaOrder[], sink: MediaSink): Promise<Result<null>> {
    const { clock, contents } = this.#ports;
    await writeMedia(orders, {
      clock,
      contents,
      digest: (content) => this.#ports.digest(content),
      stop: sink.stop,
      onProgress: (progress) => sink.event({ t: 'progress', ...progress }),
      onResult: (result) => sink.event({ t: 'result', ...result }),
    });
    return ok(null);
  }

  /** Nothing is written twice at the same time. */
  async #alone(
    targets: readonly { readonly path: string }[],
    work: () => Promise<Result<null>>,
  ): Promise<Result<null>> {
    const paths = targets.map(({ path }) => path);
    const taken =
      paths.find((path) => this.#beingWritten.has(path)) ??
      paths.find((path, index) => paths.indexOf(path) !== index);
    if (taken !== undefined) {
      return refuseFor('refused', 'target-is-being-written', { path: taken });
    }
    for (const path of paths) this.#beingWritten.add(path);
    try {
      return await work();
    } finally {
      for (const path of paths) this.#beingWritten.delete(path);
    }
  }

  #clocks({ clocks }: Pick<MediumOrder, 'clocks'>): PcClocks {
    const { clock } = this.#ports;
    return { made: madeOn(clock.wall()), zone: clocks === 'utc' ? this.#ports.zone() : null };
  }

  #serial(): number {
    return Number.parseInt(this.#ports.rng.token(4), 16);
  }
}

function unknownDrive(
  path: string,
  drives: readonly Drive[],
): { readonly ok: false; readonly error: Refusal } {
  const offered = drives.filter((drive) => driveFault(drive, drives) === undefined);
  return refuseFor('not-found', 'no-such-drive', {
    path,
    offered: offered.map((drive) => drive.path),
  });
}

const hoursOf = (text: string | null): Result<BootHours | null> =>
  text === null ? ok(null) : parseBootHours(text);

const preparing =
  (sink: MediaSink): ((line: string) => void) =>
  (line) =>
    sink.event({ t: 'preparing', line });
