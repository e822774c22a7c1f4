import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { projectRoot } from '../../scripts/project-node.mjs';
import { contract } from '../../shared/api/contract.ts';
import { jobDetailSchema } from '../../shared/api/views.ts';
import { ran, spawned } from './command-line.ts';

/** The real head without PCs: what the command line and the head have to agree about. */
const folder = mkdtempSync(join(tmpdir(), 'nightshift-cli-'));
const home = join(folder, 'home');
let head: ChildProcess | undefined;

/** `nightshift head --json`, up to the line that says where it listens. */
async function startHead(): Promise<{ pid: number; port: number }> {
  const child = spawn(
    process.execPath,
    [join(projectRoot, 'bin', 'nightshift.mjs'), 'head', '--practice', '--port', '0', '--json'],
    { env: { ...process.env, NIGHTSHIFT_HOME: home }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  head = child;
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  await vi.waitFor(() => {
    if (child.exitCode !== null) throw new Error(`the head ended: ${err}`);
    expect(out).toMatch(/\n$/);
  }, 30_000);
  return JSON.parse(out) as { pid: number; port: number };
}

const endOf = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((done) => child.once('exit', done));

let facts: { pid: number; port: number };
beforeAll(async () => {
  facts = await startHead();
});
afterAll(async () => {
  if (head !== undefined) {
    head.kill('SIGTERM');
    await endOf(head);
  }
  rmSync(folder, { recursive: true, force: true });
});

const json = async (...words: string[]): Promise<unknown> =>
  JSON.parse((await ran(home, ...words, '--json')).out);

describe('the command line and a real head', () => {
  it('agree on every answer’s shape', async () => {
    expect(await json('machines')).toEqual([]);
    expect(await json('practice', 'list')).toEqual([]);
    for (const [words, procedure] of [
      [['top'], contract.lab.view],
      [['report'], contract.lab.report],
      [['software', 'list'], contract.software.list],
      [['images'], contract.images.list],
      [['doctor'], contract.doctor],
      [['jobs'], contract.jobs.list],
    ] as const) {
      const schema = procedure['~orpc'].outputSchema;
      const checked = await schema?.['~standard'].validate(await json(...words));
      expect(checked).not.toHaveProperty('issues');
    }
  });

  it('keep a job with all it was given', async () => {
    writeFileSync(join(folder, 'in.txt'), 'input');
    const submitted = await ran(
      home,
      'submit',
      '--tasks',
      '1-3',
      '--name',
      'three',
      '--memory',
      '64M',
      '--input',
      join(folder, 'in.txt'),
      '--',
      'cat',
      'in.txt',
    );
    expect(submitted).toMatchObject({
      exitCode: 0,
      err: 'nightshift: no PC has enrolled yet.\n',
    });
    const job = jobDetailSchema.parse(await json('job', 'three'));
    expect(job).toMatchObject({
      name: 'three',
      state: 'queued',
      memory: 64 * 1024 ** 2,
      counts: { queued: 3 },
    });
    expect(job.tasks.map(({ index, waitingBecause }) => [index, waitingBecause])).toEqual(
      [1, 2, 3].map((index) => [index, { code: 'no-pc-yet', facts: {} }]),
    );
  });

  it('hold a job from the start, let it go on, and cancel it', async () => {
    const { out } = await ran(home, 'submit', '--json', '--hold', '--', 'true');
    const { id } = JSON.parse(out) as { id: string };
    expect(await json('job', id)).toMatchObject({ state: 'held' });
    expect((await ran(home, 'resume', id)).exitCode).toBe(0);
    expect(await json('job', id)).toMatchObject({ state: 'queued' });
    expect((await ran(home, 'cancel', id)).exitCode).toBe(0);
  });

  it.each([
    [['job', '99'], 2, 'there is no job "99"; nightshift jobs lists them.'],
    [['logs', '99'], 2, 'there is no task "99"; nightshift jobs lists the jobs.'],
    [['logs', 'three'], 2, 'job 1 has 3 tasks; name one, such as 1.1.'],
    [['cordon', 'pc-9'], 2, 'there is no machine "pc-9"; nightshift machines lists them.'],
    [['release', '--all'], 1, 'no PC is in the lab at the moment.'],
    [['submit', '--after', '99', '--', 'true'], 2, 'there is no job 99 to wait for.'],
  ])('agree that %j is refused', async (words, exitCode, sentence) => {
    expect(await ran(home, ...words)).toEqual({
      exitCode,
      out: '',
      err: `nightshift: ${sentence}\n`,
    });
  });

  it('lose no job when the head is killed', async () => {
    const before = await json('jobs');
    process.kill(facts.pid, 'SIGKILL');
    expect(await endOf(head!)).toBe(137);
    expect((await ran(home, 'jobs')).err).toContain('no head is running for');
    facts = await startHead();
    expect(await json('jobs')).toEqual(before);
  });

  it('refuse a second head of one home, and one whose port is taken', async () => {
    const second = await spawned(home, ['head', '--port', '0']);
    expect(second.exitCode).toBe(1);
    expect(second.err).toContain('a head runs for');

    const taken = createServer().listen(0);
    const { port } = taken.address() as AddressInfo;
    const third = await spawned(join(folder, 'other'), [
      'head',
      '--practice',
      '--port',
      String(port),
    ]);
    taken.close();
    expect(third.exitCode).toBe(1);
    expect(third.err).toMatch(/^nightshift: [^\n]*port[^\n]*\n$/i);
    expect(third.err).toContain(String(port));
  });

  it('end in good order at a signal', async () => {
    head!.kill('SIGTERM');
    expect(await endOf(head!)).toBe(0);
    head = undefined;
    expect(() => readFileSync(join(home, 'head.json'))).toThrow();
  });
});
