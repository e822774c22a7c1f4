import type { DriveView, MediaEvent, MediumWish } from '../../shared/api/media-views.ts';
import { formatDuration, formatSize, parseDuration, type Millis } from '../../shared/base/units.ts';
import { answer, listed } from '../core/answer.ts';
import { count } from '../core/count.ts';
import { Interrupted } from '../core/head-errors.ts';
import { followMedia, type MediaResult } from '../core/follow-media.ts';
import { parseWhole } from '../core/environment-wish.ts';
import type { Api, Head, World } from '../core/ports.ts';
import { must, Refused } from '../core/refused.ts';
import { formatTable } from '../core/table.ts';
import { withHead } from '../core/with-head.ts';
import { floppyLines } from './netboot.ts';

export interface MediumOptions {
  readonly hours?: string;
  readonly clocks?: 'local' | 'utc';
  readonly validFor: string;
  readonly pcs?: string;
  readonly address?: string;
  readonly kernelOptions?: string;
  readonly force?: boolean;
}
export interface DriveOptions {
  readonly drive?: readonly string[];
  readonly typedName?: readonly string[];
}

export async function listDrives(world: World, json: boolean): Promise<number> {
  const drives = await withHead(world, ({ api }) => api.media.list());
  answer(world, json, drives, () => drivesTable(world, drives));
  return 0;
}

function drivesTable({ terminal: { paint } }: World, drives: readonly DriveView[]) {
  const offered = drives.filter(({ erasable }) => erasable);
  const kept = drives.filter(({ erasable }) => !erasable);
  const table = formatTable<DriveView>(
    [
      { title: 'DRIVE', text: ({ path }) => path },
      { title: 'NAME', text: ({ name, path }) => (name === path ? '' : name), most: 40 },
      { title: 'SIZE', align: 'right', text: ({ size }) => formatSize(size) },
      { title: 'HOLDS', text: ({ holds }) => holds ?? 'nothing known', most: 40 },
    ],
    offered,
    paint,
  );
  return [
    ...(offered.length === 0 ? ['No USB drive is plugged into the head’s machine.'] : table),
    ...(kept.length === 0 ? [] : ['']),
    ...kept.map(({ path, name, because }) =>
      paint.quiet(`never written: ${path}${name === path ? '' : ` (${name})`}, ${because ?? ''}`),
    ),
  ];
}

/** To drives, or into a file. */
export async function writeMedia(
  world: World,
  json: boolean,
  options: MediumOptions & DriveOptions & { readonly file?: string; readonly to?: string },
): Promise<number> {
  const file = options.to ?? options.file;
  const drives = options.drive ?? [];
  if ((file === undefined) === (drives.length === 0)) {
    throw new Refused(
      'misuse',
      'name the drives to write with --drive, or a file with --to (not both); nightshift media list shows the drives.',
    );
  }
  const wish = mediumWish(options);
  if (file !== undefined) return writeFile(world, json, 'stick', file, options);
  return told(
    world,
    json,
    async (api, signal) => {
      const chosen = await choices(api, drives, options.typedName);
      return api.media.write({ ...wish, drives: chosen }, { signal });
    },
    (results) =>
      `${listed(results)} ${results.length === 1 ? 'is a boot stick' : 'are boot sticks'} of this lab, read back and compared.`,
  );
}

export async function restoreDrives(
  world: World,
  json: boolean,
  { drive = [], typedName }: DriveOptions,
): Promise<number> {
  if (drive.length === 0) {
    throw new Refused(
      'misuse',
      'name the drives to restore with --drive; nightshift media list shows them.',
    );
  }
  return told(
    world,
    json,
    async (api, signal) =>
      api.media.restore({ drives: await choices(api, drive, typedName) }, { signal }),
    (results) =>
      `${listed(results)} ${results.length === 1 ? 'is an ordinary empty stick' : 'are ordinary empty sticks'} again.`,
  );
}

export async function writeFloppy(
  world: World,
  json: boolean,
  options: MediumOptions & { readonly file?: string; readonly to?: string },
): Promise<number> {
  const file = options.to ?? options.file;
  if (file === undefined) throw new Refused('misuse', 'name the file to write with --to.');
  const exitCode = await writeFile(world, json, 'floppy', file, options);
  if (exitCode !== 0 || json) return exitCode;
  const view = await withHead(world, ({ api }) => api.netboot.status());
  answer(world, json, view, () => floppyLines(world, view));
  return exitCode;
}

async function writeFile(
  world: World,
  json: boolean,
  kind: 'stick' | 'floppy',
  file: string,
  options: MediumOptions,
): Promise<number> {
  const path = world.files.absolute(file);
  const wish = { ...mediumWish(options), kind, file: { path, replace: options.force === true } };
  return told(
    world,
    json,
    (api, signal) => api.media.image(wish, { signal }),
    () =>
      `${file} holds a boot ${kind} of this lab, read back and compared. ${kind === 'stick' ? 'It lets PCs into the lab: keep it like a key.' : 'PCs started from it show a code: let them in with nightshift approve CODE.'}`,
  );
}

/** One name may stand for all drives; of several each confirms the drive that is called so. */
async function choices(api: Api, drives: readonly string[], typed: readonly string[] = []) {
  const paths = [...new Set(drives)];
  if (typed.length <= 1) return paths.map((path) => ({ path, typedName: typed[0] ?? null }));
  const listed = await api.media.list();
  const left = [...typed];
  return paths.map((path) => {
    const wanted = listed.find((drive) => drive.path === path)?.typeName?.toLowerCase();
    const at = left.findIndex((name) => name.trim().toLowerCase() === wanted);
    return { path, typedName: at === -1 ? null : (left.splice(at, 1)[0] ?? null) };
  });
}

/** A medium that lets nobody in would only be found out at night, in front of a PC. */
function validFor(text: string): Millis {
  const span = must(parseDuration(text), '--valid-for');
  if (span > 0) return span;
  throw new Refused(
    'misuse',
    `--valid-for ${text} would let no PC in; write how long, such as 30d.`,
  );
}

function mediumWish(options: MediumOptions): MediumWish {
  return {
    hours: options.hours ?? null,
    ...(options.clocks === undefined ? {} : { clocks: options.clocks }),
    validFor: validFor(options.validFor),
    ...(options.pcs === undefined
      ? {}
      : { mostPcs: must(parseWhole(options.pcs, '--pcs', 1, 100_000)) }),
    address: options.address === undefined ? null : hostAndPort(options.address),
    ...(options.kernelOptions === undefined ? {} : { kernelOptions: options.kernelOptions }),
  };
}

function hostAndPort(text: string): string {
  const port = Number(/^(?:\[[0-9a-f:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(text)?.[1] ?? NaN);
  if (port > 0 && port < 65536) return text;
  throw new Refused('misuse', `--address "${text}": write HOST:PORT, such as 192.168.7.1:7411.`);
}

/** Runs the work and shows how it goes; exit code 1 unless every target came out well. */
async function told(
  world: World,
  json: boolean,
  begin: (api: Api, signal: AbortSignal) => Promise<AsyncIterable<MediaEvent>>,
  done: (targets: readonly string[]) => string,
): Promise<number> {
  const { terminal } = world;
  let results: readonly MediaResult[];
  try {
    results = await withHead(world, async ({ api }: Head) =>
      followMedia(terminal, await begin(api, world.interrupted)),
    );
  } catch (error) {
    terminal.progress(null);
    if (world.interrupted.aborted) throw new Interrupted();
    throw error;
  }
  terminal.progress(null);
  const good = results.filter(({ ok }) => ok);
  const bad = results.filter(({ ok }) => !ok);
  answer(world, json, { results }, () =>
    good.length === 0
      ? []
      : [
          done(good.map(({ target }) => target)),
          ...good.map(
            ({ target, bytes, took }) =>
              `${target}: ${formatSize(bytes)} in ${formatDuration(took)}, ${paceText(bytes, took)}`,
          ),
        ],
  );
  for (const { sentence } of bad) terminal.say(`nightshift: ${sentence ?? 'it failed'}`);
  if (bad.length > 0 && good.length > 0) {
    terminal.say(
      `nightshift: ${count(bad.length, 'drive')} failed; once that is mended, give the command again with ${bad.map(({ target }) => `--drive ${target}`).join(' ')}.`,
    );
  }
  return bad.length === 0 ? 0 : 1;
}

const paceText = (bytes: number, took: number): string =>
  `${((bytes / Math.max(1, took)) * 0.001).toFixed(1)} MB/s with reading back`;
