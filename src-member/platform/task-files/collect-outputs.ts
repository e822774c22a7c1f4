import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { ok, type Result } from '../../../shared/base/result.ts';
import { formatSize, gibibytes } from '../../../shared/base/units.ts';
import type { AttemptKey } from '../../../shared/domain/attempt-key.ts';
import { blobHash } from '../../../shared/domain/ids.ts';
import type { OutputFile } from '../../../shared/domain/job.ts';
import { pathTextOf } from '../../../shared/domain/path-text.ts';
import { largestTree, type TreeNode } from '../../../shared/domain/tree.ts';
import type { BlobFault, Collected } from '../../ports/task-files.ts';
import {
  encodeResultLine,
  longestInMessage,
  longestList,
} from '../../../shared/wire/result-lines.ts';
import { bytesOf, findOutputs, type FoundFile } from './found-outputs.ts';
import type { HttpsHeadBlobs } from '../head/head-blobs.ts';
import type PQueue from 'p-queue';

export interface Collecting {
  readonly blobs: Pick<HttpsHeadBlobs, 'has' | 'store'>;
  readonly of: AttemptKey;
  /** Shared by all attempts of this PC. */
  readonly uploads: PQueue;
  /** Nobody wants them any more. */
  readonly stop?: AbortSignal;
}

/** Sizes with their holes: a file of them travels as zeros. */
export const largestOutput = gibibytes(64);
export const largestOutputs = gibibytes(128);

/** Files of one attempt on their way at the same time. */
const atOnce = 4;

/** Finds what the patterns match and stores it on the head, with all that belongs to a file besides its content. */
export async function collectOutputs(
  folder: string,
  patterns: readonly string[],
  collecting: Collecting,
  most = largestTree,
): Promise<Result<Collected, BlobFault>> {
  try {
    const { files: found, nodes, missed, beyond } = await findOutputs(folder, patterns, most);
    const { files, tooLarge } = await withinSize(found);
    const stored = await storeAll(files, collecting);
    if (!stored.ok) return stored;
    const told = await tell(stored.value, nodes, collecting);
    if (!told.ok) return told;
    const { cut, ...results } = told.value;
    return ok({ ...results, missed: tooLarge ?? tooMany(beyond + cut, most) ?? missed });
  } catch (error) {
    // Such as a folder that went away because the task was given up meanwhile.
    const reason = `its outputs could not be read: ${wordsOf(error)}`;
    return { ok: false, error: { why: 'refused', reason } };
  }
}

const tooMany = (beyond: number, most: number): string | null =>
  beyond === 0
    ? null
    : `it left ${most + beyond} files and folders as outputs, and one task may leave ${most}; ` +
      `let it pack them into an archive (tar) and name that. The first ${most} were kept`;

/** What is not too large to be kept, and a sentence about what is. */
async function withinSize(
  found: readonly FoundFile[],
): Promise<{ readonly files: readonly FoundFile[]; readonly tooLarge: string | null }> {
  const files: FoundFile[] = [];
  let tooLarge: string | null = null;
  let sum = 0;
  for (const file of found) {
    const { size } = await stat(bytesOf(file.real));
    const name = nameOf(file.path).path;
    if (size > largestOutput)
      tooLarge ??= `its output "${name}" is ${formatSize(size)} large, and a file may have ${formatSize(largestOutput)}; the other outputs were kept`;
    else if (sum + size > largestOutputs)
      tooLarge ??= `its outputs are larger than ${formatSize(largestOutputs)} together; from "${name}" on they were not kept`;
    else {
      sum += size;
      files.push(file);
    }
  }
  return { files, tooLarge };
}

interface Stored extends Omit<OutputFile, 'path' | 'escaped' | 'hard'> {
  /** Null: the file has one name only. */
  readonly inode: string | null;
}

async function storeAll(
  files: readonly FoundFile[],
  collecting: Collecting,
): Promise<Result<readonly OutputFile[], BlobFault>> {
  const stored: (Stored | undefined)[] = [];
  const queue = files.entries();
  let fault: BlobFault | undefined;
  const work = async (): Promise<void> => {
    for (const [at, { real }] of queue) {
      if (fault !== undefined) return;
      const one = await collecting.uploads.add(() => storeOutput(real, collecting));
      if (one.ok) stored[at] = one.value;
      else fault = one.error;
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, files.length) }, work));
  if (fault !== undefined) return { ok: false, error: fault };
  return ok(withNames(files, stored));
}

/** Names of one and the same file share a number; a file whose other names are not among the outputs needs none. */
function withNames(
  files: readonly FoundFile[],
  stored: readonly (Stored | undefined)[],
): readonly OutputFile[] {
  const names = new Map<string, number>();
  for (const one of stored)
    if (typeof one?.inode === 'string') names.set(one.inode, (names.get(one.inode) ?? 0) + 1);
  const numbers = new Map<string, number>();
  return files.flatMap(({ path }, at): OutputFile[] => {
    const one = stored[at];
    if (one === undefined) return [];
    const { inode, ...file } = one;
    if (inode === null || (names.get(inode) ?? 0) < 2) return [{ ...nameOf(path), ...file }];
    const hard = numbers.get(inode) ?? numbers.size;
    numbers.set(inode, hard);
    return [{ ...nameOf(path), ...file, hard }];
  });
}

const nameOf = (path: string): ReturnType<typeof pathTextOf> => pathTextOf(bytesOf(path));

async function storeOutput(
  real: string,
  { blobs, of, stop }: Collecting,
): Promise<Result<Stored, BlobFault>> {
  const handle = await open(
    bytesOf(real),
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  );
  try {
    const facts = await handle.stat({ bigint: true });
    const mode = Number(facts.mode & 0o777n);
    const traits = {
      executable: (mode & 0o100) !== 0,
      mode,
      mtime: String(facts.mtimeNs),
      inode: facts.nlink > 1n ? `${facts.dev}:${facts.ino}` : null,
    };
    const digest = createHash('sha256');
    const whole = facts.size <= readAtOnce ? await handle.readFile() : undefined;
    for await (const piece of whole ? [whole] : piecesOf(handle, stop)) digest.update(piece);
    const named = { hash: blobHash(digest.digest('hex')), size: Number(facts.size) };
    if (await blobs.has(named, of)) return ok({ ...named, ...traits });
    const hasHoles = facts.blocks * 512n < facts.size;
    const bytes = whole ? onePiece(whole) : piecesOf(handle, stop);
    const stored = await blobs.store(bytes, of, hasHoles);
    return stored.ok ? ok({ ...stored.value, ...traits }) : stored;
  } finally {
    await handle.close();
  }
}

/** Bytes of a file that is not worth a stream. */
const readAtOnce = 256 * 1024;

async function* onePiece(bytes: Buffer): AsyncIterable<Buffer> {
  if (bytes.length > 0) yield bytes;
}

async function* piecesOf(
  handle: FileHandle,
  stop: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  const pieces = handle.createReadStream({ autoClose: false, start: 0, highWaterMark: 256 * 1024 });
  for await (const piece of pieces) {
    stop?.throwIfAborted();
    yield piece as Buffer;
  }
}

/** In the message, or in a blob of its own that the message names. */
async function tell(
  outputs: readonly OutputFile[],
  nodes: readonly TreeNode[],
  { blobs, of }: Collecting,
): Promise<Result<Omit<Collected, 'missed'> & { readonly cut: number }, BlobFault>> {
  const lines: string[] = [];
  let length = 0;
  for (const result of [...nodes, ...outputs]) {
    const line = encodeResultLine(result);
    length += Buffer.byteLength(line);
    if (length > longestList) break;
    lines.push(line);
  }
  if (length <= longestInMessage) return ok({ outputs, nodes, cut: 0 });
  const list = await blobs.store(inPieces(lines), of);
  const cut = outputs.length + nodes.length - lines.length;
  return list.ok ? ok({ outputs: [], nodes: [], list: list.value, cut }) : list;
}

async function* inPieces(lines: readonly string[]): AsyncIterable<Buffer> {
  for (let at = 0; at < lines.length; at += 1000)
    yield Buffer.from(lines.slice(at, at + 1000).join(''));
}

const wordsOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
