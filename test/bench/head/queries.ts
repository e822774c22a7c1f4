import type { Submit } from '../../../shared/api/contract.ts';
import { jobId } from '../../../shared/domain/ids.ts';
import type { HeadConnection } from '../../../src-cli/platform/head-connection.ts';
import { waitUntil } from '../../lab/wait-until.ts';
import type { Figure } from '../figure.ts';
import { median } from '../medians.ts';
import type { HeadProfiler } from './profile.ts';

type Api = HeadConnection['api'];

export interface Spans {
  readonly p50: number;
  readonly p99: number;
}

const rounds = 100;
/** Times that the lab is filled, and something large submitted meanwhile. */
const fillings = 5;
/** Milliseconds. */
const goal = 50;

/** Each shape has 100,000 tasks; what the jobs hold, and the one that is looked at. */
const shapes: readonly {
  readonly name: string;
  readonly submit: (api: Api) => Promise<string[]>;
}[] = [
  { name: 'one job of 100,000', submit: (api) => jobsOf(api, 1, 100_000) },
  { name: 'ten jobs of 10,000, each after the one before', submit: (api) => chained(api) },
  { name: '1,000 jobs of 100, some held', submit: (api) => jobsOf(api, 1000, 100) },
];

/** Milliseconds from asking to having the answer, for every question there is, one after the other. */
export async function queriesUnderLoad(
  api: Api,
  profiler: HeadProfiler,
): Promise<{ readonly figures: readonly Figure[]; readonly json: object }> {
  const figures: Figure[] = [];
  const json: Record<string, Record<string, Spans>> = {};
  const alone = await spansOf(async () => void (await api.images.list()));
  const slots = (await api.machines.list()).reduce((sum, { cpu }) => sum + cpu, 0);
  const first = await submitsWhileStarting(api, profiler, slots);
  figures.push(first.figure);
  await fill(api, slots);
  for (const { name, submit } of shapes) {
    const began = performance.now();
    const jobs = await submit(api);
    const each = (performance.now() - began) / jobs.length;
    const asked = await askAll(api, profiler, jobs);
    const spans = { ...asked.spans, submit: { p50: each, p99: each } };
    json[name] = spans;
    const worst = Object.entries(spans).sort(([, a], [, b]) => b.p99 - a.p99);
    figures.push({
      what: `${name} queued, ${slots} running: any question or order`,
      value: `p99 ≤ ${worst[0]?.[1].p99.toFixed(0)} ms; ${worst
        .map(([what, { p50, p99 }]) => `${what} ${p50.toFixed(1)}/${p99.toFixed(1)}`)
        .join(', ')}${asked.bounds.map((bound) => `; missed: ${bound}`).join('')}`,
      reference: `a question without an answer to make, before: ${alone.p50.toFixed(1)}/${alone.p99.toFixed(1)} ms`,
      goal: 'p99 ≤ 50 ms',
    });
  }
  return { figures, json: { alone, submitWhileStarting: first.spans, ...json } };
}

/** A job of as many tasks as the lab has processors: all of them are placed, few have said that they have started. */
async function fill(api: Api, slots: number): Promise<string> {
  const [job = ''] = await jobsOf(api, 1, slots, { priority: 100 });
  await waitUntil(
    'the lab is full',
    async () => (await api.jobs.list()).find(({ id }) => id === job)?.tasks.running === slots,
    { every: 5 },
  );
  return job;
}

/** Submits a large job at the very moment at which a whole lab's tasks start; beside it the same in a lab that is full. */
async function submitsWhileStarting(
  api: Api,
  profiler: HeadProfiler,
  slots: number,
): Promise<{ readonly figure: Figure; readonly spans: Spans }> {
  const times: number[] = [];
  const calm: number[] = [];
  const filling = async (): Promise<void> => {
    const filler = await fill(api, slots);
    const large = await timedSubmit(api, times);
    await waitUntil('all have started', async () => hasStarted(api, filler));
    const later = await timedSubmit(api, calm);
    for (const job of [large, later, filler]) await api.jobs.cancel({ job });
    await waitUntil('the lab is empty', async () =>
      (await api.jobs.list()).every(({ tasks }) => tasks.running === 0),
    );
  };
  for (let round = 0; round < fillings; round += 1) await filling();
  const spans = { p50: median(times), p99: Math.max(...times) };
  const bound = spans.p99 <= goal ? '' : `; missed: ${await profiler.during(filling)}`;
  const figure = {
    what: `submit of 100,000 tasks while ${slots} others start`,
    value: `median ${spans.p50.toFixed(1)} ms of ${fillings}, worst ${spans.p99.toFixed(1)} ms${bound}`,
    reference: `the same once they have started ${median(calm).toFixed(1)} ms`,
    goal: `≤ ${goal} ms`,
  };
  return { figure, spans };
}

async function timedSubmit(api: Api, times: number[]): Promise<string> {
  const began = performance.now();
  const [job = ''] = await jobsOf(api, 1, 100_000);
  times.push(performance.now() - began);
  return job;
}

async function hasStarted(api: Api, job: string): Promise<boolean> {
  for (let from: number | undefined = 0; from !== undefined;) {
    const { tasks, next } = await api.jobs.get({ job, from });
    if (tasks.some(({ startedAt }) => startedAt === null)) return false;
    from = next;
  }
  return true;
}

async function jobsOf(
  api: Api,
  count: number,
  tasks: number,
  more: Partial<Submit> = {},
): Promise<string[]> {
  const ids: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const array = { first: 1, last: tasks };
    const hold = at % 50 === 49;
    ids.push((await api.jobs.submit({ command: ['true'], array, hold, ...more })).id);
  }
  return ids;
}

async function chained(api: Api): Promise<string[]> {
  const ids: string[] = [];
  for (let at = 0; at < 10; at += 1) {
    const last = ids.at(-1);
    const after = last === undefined ? [] : [jobId(last)];
    ids.push(...(await jobsOf(api, 1, 10_000, { after, priority: at % 3 })));
  }
  return ids;
}

/** `bounds`: of each question that took too long, what held the head's thread when it was asked once more as often. */
async function askAll(
  api: Api,
  profiler: HeadProfiler,
  jobs: readonly string[],
): Promise<{ readonly spans: Record<string, Spans>; readonly bounds: readonly string[] }> {
  const job = jobs[0] ?? '';
  const last = jobs.at(-1) ?? '';
  const { revision } = await api.jobs.changes({ job, since: null });
  const questions: Record<string, () => Promise<unknown>> = {
    jobs: () => api.jobs.list(),
    job: () => api.jobs.get({ job }),
    // As much as it takes to know all its tasks; to spell them out is up to whoever asked.
    'job with all its tasks': async () => {
      for (let from: number | undefined = 0; from !== undefined;)
        from = (await api.jobs.get({ job, from })).next;
    },
    task: () => api.jobs.get({ job: last, task: 50 }),
    changes: () => api.jobs.changes({ job, since: revision }),
    'changes from nothing': () => api.jobs.changes({ job: last, since: null }),
    outputs: () => api.jobs.outputs({ job }),
    machines: () => api.machines.list(),
    view: () => api.lab.view(),
    report: () => api.lab.report(),
    log: async () => {
      for await (const piece of await api.jobs.logs({ task: `${job}.70`, follow: false }))
        void piece;
    },
    'hold and resume': async () => {
      await api.jobs.hold({ job });
      await api.jobs.resume({ job });
    },
  };
  const spans: Record<string, Spans> = {};
  const bounds: string[] = [];
  for (const [what, ask] of Object.entries(questions)) {
    const found = (spans[what] = await spansOf(ask));
    if (found.p99 > goal) bounds.push(`${what}, ${await profiler.during(() => spansOf(ask))}`);
  }
  const began = performance.now();
  await api.jobs.cancel({ job: last });
  const cancelled = performance.now() - began;
  spans['cancel'] = { p50: cancelled, p99: cancelled };
  return { spans, bounds };
}

async function spansOf(ask: () => Promise<unknown>): Promise<Spans> {
  const spans: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now();
    await ask();
    spans.push(performance.now() - began);
  }
  return spansOfTimes(spans);
}

export function spansOfTimes(spans: readonly number[]): Spans {
  const sorted = [...spans].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}
