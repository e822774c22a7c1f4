import { refuse, type Result } from '../../shared/base/result.ts';
import { blobHash } from '../../shared/domain/ids.ts';
import type { InputFile, InputNode } from '../../shared/domain/job.ts';
import { pathTextOf, type PathText } from '../../shared/domain/path-text.ts';
import type { TaskRange } from '../../shared/domain/task-range.ts';
import {
  dependsOnTask,
  inputWishOf,
  joinTaskPath,
  plainInputWish,
  type InputWish,
} from './input-wish.ts';
import { shownPath, type Digest, type LocalPath } from '../../shared/domain/local-tree.ts';
import type { Files } from './ports.ts';
import { must, Refused } from './refused.ts';

/** One file to send, and every place it has in the job. */
export interface CollectedInputs {
  readonly inputs: readonly InputFile[];
  readonly nodes: readonly InputNode[];
  /** A local file for each hash. */
  readonly sources: ReadonlyMap<string, { readonly path: LocalPath; readonly size: number }>;
  readonly warnings: readonly string[];
}

/** `onlyTask` stands in it where the wish names one. */
interface Found {
  readonly files: readonly (PathText & Only & { readonly absolute: LocalPath })[];
  readonly nodes: readonly InputNode[];
  readonly strays: readonly string[];
}
interface Only {
  readonly onlyTask?: number;
}

/** Walks and hashes what the wishes name; a file that several tasks get is read once. */
export async function collectInputs(
  files: Files,
  wishes: readonly InputWish[],
  array: TaskRange | null,
  onHashed: (done: number, all: number) => void,
): Promise<CollectedInputs> {
  const all: Found[] = [];
  for (const typed of wishes) {
    const wish = await settleColon(files, typed, array);
    // Outside an array `{task}` is a part of a name like any other.
    if (array === null || !dependsOnTask(wish)) {
      all.push(await findFiles(files, wish, undefined));
      continue;
    }
    for (let task = array.first; task <= array.last; task += 1) {
      all.push(await findFiles(files, inputWishOf(wish, task), task));
    }
  }
  const found = all.flatMap((one) => one.files);
  const digests = new Map<string, Digest>();
  const sources = new Map<string, { path: LocalPath; size: number }>();
  const paths = new Map(found.map(({ absolute }) => [shownPath(absolute), absolute]));
  for (const [shown, path] of paths) {
    const digest = must(await files.digest(path));
    digests.set(shown, digest);
    sources.set(digest.hash, { path, size: digest.size });
    onHashed(digests.size, paths.size);
  }
  const inodes = new Map<string, number>();
  const inputs = found.flatMap(({ absolute, ...place }): InputFile[] => {
    const digest = digests.get(shownPath(absolute));
    if (digest === undefined) return [];
    const { inode, hash, ...traits } = digest;
    const hard = inode === null ? undefined : numberOf(inodes, `${place.onlyTask ?? ''} ${inode}`);
    const names = hard === undefined ? {} : { hard };
    return [{ ...place, hash: blobHash(hash), ...traits, ...names }];
  });
  const nodes = withoutDoubles(all.flatMap((one) => one.nodes));
  must(namesAreSingle([...inputs, ...nodes.filter(({ kind }) => kind === 'link')]));
  return { inputs, nodes, sources, warnings: strayWarnings(all.flatMap(({ strays }) => strays)) };
}

function numberOf(numbers: Map<string, number>, name: string): number {
  const number = numbers.get(name) ?? numbers.size;
  numbers.set(name, number);
  return number;
}

/** Two folders may be laid over one another; what is told of the folder itself is what the first one says. */
function withoutDoubles(nodes: readonly InputNode[]): readonly InputNode[] {
  const seen = new Set<string>();
  return nodes.filter(({ kind, path, onlyTask }) => {
    const key = `${onlyTask ?? ''}:${path}`;
    const isNew = kind === 'link' || !seen.has(key);
    if (kind === 'folder') seen.add(key);
    return isNew;
  });
}

function strayWarnings(strays: readonly string[]): readonly string[] {
  const [first] = strays;
  if (first === undefined) return [];
  const others = strays.length > 1 ? ` and ${strays.length - 1} more links` : '';
  return [
    `${first}${others} ${strays.length > 1 ? 'lead' : 'leads'} to nothing that can be sent; the task gets such a link as it is.`,
  ];
}

/** `a:b` may be the name of a file rather than FILE:DEST. */
async function settleColon(
  files: Files,
  wish: InputWish,
  array: TaskRange | null,
): Promise<InputWish> {
  if (wish.from === wish.text || (array !== null && dependsOnTask(wish))) return wish;
  const here = await files.kind(wish.text);
  return here === 'missing' ? wish : must(plainInputWish(wish.text));
}

async function findFiles(
  files: Files,
  wish: InputWish,
  onlyTask: number | undefined,
): Promise<Found> {
  const kind = await files.kind(wish.from);
  const only: Only = onlyTask === undefined ? {} : { onlyTask };
  const where = onlyTask === undefined ? '' : ` (for task ${onlyTask})`;
  switch (kind) {
    case 'file': {
      const to =
        wish.to === '' || wish.text.endsWith('/')
          ? joinTaskPath(wish.to, wish.from.split('/').at(-1) ?? '')
          : wish.to;
      return {
        files: [{ ...placed(to, ''), ...only, absolute: wish.from }],
        nodes: [],
        strays: [],
      };
    }
    case 'folder': {
      const walked = must(await files.walk(wish.from));
      return {
        files: walked.files.map(({ absolute, path }) => ({
          ...placed(wish.to, path),
          ...only,
          absolute,
        })),
        nodes: walked.nodes
          .map(({ below, ...node }) => ({ ...node, ...placed(wish.to, below), ...only }))
          .filter(({ path }) => path !== ''),
        strays: walked.strays,
      };
    }
    case 'missing':
      if (wish.from.includes('\uFFFD'))
        throw new Refused(
          'misuse',
          `the name ${wish.from} is not UTF-8 and cannot be typed here; name the folder that it lies in: what is in a folder is sent whatever its name is.`,
        );
      throw new Refused(
        'misuse',
        `there is no file ${wish.from}${where}; check the path of --input ${wish.text}.`,
      );
    case 'unreadable':
      throw new Refused('misuse', `${wish.from}${where} cannot be read: permission denied.`);
    case 'other':
      throw new Refused(
        'misuse',
        `${wish.from}${where} is neither a file nor a folder; --input takes those only.`,
      );
  }
}

/** Where something stands in the task's directory: a place that was typed, and a path below it in bytes. */
function placed(to: string, below: string): PathText {
  const bytes = [Buffer.from(to, 'utf8'), Buffer.from(below, 'latin1')];
  const path = bytes.filter(({ length }) => length > 0).map((part) => part.toString('latin1'));
  return path.length === 0 ? { path: '' } : pathTextOf(Buffer.from(path.join('/'), 'latin1'));
}

function namesAreSingle(
  inputs: readonly (PathText & { readonly onlyTask?: number | undefined })[],
): Result<null> {
  const seen = new Set<string>();
  for (const { path, onlyTask } of inputs) {
    const keys = onlyTask === undefined ? [path] : [path, `${onlyTask}:${path}`];
    const key = keys.at(-1) ?? path;
    if (keys.some((one) => seen.has(one))) {
      return refuse(
        'misuse',
        `two inputs would both be ${path} in the task's directory; give one of them another name with --input FILE:NAME.`,
      );
    }
    seen.add(key);
  }
  return { ok: true, value: null };
}
