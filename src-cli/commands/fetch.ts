import { bytesOfBase64 } from '../core/base64.ts';
import type { OutputFile } from '../../shared/domain/job.ts';
import { formatSize } from '../../shared/base/units.ts';
import { answer, listed } from '../core/answer.ts';
import { count } from '../core/count.ts';
import type { Files, Head, World } from '../core/ports.ts';
import { must, Refused } from '../core/refused.ts';
import { inParallel } from '../core/upload-inputs.ts';
import { jobCalled, outputsOf } from '../core/whole-job.ts';
import { withHead } from '../core/with-head.ts';

export interface FetchOptions {
  readonly into: string;
  readonly logs: boolean;
  readonly force: boolean;
}

/** One file to be fetched: from the head's store, or a task's output that is not stored yet. */
interface Item {
  readonly task: string;
  readonly to: string;
  readonly shown: string;
  readonly size: number;
  readonly executable: boolean;
  readonly hash: string | null;
}

/** Writes what is done and says what is not; exit code 1 unless every task that was asked for is done. */
export async function fetchOutputs(
  world: World,
  json: boolean,
  text: string,
  options: FetchOptions,
): Promise<number> {
  const { terminal } = world;
  const result = await withHead(world, async (head) => {
    const plan = await planFetch(world.files, head, text, options);
    const wanted = options.force ? plan.items : await withoutPresent(world.files, plan.items);
    const all = wanted.reduce((sum, { size }) => sum + size, 0);
    let done = 0;
    let bytes = 0;
    await inParallel(wanted, async (item) => {
      terminal.progress(
        `Fetching: ${done} of ${count(wanted.length, 'file')}, ${formatSize(bytes)} of ${formatSize(all)}`,
      );
      await fetchItem(world.files, head, item);
      done += 1;
      bytes += item.size;
    });
    terminal.progress(null);
    return { ...plan, fetched: wanted.length, bytes: all };
  });
  const files = result.items.map(({ task, shown, size, hash }) => ({
    task,
    path: shown,
    size,
    hash,
  }));
  answer(
    world,
    json,
    { id: result.job, directory: options.into, files, missing: result.missing },
    () => [fetchedText(result, options.into)],
  );
  for (const line of missingLines(result.missing)) terminal.say(`nightshift: ${line}`);
  return result.missing.length === 0 ? 0 : 1;
}

interface Missing {
  readonly task: string;
  readonly state: string;
  readonly reason: string | null;
}

async function planFetch(
  files: Files,
  head: Head,
  text: string,
  { into, logs }: FetchOptions,
): Promise<{ job: string; items: readonly Item[]; missing: readonly Missing[] }> {
  const dotted = /^(.+)\.(\d+)$/.exec(text);
  const job = await jobCalled(head, dotted?.[1] ?? text);
  const tasks = dotted ? job.tasks.filter(({ index }) => index === Number(dotted[2])) : job.tasks;
  if (tasks.length === 0) {
    throw new Refused(
      'not-found',
      `job ${job.id} has no task ${dotted?.[2]}; nightshift job ${job.id} lists its tasks.`,
    );
  }
  const stored = new Map((await outputsOf(head, job.id)).map((entry) => [entry.task, entry]));
  const folderOf = (index: number): string => (job.tasks.length === 1 ? '' : String(index));
  const items = tasks.flatMap((task): Item[] => {
    const at = (path: string): Pick<Item, 'to' | 'shown' | 'task'> => {
      const shown = [folderOf(task.index), path].filter((part) => part !== '').join('/');
      return { task: task.id, shown, to: files.join(into, shown) };
    };
    const entry = stored.get(task.id);
    const outputs = (entry?.files ?? [])
      .filter(staysInside)
      .map((file) => ({ ...at(file.path), ...file, path: undefined }));
    const log: Item[] = logs
      ? [
          {
            ...at(entry?.logName ?? 'task.log'),
            size: 0,
            executable: false,
            hash: entry?.log ?? null,
          },
        ]
      : [];
    return [...outputs, ...log];
  });
  const missing = tasks
    .filter(({ state }) => state !== 'done')
    .map(({ id, state, reason, waitingBecause }) => ({
      task: id,
      state,
      reason: reason ?? waitingBecause,
    }));
  return { job: job.id, items, missing };
}

/** The head lets no such path in; a client does not rely on it. */
function staysInside({ path }: OutputFile): boolean {
  return !path.startsWith('/') && !path.split('/').includes('..');
}

/** What is there already with the very content is done; any other file of that name is somebody's work. */
async function withoutPresent(files: Files, items: readonly Item[]): Promise<readonly Item[]> {
  const wanted: Item[] = [];
  for (const item of items) {
    if ((await files.kind(item.to)) === 'missing') wanted.push(item);
    else {
      const digest = await files.digest(item.to);
      if (!digest.ok || digest.value.hash !== item.hash) {
        throw new Refused(
          'refused',
          `${item.to} is there already and differs; name another folder with -o, or overwrite with --force.`,
        );
      }
    }
  }
  return wanted;
}

async function fetchItem(files: Files, { api, blobs }: Head, item: Item): Promise<void> {
  if (item.hash !== null) {
    must(await blobs.save(item.hash, item.to, item.executable));
    return;
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of await api.jobs.logs({ task: item.task, follow: false, bytes: true }))
    pieces.push(bytesOfBase64(piece.base64 ?? ''));
  must(await files.writeBytes(item.to, pieces));
}

function fetchedText(
  { items, fetched, bytes }: { items: readonly Item[]; fetched: number; bytes: number },
  into: string,
): string {
  if (items.length === 0) return 'There is nothing to fetch yet.';
  const there = items.length - fetched;
  const already = there === 0 ? '' : `, ${there} were there already`;
  return `${count(fetched, 'file')} (${formatSize(bytes)}) fetched into ${into}${already}.`;
}

/** One sentence for tasks in the same state, so that an array does not flood the screen. */
function missingLines(missing: readonly Missing[]): readonly string[] {
  const states = [...new Set(missing.map(({ state }) => state))];
  return states.map((state) => {
    const these = missing.filter((one) => one.state === state);
    const shown = these.slice(0, 5).map(({ task }) => task);
    const more = these.length - shown.length;
    const names = more > 0 ? `${shown.join(', ')} and ${more} more` : listed(shown);
    const reason = these[0]?.reason ?? null;
    return `${these.length === 1 ? 'task' : 'tasks'} ${names} ${these.length === 1 ? 'is' : 'are'} ${state}${reason === null ? '' : ` (${reason.replace(/\.$/, '')})`}.`;
  });
}
