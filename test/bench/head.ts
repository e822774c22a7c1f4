import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { hours } from '../../shared/base/units.ts';
import type { MemberCredentials } from '../../src-member/ports/head-client.ts';
import type { BootIdentity } from '../../shared/wire/enrolment.ts';
import { connectToHead, type HeadConnection } from '../../src-cli/platform/head-connection.ts';
import { LabIdentity } from '../../src-main/platform/identity/lab-identity.ts';
import { leanEnvironment } from '../../shared/node/lean-environment.ts';
import { systemClock, systemRng } from '../../shared/node/system-clock.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import { Program } from '../lab/identity/network.ts';
import { HeadProcess } from '../lab/head/head-process.ts';
import { waitUntil } from '../lab/wait-until.ts';
import type { Figure, Section } from './figure.ts';
import type { MembersOrder } from './head/members.ts';
import { useOf } from './head/process-use.ts';
import { HeadProfiler } from './head/profile.ts';
import { queriesUnderLoad } from './head/queries.ts';
import { ticksOf } from './head/ticks.ts';

const members = 1000;
const processes = 4;
/** Seconds until what a thousand handshakes left is collected, and seconds that are measured: ten heartbeats. */
const settles = 60;
const measured = 60;
/** Bytes; a share of a core; milliseconds. */
const goals = { rss: 150e6, cpu: 0.05, tick: 20 };
/** Seconds of a profile of what was missed. */
const profiled = 15;

interface Idle {
  readonly rssBytes: number;
  readonly cpuShare: number;
}

/**
 * The head as its own process with 1,000 members in others, idle and over real TLS, beside a bare server that holds the
 * same links; then 100,000 queued tasks in several shapes, asked for over the API while all members work.
 */
export async function benchHead(): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'nightshift-head-'));
  const home = join(folder, 'home');
  await startTwice(home);
  const head = new HeadProcess(home, ['--port', '0'], undefined, undefined, ['--inspect-port=0']);
  const crowd: Program[] = [];
  try {
    const { port } = await head.ready();
    const connected = await connectToHead(home);
    if (!connected.ok) throw new Error(refusalWords(connected.error));
    const { api, close } = connected.value;
    const identity = await api.enrolment.issue({
      ...{ name: null, validFor: hours(24), single: false, mostPcs: null },
    });
    const empty = useOf(head.process.pid ?? 0).rssBytes;
    const credentials = await join1000(crowd, identity, `127.0.0.1:${port}`);
    await ready(api);
    const idle = await idleOf(head.process.pid ?? 0);
    const profiler = await HeadProfiler.attach(head);
    const bounds = await boundsOf(profiler, idle);
    const queries = await queriesUnderLoad(api, profiler);
    profiler.close();
    close();
    await head.stop();
    for (const program of crowd.splice(0)) program.kill();
    const ticks = await ticksOf(join(home, 'lab.sqlite'), goals.tick);
    const bare = await bareServer(join(home, 'identity'), crowd, identity, credentials);
    const figures: Figure[] = [
      {
        what: `head with ${members} members over TLS, idle: memory`,
        value: `${inMiB(idle.rssBytes)}: without members ${inMiB(empty)}, each link ${perLink(idle.rssBytes, empty)}${bounds.memory}`,
        reference: `a bare Node server with the same links ${inMiB(bare.rssBytes)}: ${inMiB(bare.emptyBytes)}, each link ${perLink(bare.rssBytes, bare.emptyBytes)}`,
        goal: '≤ 150 MB',
      },
      {
        what: `head with ${members} members over TLS, idle: processor`,
        value: `${percent(idle.cpuShare)} of a core, ${(idle.cpuShare / bare.cpuShare).toFixed(2)} times the bare server${bounds.processor}`,
        reference: `the bare server ${percent(bare.cpuShare)}`,
        goal: '≤ 5 %',
      },
      ...queries.figures,
      {
        what: 'a tick, the lab full and 300,000 tasks queued',
        value: `p50 ${ticks.p50.toFixed(1)} ms, p99 ${ticks.p99.toFixed(1)} ms${ticks.bound}`,
        reference: 'a heartbeat is every 6 s, a tick every 1.5 s',
        goal: 'p99 ≤ 20 ms',
      },
    ];
    const json = {
      ...{ rssBytes: idle.rssBytes, cpuShare: idle.cpuShare, emptyRssBytes: empty },
      ...{ bareRssBytes: bare.rssBytes, bareCpuShare: bare.cpuShare },
      bareEmptyRssBytes: bare.emptyBytes,
      ...{ tickMs: ticks, queries: queries.json },
    };
    return { figures, json };
  } finally {
    for (const program of crowd) program.kill();
    await head.stop('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What bounds the figures that are missed; nothing for those that are not. Once those are measured: to look costs both. */
async function boundsOf(
  profiler: HeadProfiler,
  idle: Idle,
): Promise<{ readonly memory: string; readonly processor: string }> {
  const processor =
    idle.cpuShare <= goals.cpu ? '' : `: missed (${await profiler.forSeconds(profiled)})`;
  if (idle.rssBytes <= goals.rss) return { memory: '', processor };
  const { heap, heapUsed, buffers, native } = await profiler.memory();
  const parts = `V8's heap ${inMiB(heap)}, of which in use ${inMiB(heapUsed)}; buffers ${inMiB(buffers)}; Node itself, OpenSSL and SQLite ${inMiB(native)}`;
  return { memory: `: missed (${parts})`, processor };
}

/** The first start compiles the program, the second the few files before it; all others find both. */
async function startTwice(home: string): Promise<void> {
  for (let start = 0; start < 2; start += 1) {
    const head = new HeadProcess(home);
    await head.ready();
    await head.stop();
  }
}

function run(script: string, input: object): Program {
  const flags = ['--disable-warning=ExperimentalWarning'];
  const path = join(import.meta.dirname, 'head', script);
  const child = spawn(process.execPath, [...flags, path], {
    // The reference holds its links with the same settings as the head.
    env: { ...process.env, ...leanEnvironment(tmpdir()) },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return new Program(child, JSON.stringify(input));
}

async function join1000(
  crowd: Program[],
  identity: BootIdentity,
  address: string,
  known?: readonly MemberCredentials[],
): Promise<MemberCredentials[]> {
  const count = members / processes;
  const started = Array.from({ length: processes }, (_, at) => {
    const first = at * count;
    const credentials = known && { credentials: known.slice(first, first + count) };
    const order: MembersOrder = { identity, address, first, count, ...credentials };
    return run('members.ts', order);
  });
  crowd.push(...started);
  const kept: MemberCredentials[] = [];
  for (const program of started) {
    await waitUntil(
      'its members are linked',
      () => program.count('linked') > 0 || failed(program),
      {
        within: 300_000,
      },
    );
    kept.push(...((program.last('credentials') ?? []) as MemberCredentials[]));
  }
  return kept;
}

function failed(program: Program): false {
  if (program.errors !== '') throw new Error(program.errors);
  return false;
}

async function ready(api: HeadConnection['api']): Promise<void> {
  await waitUntil(
    'all are ready',
    async () =>
      (await api.machines.list()).filter(({ state }) => state === 'ready').length === members,
    { every: 1000 },
  );
}

async function idleOf(pid: number): Promise<Idle> {
  await pass(settles * 1000);
  const [before, began] = [useOf(pid), performance.now()];
  await pass(measured * 1000);
  const after = useOf(pid);
  const seconds = (performance.now() - began) / 1000;
  return {
    rssBytes: after.rssBytes,
    cpuShare: (after.cpuSeconds - before.cpuSeconds) / seconds,
  };
}

async function bareServer(
  folder: string,
  crowd: Program[],
  identity: BootIdentity,
  credentials: readonly MemberCredentials[],
): Promise<Idle & { readonly emptyBytes: number }> {
  const wall = systemClock().wall();
  const opened = await LabIdentity.open(folder, 'bench', systemRng(), wall);
  if (!opened.ok) throw new Error(refusalWords(opened.error));
  const { headKey: key, labCertificate } = opened.value;
  const certificate = await opened.value.headCertificate(wall);
  const server = run('bare-server.ts', { key, certificate, labCertificate });
  crowd.push(server);
  const port = await server.until('port');
  const emptyBytes = useOf(server.pid).rssBytes;
  await join1000(crowd, identity, `127.0.0.1:${String(port)}`, credentials);
  return { ...(await idleOf(server.pid)), emptyBytes };
}

const perLink = (all: number, empty: number): string =>
  `${((all - empty) / members / 1024).toFixed(0)} KiB`;
const inMiB = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
