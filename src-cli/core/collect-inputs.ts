import { refuse, type Result } from '../../shared/base/result.ts';
import { blobHash } from '../../shared/domain/ids.ts';
import type { InputFile } from '../../shared/domain/job.ts';
import type { TaskRange } from '../../shared/domain/task-range.ts';
import {
  dependsOnTask,
  inputWishOf,
  joinTaskPath,
  plainInputWish,
  type InputWish,
} from './input-wish.ts';
import type { Files } from './ports.ts';
import { must, Refused } from './refused.ts';

/** One file to send, and every place it has in the job. */
export interface CollectedInputs {
  readonly inputs: readonly InputFile[];
  /** A local file for each hash. */
  readonly sources: ReadonlyMap<string, { readonly path: string; readonly size: number }>;
}

interface Found {
  readonly absolute: string;
  readonly to: string;
  readonly onlyTask: number | undefined;
}

/** Walks and hashes what the wishes name; a file that several tasks get is read once. */
export async function collectInputs(
  files: Files,
  wishes: readonly InputWish[],
  array: TaskRange | null,
  onHashed: (done: number, all: number) => void,
): Promise<CollectedInputs> {
  const found: Found[] = [];
  for (const typed of wishes) {
    const wish = await settleColon(files, typed, array);
    // Outside an array `{task}` is a part of a name like any other.
    if (array === null || !dependsOnTask(wish)) {
      found.push(...(await findFiles(files, wish, undefined)));
      continue;
    }
    for (let task = array.first; task <= array.last; task += 1) {
      found.push(...(await findFiles(files, inputWishOf(wish, task), task)));
    }
  }
  const digests = new Map<string, { hash: string; size: number; executable: boolean }>();
  const sources = new Map<string, { path: string; size: number }>();
  const paths = [...new Set(found.map(({ absolute }) => absolute))];
  for (const [at, path] of paths.entries()) {
    const digest = must(await files.digest(path));
    digests.set(path, digest);
    sources.set(digest.hash, { path, size: digest.size });
    onHashed(at + 1, paths.length);
  }
  const inputs = found.flatMap(({ absolute, to, onlyTask }): InputFile[] => {
    const digest = digests.get(absolute);
    return digest === undefined
      ? []
      : [
          {
            ...digest,
            hash: blobHash(digest.hash),
            path: to,
            ...(onlyTask === undefined ? {} : { onlyTask }),
          },
        ];
  });
  must(namesAreSingle(inputs));
  return { inputs, sources };
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
): Promise<readonly Found[]> {
  const kind = await files.kind(wish.from);
  const where = onlyTask === undefined ? '' : ` (for task ${onlyTask})`;
  switch (kind) {
    case 'file': {
      const to =
        wish.to === '' || wish.text.endsWith('/')
          ? joinTaskPath(wish.to, wish.from.split('/').at(-1) ?? '')
          : wish.to;
      return [{ absolute: wish.from, to, onlyTask }];
    }
    case 'folder':
      return must(await files.walk(wish.from)).map(({ absolute, path }) => ({
        absolute,
        to: joinTaskPath(wish.to, path),
        onlyTask,
      }));
    case 'missing':
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

function namesAreSingle(inputs: readonly InputFile[]): Result<null> {
  const seen = new Map<string, string>();
  for (const { path, hash, onlyTask } of inputs) {
    const keys = onlyTask === undefined ? [path] : [path, `${onlyTask}:${path}`];
    const key = keys.at(-1) ?? path;
    if (keys.some((one) => seen.has(one))) {
      return refuse(
        'misuse',
        `two inputs would both be ${path} in the task's directory; give one of them another name with --input FILE:NAME.`,
      );
    }
    seen.set(key, hash);
  }
  return { ok: true, value: null };
}
