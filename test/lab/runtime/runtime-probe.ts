// Runs in a practice PC in the agent's place: its container runtime, to be called from a test over HTTP.
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { networkInterfaces } from 'node:os';
import { ok } from '../../../shared/base/result.ts';
import type { AttemptKey } from '../../../shared/domain/attempt-key.ts';
import type { Carried, Snapshot } from '../../../src-member/ports/container-runtime.ts';
import type { TaskSpec } from '../../../shared/wire/task-spec.ts';
import { refusalWords } from '../../../shared/words/refusal-words.ts';
import { bootPrefix } from '../../../src-member/platform/pc/boot-files.ts';
import { findOutputs } from '../../../src-member/platform/task-files/found-outputs.ts';
import { logBytes } from '../../../src-member/platform/task-files/log-file.ts';
import { openRuntime } from '../../../src-member/platform/containers/open-runtime.ts';

const folder = '/run/nightshift';
const opened = await openRuntime({
  folder,
  packs: '/packs',
  prefix: bootPrefix(folder),
  processors: 2,
  memory: Number(process.env['NIGHTSHIFT_MEMORY']),
  placeInputs: async (inputs, task) => {
    // The content is its own hash here: what matters is that it lies there before the program starts.
    for (const { path, hash } of inputs) writeFileSync(`${task}/${path}`, hash);
    return ok(null);
  },
  ensurePack: async () => ok(null),
  onSupervisorLost: () => process.exit(1),
});
if (!opened.ok) throw new Error(refusalWords(opened.error));
const { runtime } = opened.value;
const ends: unknown[] = [];
runtime.listen((of, end) => ends.push({ of, end }));
const adopted = await runtime.adopt();
const snapshots = new Map<string, Snapshot>();

interface Call {
  readonly of: AttemptKey;
  readonly spec: TaskSpec;
  readonly carried: Carried;
  readonly apart: boolean;
  readonly needs: number;
  readonly patterns: readonly string[];
}

const methods: Record<string, (call: Call) => unknown> = {
  adopted: () => adopted,
  ends: () => ends,
  start: ({ of, spec }) => runtime.start(of, spec),
  restore: ({ of }) => runtime.restore(of),
  freeze: ({ of }) => runtime.freeze(of),
  thaw: ({ of }) => runtime.thaw(of),
  terminate: ({ of }) => runtime.terminate(of),
  kill: ({ of }) => runtime.kill(of),
  remove: ({ of }) => runtime.remove(of),
  spare: () => runtime.spareMemory,
  usage: ({ of }) => runtime.usage(of),
  obstacle: ({ of }) => runtime.obstacle(of),
  log: async ({ of }) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of logBytes(runtime.folderOf(of).log)) pieces.push(piece);
    return Buffer.concat(pieces).toString('utf8');
  },
  outputs: async ({ of, patterns }) => {
    const { files, missed } = await findOutputs(runtime.folderOf(of).task, patterns);
    const paths = files.map(({ path }) => path);
    return missed === null ? { ok: true, value: paths } : { ok: false, error: { reason: missed } };
  },
  snapshot: async ({ of, carried, apart }) => {
    const taken = await runtime.snapshot(of, carried, apart);
    if (!taken.ok) return taken;
    const handle = String(snapshots.size);
    snapshots.set(handle, taken.value);
    return { ok: true, value: { handle, apart: taken.value.apart } };
  },
};

async function answer(asked: IncomingMessage, reply: ServerResponse): Promise<void> {
  const url = new URL(asked.url ?? '', 'http://probe');
  const handle = url.searchParams.get('handle') ?? '';
  if (url.pathname === '/bytes') {
    for await (const chunk of snapshots.get(handle)?.bytes() ?? []) reply.write(chunk);
    reply.end();
    return;
  }
  if (url.pathname === '/drop') {
    await snapshots.get(handle)?.drop();
    reply.end(JSON.stringify(snapshots.get(handle)?.trouble() ?? null));
    return;
  }
  if (url.pathname === '/unpack') {
    const { of, spec, needs } = JSON.parse(String(asked.headers['x-call'])) as Call;
    reply.end(JSON.stringify(await runtime.unpack(of, spec, asked, needs)));
    return;
  }
  let text = '';
  for await (const chunk of asked) text += String(chunk);
  const result = await methods[url.pathname.slice(1)]?.(JSON.parse(text) as Call);
  reply.end(JSON.stringify(result ?? null));
}

createServer((asked, reply) => {
  answer(asked, reply).catch((error: unknown) => {
    console.error(error);
    reply.destroy();
  });
}).listen(7500, () => {
  const address = networkInterfaces()['eth0']?.find(({ family }) => family === 'IPv4')?.address;
  process.stdout.write(`=== screen ===\nprobe ${address ?? ''}\n=== end ===\n`);
});
