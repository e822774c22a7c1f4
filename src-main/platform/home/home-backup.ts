import {
  chmodSync,
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ok, refuse, type Result } from '../../../shared/base/result.ts';
import { hours } from '../../../shared/base/units.ts';
import { headHome, type HeadHome } from './head-home.ts';
import { codeOf, makeFolder } from '../../../shared/node/make-folder.ts';
import { runTool } from '../practice/run-tool.ts';
import { inspectStore } from '../store/inspect-store.ts';
import { openingFault } from '../store/store-failures.ts';
import { StoreMark } from '../store/store-mark.ts';

/** What can be made anew, is of one run of a head, or of one machine. */
const leftOut =
  /^(lab\.sqlite.*|lab\.mark|head\.lock.*|head\.pid|head\.json|head\.log.*|practice|images|blobs|\..*\.draft)$/;
/** No copy takes longer. */
const holdFor = hours(24);

/** What a copy leaves beside it if it is ended by a signal: as large as the lab, and under a name that nobody looks at. */
const halfMade = new Set<string>();
export function dropHalfMade(): void {
  for (const path of halfMade) rmSync(path, { recursive: true, force: true });
}

/** A copy is a file for `tar` when it is called one. */
const isArchive = (path: string): boolean => path.endsWith('.tar');

/**
 * Copies a home while its head may run: the store as of one moment, then the files beside it, which are as new or newer, and
 * the blobs, which are held meanwhile.
 */
export async function backUpHome(home: HeadHome, to: string): Promise<Result<{ lab: string }>> {
  if (!existsSync(home.store))
    return refuse('not-found', `there is no lab in ${home.folder} to back up.`);
  const fault = targetFault(to);
  if (fault !== null) return fault;
  const above = dirname(to);
  let stage: string | undefined;
  try {
    makeFolder(above);
    stage = mkdtempSync(join(above, `.${basename(to)}-`));
    halfMade.add(stage);
    const copy = headHome(stage);
    holdBlobs(home.blobs);
    copyStore(home.store, copy.store);
    holdBlobs(home.blobs);
    const inspected = inspectStore(copy.store);
    if (!inspected.ok) return inspected;
    const { labId = null, lastSeq = 0, isLogWhole = false } = inspected.value ?? {};
    if (!isLogWhole) {
      return refuse(
        'failed',
        `${home.store} is damaged, so a copy of it would be of no use; nightshift restore brings an earlier one back.`,
      );
    }
    if (labId === null) {
      return refuse(
        'refused',
        `an older Nightshift made ${home.folder}; start its head once with this one, then say this again.`,
      );
    }
    StoreMark.open(copy.mark, { labId, lastSeq }, () => undefined).close();
    for (const name of readdirSync(home.folder)) {
      if (!leftOut.test(name))
        cpSync(join(home.folder, name), join(stage, name), {
          recursive: true,
          preserveTimestamps: true,
        });
    }
    if (isArchive(to)) await pack(stage, home, to);
    else {
      await copyBlobs(home.blobs, copy.blobs);
      if (existsSync(to)) rmdirSync(to);
      renameSync(stage, to);
      stage = undefined;
    }
    return ok({ lab: labId });
  } catch (error) {
    return refuseCopy(to, error);
  } finally {
    if (stage !== undefined) rmSync(stage, { recursive: true, force: true });
  }
}

/** Puts a copy in place of nothing: a home that is there, damaged or not, is never written over. */
export async function restoreHome(from: string, home: HeadHome): Promise<Result<null>> {
  if (!existsSync(from)) return refuse('not-found', `there is no backup ${from}.`);
  if (existsSync(home.folder) && readdirSync(home.folder).length > 0) {
    return refuse(
      'refused',
      `${home.folder} holds something already, and nothing is ever written over it; stop its head, move the folder away, then say this again.`,
    );
  }
  const above = dirname(home.folder);
  let stage: string | undefined;
  try {
    makeFolder(above);
    stage = mkdtempSync(join(above, `.${basename(home.folder)}-`));
    halfMade.add(stage);
    if (isArchive(from)) await must('tar', ['-xf', from, '--no-same-owner', '-C', stage]);
    const copy = headHome(stage);
    if (!isArchive(from)) {
      const { blobs } = headHome(from);
      const filter = (path: string): boolean => path !== blobs;
      cpSync(from, stage, { recursive: true, preserveTimestamps: true, filter });
      await copyBlobs(blobs, copy.blobs);
    }
    const inspected = inspectStore(copy.store);
    if (!inspected.ok) return inspected;
    if (inspected.value?.isLogWhole !== true || !existsSync(copy.identity)) {
      return refuse('failed', `${from} is no whole backup of a lab; take another one.`);
    }
    mkdirSync(copy.blobs, { recursive: true, mode: 0o700 });
    if (existsSync(home.folder)) rmdirSync(home.folder);
    renameSync(stage, home.folder);
    stage = undefined;
    return ok(null);
  } catch (error) {
    return refuseCopy(home.folder, error);
  } finally {
    if (stage !== undefined) rmSync(stage, { recursive: true, force: true });
  }
}

function targetFault(to: string): ReturnType<typeof refuse> | null {
  const facts = lstatSync(to, { throwIfNoEntry: false });
  const isFree =
    facts === undefined || (!isArchive(to) && facts.isDirectory() && readdirSync(to).length === 0);
  return isFree
    ? null
    : refuse(
        'refused',
        `${to} is there already; name a new folder, or a new file that ends in .tar.`,
      );
}

/** Of one moment, whatever the head writes meanwhile. */
function copyStore(from: string, to: string): void {
  const db = new DatabaseSync(from, { readOnly: true, timeout: 10_000 });
  try {
    db.prepare('VACUUM INTO ?').run(to);
    chmodSync(to, 0o600);
  } finally {
    db.close();
  }
}

/** A blob is kept until the time its file bears, so none leaves while it is copied. */
function holdBlobs(folder: string): void {
  const until = (Date.now() + holdFor) / 1000;
  for (const path of blobFiles(folder)) {
    try {
      if (lstatSync(path).mtimeMs / 1000 < until) utimesSync(path, until, until);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }
}

async function copyBlobs(from: string, to: string): Promise<void> {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  for (const path of blobFiles(from)) {
    const target = join(to, path.slice(from.length + 1));
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    // An output may be a terabyte of holes; Node would write every zero of it.
    const { size, blocks } = statSync(path);
    if (blocks * 512 < size) await must('cp', ['--sparse=always', path, target]);
    else copyFileSync(path, target);
  }
}

function blobFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((shelf) => /^[0-9a-f]{2}$/.test(shelf))
    .flatMap((shelf) =>
      readdirSync(join(folder, shelf))
        .filter((name) => /^[0-9a-f]{64}$/.test(name))
        .map((name) => join(folder, shelf, name)),
    );
}

async function pack(stage: string, home: HeadHome, to: string): Promise<void> {
  const draft = join(stage, '..', `${basename(stage)}.tar`);
  halfMade.add(draft);
  try {
    closeSync(openSync(draft, 'wx', 0o600));
    const blobs = existsSync(home.blobs) ? ['-C', home.folder, 'blobs'] : [];
    await must('tar', [
      '--sparse',
      '-cf',
      draft,
      '--exclude=blobs/tmp',
      '-C',
      stage,
      '.',
      ...blobs,
    ]);
    renameSync(draft, to);
  } finally {
    rmSync(draft, { force: true });
  }
}

async function must(tool: string, args: readonly string[]): Promise<void> {
  const ran = await runTool(tool, args);
  if (!ran.ok) throw new Error(ran.complaint);
}

function refuseCopy(to: string, error: unknown): ReturnType<typeof refuse> {
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return refuse('failed', `there is no room for ${to}; free some space, or name another place.`);
  if (error instanceof Error && 'errcode' in error)
    return refuse('failed', openingFault(to, error));
  const what = error instanceof Error ? error.message : String(error);
  return refuse('failed', `${to} could not be written (${what}); nothing was changed.`);
}
