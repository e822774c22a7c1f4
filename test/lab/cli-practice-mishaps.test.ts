import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../scripts/project-node.mjs';
import type { MachineView, PracticePc } from '../../shared/api/views.ts';
import { readHeadJson } from '../../src-cli/platform/head-directory.ts';
import { spawned, type Ran } from './command-line.ts';
import { waitUntil } from './wait-until.ts';

/** What can happen to practice PCs, as a person brings it about: each command in a process of its own. */
const folder = mkdtempSync(join(tmpdir(), 'nightshift-cli-'));
const home = join(folder, 'home');

const practice = (...words: string[]): Promise<Ran> => spawned(home, ['practice', ...words]);
/** Of one line on stderr, and nothing else. */
const refused = (exitCode: number, sentence: string): Ran => ({
  exitCode,
  out: '',
  err: `nightshift: ${sentence}\n`,
});
const said = (sentence: string): Ran => ({ exitCode: 0, out: `${sentence}\n`, err: '' });

async function pcs(): Promise<string[]> {
  const { out } = await practice('list', '--json');
  return (JSON.parse(out) as PracticePc[]).map(
    ({ name, state, cut }) => `${name} ${state}${cut ? ', cut' : ''}`,
  );
}
async function stateOf(name: string): Promise<string | undefined> {
  const { out } = await spawned(home, ['machines', '--json']);
  return (JSON.parse(out) as MachineView[]).find((machine) => machine.name === name)?.state;
}
const becomes = (name: string, ...states: string[]): Promise<unknown> =>
  waitUntil(
    `${name} is ${states.join(' or ')}`,
    async () => states.includes((await stateOf(name)) ?? ''),
    {
      picture: async () =>
        `${(await practice('list')).out}${(await spawned(home, ['machines'])).out}`,
    },
  );

/** As somebody who is not root, and whose processes root's home is closed to. */
function asNobody(environmentHome: string, ...words: string[]): Promise<Ran> {
  const user = ['--reuid', '65534', '--regid', '65534', '--clear-groups'];
  const node = join(projectRoot, 'node_modules', 'node', 'bin', 'node');
  const child = spawn(
    'setpriv',
    [...user, '--', node, join(projectRoot, 'bin', 'nightshift.mjs'), ...words],
    {
      env: { ...process.env, NIGHTSHIFT_HOME: environmentHome, NO_COLOR: '', FORCE_COLOR: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ exitCode: code ?? -1, out, err }));
  });
}

describe.skipIf(process.getuid?.() !== 0)('mishaps in a practice lab', () => {
  afterAll(async () => {
    await practice('down');
    const head = await readHeadJson(home);
    if (head !== null) process.kill(head.pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('cannot happen while nothing is up, and a wrong number of PCs starts nothing', async () => {
    for (const mishap of ['unplug', 'replug', 'cut', 'heal', 'keypress'])
      expect(await practice(mishap, 'pc-01')).toMatchObject({
        exitCode: 1,
        err: expect.stringMatching(/^nightshift: no head is running for [^\n]*\n$/) as string,
      });
    for (const number of ['0', '999', '-1', 'three', '1.5'])
      expect(await practice('up', `--pcs=${number}`)).toMatchObject({
        exitCode: 2,
        out: '',
        err: expect.stringMatching(/^nightshift: --pcs [^\n]* 1 to 64[^\n]*\n$/) as string,
      });
    expect(existsSync(home)).toBe(false);
  });

  it('need root, which is said before anything is started, with the way that needs none', async () => {
    const answer = await asNobody(join(tmpdir(), 'nightshift-of-nobody'), 'practice', 'up');
    expect(answer).toMatchObject({ exitCode: 1, out: '' });
    // Under the very Node that runs: what `sudo npx` finds may be another one.
    expect(answer.err).toMatch(
      /^nightshift: practice PCs in containers need root; run `sudo \/\S+node \/\S+\/bin\/nightshift.mjs practice up`, or take virtual PCs, which need none: nightshift practice up --driver vm\.\n$/,
    );
    expect(existsSync(join(tmpdir(), 'nightshift-of-nobody'))).toBe(false);
  });

  it('PCs that are up stay as they are when they are brought up again', async () => {
    expect(await practice('up', '--pcs', '2')).toMatchObject({ exitCode: 0 });
    const { pid } = (await readHeadJson(home))!;
    expect(await practice('up', '--pcs', '2')).toMatchObject({
      exitCode: 0,
      out: '2 practice PCs are on; see them with nightshift machines.\n',
      err: '',
    });
    expect((await readHeadJson(home))!.pid).toBe(pid);
    expect(await pcs()).toEqual(['pc-01 on', 'pc-02 on']);
    expect(await stateOf('pc-01')).toBe('ready');
  });

  it('are refused for a PC that there is not', async () => {
    for (const mishap of ['unplug', 'replug', 'cut', 'heal', 'keypress'])
      expect(await practice(mishap, 'pc-09')).toEqual(
        refused(2, 'there is no practice PC pc-09; there are pc-01 and pc-02.'),
      );
    expect(await practice('unplug')).toMatchObject({ exitCode: 2, out: '' });
  });

  it('are another user’s business only if it is their head', async () => {
    for (const words of [['machines'], ['practice', 'unplug', 'pc-01'], ['practice', 'list']])
      expect(await asNobody(home, ...words)).toEqual(
        refused(
          1,
          `the head of ${home} belongs to another user; run this as that user, or set NIGHTSHIFT_HOME to your own head's.`,
        ),
      );
  });

  it('a cut PC is missed and comes back when it is healed, however often either is asked for', async () => {
    const isCut = said('pc-01 is cut off from the network.');
    const isHealed = said('pc-01 is on the network.');
    expect(await practice('heal', 'pc-01')).toEqual(isHealed);
    expect(await practice('cut', 'pc-01')).toEqual(isCut);
    expect(await practice('cut', 'pc-01')).toEqual(isCut);
    expect(await pcs()).toEqual(['pc-01 on, cut', 'pc-02 on']);
    await becomes('pc-01', 'suspect', 'lost');
    expect(await practice('heal', 'pc-01')).toEqual(isHealed);
    expect(await practice('heal', 'pc-01')).toEqual(isHealed);
    await becomes('pc-01', 'ready');
  });

  it('a PC without power can only be given it again, and one with power cannot', async () => {
    expect(await practice('replug', 'pc-02')).toEqual(
      refused(1, 'pc-02 has power; pull its plug first.'),
    );
    expect(await practice('unplug', 'pc-02')).toEqual(
      said('pc-02 has no power any more; nobody was told.'),
    );
    expect(await pcs()).toEqual(['pc-01 on', 'pc-02 unplugged']);
    for (const mishap of ['unplug', 'cut', 'heal', 'keypress'])
      expect(await practice(mishap, 'pc-02')).toEqual(
        refused(1, 'pc-02 has no power; give it power with nightshift practice replug pc-02.'),
      );
    // Else what is seen below were the member of before.
    await becomes('pc-02', 'suspect', 'lost');
    expect(await practice('replug', 'pc-02')).toEqual(said('pc-02 has power again and starts.'));
    await becomes('pc-02', 'ready');
  });

  it('a key press sends a PC back to whoever wants it, and it is off then', async () => {
    expect(await practice('keypress', 'pc-02')).toEqual(said('Someone pressed a key at pc-02.'));
    await becomes('pc-02', 'released');
    await waitUntil('pc-02 is off', async () => (await pcs()).includes('pc-02 off'));
    expect(await practice('keypress', 'pc-02')).toMatchObject({ exitCode: 1, out: '' });
    expect(await practice('up', '--pcs', '2', '--json')).toMatchObject({ exitCode: 0 });
    expect(await stateOf('pc-02')).toBe('ready');
  });

  it('are over when the lab is down, which may be said twice', async () => {
    expect((await practice('down', '--json')).out).toBe('{"pcs":2,"headStopped":true}\n');
    expect((await practice('down', '--json')).out).toBe('{"pcs":0,"headStopped":false}\n');
    expect((await practice('unplug', 'pc-01')).exitCode).toBe(1);
  });
});
