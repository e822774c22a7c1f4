import { taskWords } from '../../shared/words/task-words.ts';
import { formatSize } from '../../shared/base/units.ts';
import { answer, listed } from '../core/answer.ts';
import { count } from '../core/count.ts';
import {
  modeOf,
  placeOf,
  type Destination,
  type Item,
  type Lost,
  type NodeItem,
} from '../core/fetched-tree.ts';
import { shownPath } from '../../shared/domain/local-tree.ts';
import type { Files, Head, World } from '../core/ports.ts';
import { Refused } from '../core/refused.ts';
import { writeFetched } from '../core/write-fetched.ts';
import { jobCalled, outputsOf } from '../core/whole-job.ts';
import { withHead } from '../core/with-head.ts';

export interface FetchOptions {
  readonly into: string;
  readonly logs: boolean;
  readonly force: boolean;
}

/** Writes what is done and says what is not; exit code 1 unless every task that was asked for is done and all of it came. */
export async function fetchOutputs(
  world: World,
  json: boolean,
  text: string,
  options: FetchOptions,
): Promise<number> {
  const result = await withHead(world, async (head) => {
    const plan = await planFetch(world.files, head, text, options);
    const wanted = options.force ? plan.items : await withoutPresent(world.files, plan.items);
    const written = await writeFetched(world, head, { ...plan, items: wanted }, options);
    const present = plan.items.length - wanted.length;
    return { ...plan, ...written, present, lost: [...plan.lost, ...written.lost] };
  });
  const files = result.items.map(({ task, shown, size, hash }) => ({
    task,
    path: shown,
    size,
    hash,
  }));
  const { job, missing, lost } = result;
  answer(world, json, { id: job, directory: options.into, files, missing, lost }, () => [
    fetchedText(result, options.into),
  ]);
  for (const line of [...lostLines(lost), ...missingLines(missing)])
    world.terminal.say(`nightshift: ${line}`);
  return missing.length + lost.length === 0 ? 0 : 1;
}

interface Missing {
  readonly task: string;
  readonly state: string;
  readonly reason: string | null;
}

interface Plan {
  readonly job: string;
  readonly items: readonly Item[];
  readonly nodes: readonly NodeItem[];
  readonly missing: readonly Missing[];
  readonly lost: readonly Lost[];
}

async function planFetch(
  files: Files,
  head: Head,
  text: string,
  { into, logs }: FetchOptions,
): Promise<Plan> {
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
  const lost: Lost[] = [];
  const items: Item[] = [];
  const nodes: NodeItem[] = [];
  for (const { id: task, index } of tasks) {
    const at: Destination = { into, folder: folderOf(index), windows: files.windows };
    const entry = stored.get(task);
    for (const file of entry?.files ?? []) {
      const { size, hash, mtime = null, hard = null } = file;
      const place = placeOf(at, file);
      if (place === undefined) lost.push({ task, path: file.path, reason: noPlace(file.path) });
      else items.push({ task, ...place, size, hash, mode: modeOf(file), mtime, hard });
    }
    for (const node of entry?.nodes ?? []) {
      const place = placeOf(at, node);
      if (place === undefined) lost.push({ task, path: node.path, reason: noPlace(node.path) });
      else nodes.push({ task, ...place, node });
    }
    const log = logs ? placeOf(at, { path: entry?.logName ?? 'task.log' }) : undefined;
    if (log !== undefined) {
      const plain = { size: 0, mode: null, mtime: null, hard: null, hash: entry?.log ?? null };
      items.push({ task, ...log, ...plain });
    }
  }
  const missing = tasks
    .filter(({ state }) => state !== 'done')
    .map((task) => ({ task: task.id, state: task.state, reason: taskWords(task) }));
  return { job: job.id, items, nodes, missing, lost };
}

const noPlace = (path: string): string =>
  `${JSON.stringify(path)} is no path that could stand in a folder here; it is left out.`;

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
          `${shownPath(item.to)} is there already and differs; name another folder with -o, or overwrite with --force.`,
        );
      }
    }
  }
  return wanted;
}

function fetchedText(
  {
    items,
    nodes,
    fetched,
    present,
    bytes,
  }: Pick<Plan, 'items' | 'nodes'> & {
    readonly fetched: number;
    readonly present: number;
    readonly bytes: number;
  },
  into: string,
): string {
  if (items.length + nodes.length === 0) return 'There is nothing to fetch yet.';
  const already = present === 0 ? '' : `, ${present} were there already`;
  return `${count(fetched, 'file')} (${formatSize(bytes)}) fetched into ${into}${already}.`;
}

/** Each by name, unless there are so many that nobody would read them. */
function lostLines(lost: readonly Lost[]): readonly string[] {
  const shown = lost.slice(0, 20).map(({ reason }) => reason);
  const more = lost.length - shown.length;
  return more > 0
    ? [...shown, `${count(more, 'more file')} could not be brought; --json names them all.`]
    : shown;
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
