import type { Submit } from '../../../shared/api/contract.ts';
import { jobId } from '../../../shared/domain/ids.ts';
import type { HeadConnection } from '../../../src-cli/platform/head-connection.ts';
import { waitUntil } from '../../lab/wait-until.ts';
import type { Figure } from '../figure.ts';

type Api = HeadConnection['api'];

export interface Spans {
  readonly p50: number;
  readonly p99: number;
}

const rounds = 100;

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
): Promise<{ readonly figures: readonly Figure[]; readonly json: object }> {
  const figures: Figure[] = [];
  const json: Record<string, Record<string, Spans>> = {};
  const alone = await spansOf(async () => void (await api.images.list()));
  const slots = (await api.machines.list()).reduce((sum, { cpu }) => sum + cpu, 0);
  await jobsOf(api, 1, slots, { priority: 100 });
  await waitUntil('the lab is full', async () => {
    const [job] = await api.jobs.list();
    return job?.tasks.running === slots;
  });
  for (const { name, submit } of shapes) {
    const began = performance.now();
    const jobs = await submit(api);
    const each = (performance.now() - began) / jobs.length;
    const spans = { ...(await askAll(api, jobs)), submit: { p50: each, p99: each } };
    json[name] = spans;
    const worst = Object.entries(spans).sort(([, a], [, b]) => b.p99 - a.p99);
    figures.push({
      what: `${name} queued, ${slots} running: any question or order`,
      value: `p99 ≤ ${worst[0]?.[1].p99.toFixed(0)} ms; ${worst
        .map(([what, { p50, p99 }]) => `${what} ${p50.toFixed(1)}/${p99.toFixed(1)}`)
        .join(', ')}`,
      reference: `a question without an answer to make, before: ${alone.p50.toFixed(1)}/${alone.p99.toFixed(1)} ms`,
      goal: 'p99 ≤ 50 ms',
    });
  }
  return { figures, json: { alone, ...json } };
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

async function askAll(api: Api, jobs: readonly string[]): Promise<Record<string, Spans>> {
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
  for (const [what, ask] of Object.entries(questions)) spans[what] = await spansOf(ask);
  const began = performance.now();
  await api.jobs.cancel({ job: last });
  const cancelled = performance.now() - began;
  spans['cancel'] = { p50: cancelled, p99: cancelled };
  return spans;
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
