import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytes } from '../../shared/base/units.ts';
import { BlobStore } from '../../src-main/platform/blobs/blob-store.ts';
import { ran, type } from './command-line.ts';
import { SmallLab } from './small-lab.ts';

const small = new SmallLab();
const uploads = (): number =>
  small.head.requests.filter((request) => request === 'PUT /blob').length;

describe('submitting', () => {
  it('sends each content once, and only what the head does not have', async () => {
    const { head, here } = small;
    const scene = small.file('scene.blend', 'a scene');
    small.file('textures/wood.png', 'wood');
    small.file('textures/copy of wood.png', 'wood');
    symlinkSync(scene, join(here, 'textures', 'linked'));
    const inputs = ['--input', scene, '--input', `${join(here, 'textures')}:tex`];
    const words = ['submit', '--json', ...inputs, '--', 'render', '{task}'];

    expect(await ran(head, ...words)).toEqual({
      exitCode: 0,
      out: '{"id":"1","warnings":[]}\n',
      err: '',
    });
    expect(uploads()).toBe(2);
    expect(small.submitted()[0]).toMatchObject({
      name: 'render',
      owner: 'ada',
      command: ['render', '{task}'],
      array: null,
      inputs: [
        { path: 'scene.blend', size: 7, executable: false },
        { path: 'tex/copy of wood.png', size: 4 },
        { path: 'tex/linked', size: 7 },
        { path: 'tex/wood.png', size: 4 },
      ],
    });
    await ran(head, ...words);
    expect(uploads()).toBe(2);
    expect(head.lab.shell.jobs()).toHaveLength(2);
  });

  it('gives each task of an array its own input', async () => {
    const { head, here } = small;
    for (const task of [3, 4]) small.file(`in/${task}.txt`, `input ${task}`);
    const input = `${join(here, 'in')}/{task}.txt:input.txt`;
    const words = ['submit', '--tasks', '3-4', '--input', input, '--', 'wc', 'input.txt'];
    expect(await ran(head, ...words)).toEqual({
      exitCode: 0,
      out: 'Job 1 is submitted; see it with nightshift job 1.\n',
      err: '',
    });
    expect(small.submitted()[0]?.inputs).toMatchObject([
      { path: 'input.txt', onlyTask: 3 },
      { path: 'input.txt', onlyTask: 4 },
    ]);
  });

  it('hands every option on', async () => {
    const { head } = small;
    await ran(head, 'submit', '--', 'true');
    const options =
      '--name big --tasks 1-500%20 --cpus 4 --memory 1.5G --time 2h --retries 3 --output *.png --output log/*.txt --env A=b=c --env D= --pack blender --pin --portable --network none --priority -5 --after 1 --after true --after-any 1 --hold --owner eve';
    await ran(head, 'submit', ...options.split(' '), '--', 'render', '--name', 'its own');
    expect(head.calls.at(-1)?.input).toEqual([
      {
        name: 'big',
        owner: 'eve',
        command: ['render', '--name', 'its own'],
        array: { first: 1, last: 500 },
        resources: { cpus: 4, memory: 1.5 * 1024 ** 3, wallTime: 7_200_000 },
        retries: 3,
        inputs: [],
        outputs: ['*.png', 'log/*.txt'],
        environment: { A: 'b=c', D: '' },
        pack: 'blender',
        pin: true,
        portable: true,
        network: 'none',
        priority: -5,
        after: ['1'],
        afterOk: ['1', '1'],
        atOnce: 20,
        logName: null,
      },
      true,
    ]);
  });

  it('sends a script along, runs it by its interpreter, and lets options win over its directives', async () => {
    const path = small.file(
      'sweep.sh',
      '#!/bin/bash -e\n#SBATCH --job-name=sweep --array=1-9 -c 2\n#SBATCH --gres=gpu\necho $1\n',
      0o755,
    );
    const ended = await ran(small.head, 'submit', '--cpus', '3', path, '0.5', '--wait');
    expect(ended.exitCode).toBe(0);
    expect(ended.err).toBe(
      'nightshift: sweep.sh, line 3: "#SBATCH --gres=gpu" has no meaning here and is ignored.\n' +
        `nightshift: --wait stands behind the script and is given to it; options of nightshift go before ${path}.\n`,
    );
    expect(small.submitted()[0]).toMatchObject({
      name: 'sweep',
      command: ['/bin/bash', '-e', 'sweep.sh', '0.5', '--wait'],
      array: { first: 1, last: 9 },
      resources: { cpus: 3 },
      inputs: [{ path: 'sweep.sh', executable: true }],
    });
  });

  it('sends a script with Windows line ends as it was meant, and says so', async () => {
    const { head } = small;
    const path = small.file('-run.sh', '#!/bin/sh\r\n#SBATCH -c 2\r\necho {task}\r\n');
    const sent = await ran(head, 'submit', path, '{task}');
    expect(sent.err).toBe(
      'nightshift: -run.sh has Windows line ends, which its interpreter would stumble over; it is sent without.\n',
    );
    const [job] = small.submitted();
    // A name that begins with - would be read as an option of the shell.
    expect(job).toMatchObject({
      command: ['/bin/sh', './-run.sh', '{task}'],
      resources: { cpus: 2 },
    });
    expect(readFileSync(head.blobs.pathOf(job!.inputs[0]!.hash), 'utf8')).toBe(
      '#!/bin/sh\n#SBATCH -c 2\necho {task}\n',
    );
  });

  it.each([
    ['would never start', ['--after', '1'], 1],
    ['waits for a job that is not there', ['--after', '99'], 2],
    ['fits no PC', ['--cpus', '64'], 1],
    ['has too many tasks', ['--tasks', '0-100000'], 2],
    ['wants another network', ['--network', 'lab'], 2],
  ])(
    'is refused before a byte of its inputs is sent where it %s',
    async (_what, wish, exitCode) => {
      const { head } = small;
      small.ended('false', { exitCode: 1 });
      const path = small.file('large.dat', 'much\n');
      const ended = await ran(head, 'submit', ...wish, '--input', path, '--', 'true');
      expect(ended).toMatchObject({ exitCode, out: '' });
      expect(ended.err).not.toContain('Sending');
      expect(uploads()).toBe(0);
    },
  );

  it('is refused where the job would never start', async () => {
    const { head } = small;
    small.ended('false', { exitCode: 1 });
    expect(await ran(head, 'submit', '--wait', '--after', '1', '--', 'true')).toEqual({
      exitCode: 1,
      out: '',
      err: 'nightshift: job 1 has failed, so what waits for its success would never start; wait for another job, or only for its end, however it ends: --after-any 1\n',
    });
    expect(head.lab.shell.jobs()).toHaveLength(1);
  });

  it('--wait ends when the job can never start any more', async () => {
    const { head } = small;
    small.running('false', { work: 5000, exitCode: 1 });
    expect(
      await head.passing(ran(head, 'submit', '--wait', '--after', '1', '--', 'true')),
    ).toMatchObject({
      exitCode: 1,
      err:
        'Job 2 is submitted.\n' +
        'nightshift: job 2: it never starts: it was to start once job 1 is done, and that failed; take it away with nightshift cancel 2.\n',
    });
  });

  it('--wait blocks until the job is over, and fails with it', async () => {
    const { head } = small;
    small.programs({}, { exitCode: 3 });
    expect(await head.passing(ran(head, 'submit', '--wait', '--', 'true'))).toEqual({
      exitCode: 0,
      out: 'Job 1 is done: 1 done.\n',
      err: 'Job 1 is submitted.\n',
    });
    const failed = await head.passing(ran(head, 'submit', '--wait', '--json', '--', 'false'));
    expect(failed.exitCode).toBe(1);
    expect(JSON.parse(failed.out)).toMatchObject({
      id: '2',
      tasks: [{ state: 'failed', exitCode: 3 }],
    });
  });

  it('says so when the head’s disk is full', async () => {
    const { head } = small;
    await head.stop();
    head.blobs = new BlobStore(join(head.home, 'blobs'), bytes(1e18));
    await head.start();
    const ended = await ran(head, 'submit', '--input', small.file('a', 'a'), '--', 'true');
    expect(ended).toEqual({
      exitCode: 1,
      out: '',
      err: "nightshift: the head's disk is full; free some space there and submit again.\n",
    });
    expect(small.submitted()).toEqual([]);
  });
});

describe('sessions of browsers', () => {
  it('are listed and ended', async () => {
    const { head } = small;
    const { sessions } = head.access;
    const here = sessions.begin({ listener: 'local', from: '127.0.0.1', agent: 'Chromium' });
    const there = sessions.begin({ listener: 'tls', from: '10.0.0.9', agent: 'Firefox' });
    // Browsers come in the time that everybody has.
    const { out } = await type(head, ['sessions'], { now: Date.now }).done;
    expect(out.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['SESSION', 'FROM', 'SINCE', 'BROWSER'],
      [here.id, 'this machine', 'just now', 'Chromium'],
      [there.id, '10.0.0.9', 'just now', 'Firefox'],
      [''],
    ]);
    expect((await ran(head, 'sessions', 'end', there.id)).out).toContain('1 session ended');
    expect((await ran(head, 'sessions', 'end', there.id)).exitCode).toBe(2);
    expect((await ran(head, 'sessions', 'end')).exitCode).toBe(2);
    expect(JSON.parse((await ran(head, 'sessions', 'end', '--all', '--json')).out)).toEqual({
      ended: [here.id],
    });
  });
});

describe('running one program', () => {
  it('prints what it writes and ends with its exit code', async () => {
    const { head } = small;
    small.programs({ exitCode: 7, writes: () => 'hello\n' });
    expect(await head.passing(ran(head, 'run', '--', 'sh', '-c', 'echo hello; exit 7'))).toEqual({
      exitCode: 7,
      out: 'hello\n',
      err: '',
    });
  });

  it('sends along what stands on standard input, and says so when nothing comes', async () => {
    const { head } = small;
    const given = small.file('given', 'hi\n');
    const withInput = {
      standardInput: async () => ({ ok: true, value: { path: given } }) as const,
    };
    const first = await head.passing(type(head, ['run', '--', 'cat'], withInput).done);
    expect(first.exitCode).toBe(0);
    expect(small.submitted()[0]).toMatchObject({
      command: ['cat'],
      environment: { NIGHTSHIFT_STDIN: '.standard-input' },
      inputs: [{ path: '.standard-input', size: 3 }],
    });
    const silent = { standardInput: async () => ({ ok: true, value: 'silent' }) as const };
    const second = await head.passing(type(head, ['run', '--', 'cat'], silent).done);
    expect(second.err).toBe(
      'nightshift: nothing comes on standard input, so the program starts without; --stdin waits for its end.\n',
    );
    expect(small.submitted()[1]).toMatchObject({ environment: {}, inputs: [] });
  });

  it('says why when there is no exit code', async () => {
    const { head } = small;
    small.programs({ unstartable: 'there is no program "nonesuch" in pack base.' });
    expect(await head.passing(ran(head, 'run', '--', 'nonesuch'))).toEqual({
      exitCode: 1,
      out: '',
      err: 'nightshift: job 1 failed: there is no program "nonesuch" in pack base\n',
    });
  });
});
