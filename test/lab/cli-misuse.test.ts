import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ran, spawned } from './command-line.ts';
import { scenes } from '../../src-sim/scenes/scenes.ts';
import { evening, ServedHead, token } from '../served-head.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightshift-cli-'));
const head = new ServedHead(join(folder, 'home'), scenes.small(evening));
const { home } = head;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  await head.start();
  head.lab.submit(2, 60_000, { name: 'render', after: [] });
  head.lab.advance(5000);
  head.lab.shell.holdJob('1');
  head.lab.until('it is saved', () => head.lab.shell.jobs()[0]?.tasks.suspended === 2);
  mkdirSync(at('folder/deep'), { recursive: true });
  writeFileSync(at('a.txt'), 'a');
  writeFileSync(at('b.txt'), 'b');
  writeFileSync(at('with:colon'), 'c');
  writeFileSync(at('plain.sh'), 'echo hello\n');
  writeFileSync(at('bad.sh'), '#!/bin/sh\n#SBATCH --mem=lots\n');
  chmodSync(at('folder'), 0o755);
});
afterAll(async () => {
  await head.stop();
  rmSync(folder, { recursive: true, force: true });
});

const submit = ['submit', '--'];
const misuse: readonly (readonly [readonly string[], string])[] = [
  [['machnes'], 'unknown command "machnes"; did you mean machines?'],
  [['frobnicate'], 'unknown command "frobnicate"; see nightshift --help.'],
  [
    ['exec', 'pc-01'],
    'this version has no command "exec" yet; see nightshift --help for those it has.',
  ],
  [['practice', 'unplg', 'pc-01'], 'unknown command "unplg"; did you mean unplug?'],
  [['help', 'nope'], 'unknown command "nope"; did you mean top?'],
  [['nope', '--help'], 'unknown command "nope"; did you mean top?'],
  [['machines', '--jsn'], 'unknown option "--jsn"; did you mean --json?'],
  [['machines', '--quux'], 'unknown option "--quux"; see nightshift machines --help.'],
  [
    ['machines', 'pc-01'],
    'too many arguments for "machines". Expected 0 arguments but got 1: pc-01; see nightshift machines --help.',
  ],
  [['job'], 'missing required argument "id"; see nightshift job --help.'],
  [['migrate', '1.1'], 'missing required argument "machine"; see nightshift migrate --help.'],
  [
    ['fetch', '1'],
    'required option "-o, --into <folder>" not specified; see nightshift fetch --help.',
  ],
  [
    ['submit'],
    'say what to run: a command behind --, as in nightshift run -- uname -a, or a script, as in nightshift submit SCRIPT.',
  ],
  [
    ['submit', '--memory'],
    'option "--memory <size>" argument missing; see nightshift submit --help.',
  ],
  [
    ['submit', '--memory', '5X', '--', 'true'],
    '--memory: "5X" is not a size; write a number with K, M, G or T, such as 512M or 2G.',
  ],
  [
    ['submit', '--memory', '0', '--', 'true'],
    '--memory 0: a program needs some memory; leave the option out for no limit.',
  ],
  [
    ['submit', '--time', 'soon', '--', 'true'],
    '--time: "soon" is not a duration; write 90s, 15m, 2h, 7d or hh:mm:ss.',
  ],
  [
    ['media', 'write', '--to', 'stick.img', '--valid-for', '0'],
    '--valid-for 0 would let no PC in; write how long, such as 30d.',
  ],
  [
    ['submit', '--tasks', '5', '--', 'true'],
    '--tasks: "5" is not a range of tasks; write first-last, such as 1-500.',
  ],
  [
    ['submit', '--tasks', '9-3', '--', 'true'],
    '--tasks: the range 9-3 ends before it begins; write 3-9.',
  ],
  [
    ['submit', '--tasks', '1-1000000', '--', 'true'],
    '--tasks: 1-1000000 are 1000000 tasks; a job has at most 100000, so submit several.',
  ],
  [
    ['submit', '--cpus', 'many', '--', 'true'],
    '--cpus "many": write a whole number from 1 to 4096.',
  ],
  [['submit', '--cpus', '0', '--', 'true'], '--cpus "0": write a whole number from 1 to 4096.'],
  [
    ['submit', '--retries', '-1', '--', 'true'],
    '--retries "-1": write a whole number from 0 to 100.',
  ],
  [
    ['submit', '--priority', 'high', '--', 'true'],
    '--priority "high": write a whole number from -1000 to 1000.',
  ],
  [['report', '--night', 'last'], '--night "last": write a whole number from 1 to 999999999.'],
  [
    ['submit', '--env', 'THREADS', '--', 'true'],
    '--env "THREADS": write NAME=VALUE, such as --env THREADS=4.',
  ],
  [
    ['submit', '--name', ' ', '--', 'true'],
    '--name is empty; write a name, such as --name render.',
  ],
  [
    ['submit', '--output', '/etc/*', '--', 'true'],
    '--output "/etc/*": write a pattern for files in the task\'s directory, such as "*.xz" or "frames/*.png".',
  ],
  [
    ['submit', '--input', at('missing.txt'), '--', 'true'],
    `there is no file ${at('missing.txt')}; check the path of --input ${at('missing.txt')}.`,
  ],
  [
    ['submit', '--tasks', '1-3', '--input', at('{task}.txt'), '--', 'true'],
    `there is no file ${at('1.txt')} (for task 1); check the path of --input ${at('{task}.txt')}.`,
  ],
  [
    ['submit', '--input', `${at('a.txt')}:/etc/a`, '--', 'true'],
    `--input "${at('a.txt')}:/etc/a": the place in the task's directory must be a relative path without "..".`,
  ],
  [
    ['submit', '--input', at('a.txt'), '--input', `${at('b.txt')}:a.txt`, '--', 'true'],
    "two inputs would both be a.txt in the task's directory; give one of them another name with --input FILE:NAME.",
  ],
  [
    ['submit', '--input', '/dev/null', '--', 'true'],
    '/dev/null is neither a file nor a folder; --input takes those only.',
  ],
  [
    ['submit', at('gone.sh'), 'x'],
    `there is no script ${at('gone.sh')} here; to run a program of the software pack write -- before it: nightshift submit -- ${at('gone.sh')} x`,
  ],
  [
    ['submit', at('plain.sh')],
    'plain.sh has no #! in its first line; add one, such as #!/bin/sh, or write: nightshift submit --input plain.sh -- COMMAND.',
  ],
  [
    ['submit', at('bad.sh')],
    'bad.sh, line 2 (#SBATCH --mem=lots): "lots" is not a size; write a number with K, M, G or T, such as 512M or 2G.',
  ],
  [['submit', at('folder')], `${at('folder')} is a folder; name a script in it.`],
  [
    ['submit', '--after', 'nonesuch', '--', 'true'],
    'there is no job "nonesuch"; nightshift jobs lists them.',
  ],
  [['job', '99'], 'there is no job "99"; nightshift jobs lists them.'],
  [['job', '1.7'], 'job 1 has no task 7; nightshift job 1 lists its tasks.'],
  [['logs', '1'], 'job 1 has 2 tasks; name one, such as 1.1.'],
  [['cancel', 'nonesuch'], 'there is no job "nonesuch"; nightshift jobs lists them.'],
  [['migrate', '1.1', 'pc-99'], 'there is no machine "pc-99"; nightshift machines lists them.'],
  [['cordon', 'pc-01', 'pc-99'], 'there is no machine "pc-99"; nightshift machines lists them.'],
  [['release'], 'name the PCs to release, or write --all for every one (not both).'],
  [
    ['release', '--all', 'pc-01'],
    'name the PCs to release, or write --all for every one (not both).',
  ],
  [
    ['release', '--all', '--when', 'never'],
    'option "--when <moment>" argument "never" is invalid. Allowed choices are checkpoint, task, now; see nightshift release --help.',
  ],
  [['practice', 'up', '--pcs', 'few'], '--pcs "few": write a whole number from 1 to 64.'],
  [['practice', 'up', '--driver', 'cloud'], '--driver "cloud": there are container and vm.'],
  [['practice', 'cut', 'pc-99'], 'there is no practice PC pc-99; there are pc-01 and pc-02.'],
  [['head', '--port', '99999'], '--port "99999": write a whole number from 0 to 65535.'],
];

describe('misuse', () => {
  it.each(misuse)('%j is told in one sentence', async (words, sentence) => {
    expect(await ran(head, ...words)).toEqual({
      exitCode: 2,
      out: '',
      err: `nightshift: ${sentence}\n`,
    });
  });

  it('without any words prints the help and is one, too', async () => {
    const ended = await ran(head);
    expect(ended.exitCode).toBe(2);
    expect(ended.out).toContain('Usage: nightshift');
  });

  it('takes a name with a colon for what it is', async () => {
    expect(await ran(head, 'submit', '--input', at('with:colon'), '--', 'true')).toMatchObject({
      exitCode: 0,
    });
    expect(head.calls.at(-1)?.input[0]).toMatchObject({ inputs: [{ path: 'with:colon' }] });
  });
});

describe('refusals', () => {
  it.each([
    [
      ['submit', '--cpus', '65', ...submit.slice(1), 'true'],
      'no PC of this lab fits: it asks for 65 processors and pc-01 has 4.',
    ],
    [
      ['migrate', '1.1', 'pc-01'],
      'task 1.1 is not running (it is suspended); only a running task moves.',
    ],
  ])('%j fails with what the head says', async (words, sentence) => {
    expect(await ran(head, ...words)).toEqual({
      exitCode: 1,
      out: '',
      err: `nightshift: ${sentence}\n`,
    });
  });

  it('a second head for one home is refused', async () => {
    const ended = await ran(head, 'head');
    expect(ended.exitCode).toBe(1);
    expect(ended.err).toMatch(
      /^nightshift: a head runs for .* already \(process \d+, port \d+\)\.\n$/,
    );
  });

  it('a wrong token is refused with where it is', async () => {
    writeFileSync(join(home, 'api-token'), 'another');
    const ended = await ran(head, 'jobs');
    expect(ended).toMatchObject({ exitCode: 1 });
    expect(ended.err).toMatch(
      /^nightshift: the head does not accept the token in .*api-token; is another head using port \d+\?\n$/,
    );
    writeFileSync(join(home, 'api-token'), `${token}\n`);
  });

  it('a head.json of a killed head, or one that is damaged, is no head', async () => {
    const dead = at('dead');
    mkdirSync(dead);
    const none = {
      exitCode: 1,
      out: '',
      err: `nightshift: no head is running for ${dead}; start one with npm start, nightshift head, or nightshift practice up.\n`,
    };
    for (const text of ['{"pid": 4194303, "port": 7411, "url": "x"}', '{', '[]', 'null']) {
      writeFileSync(join(dead, 'head.json'), text);
      expect(await ran(dead, 'jobs')).toEqual(none);
    }
  });

  it('no stack trace reaches a person, whatever is typed', async () => {
    for (const words of [
      ['jobs', '\u0000'],
      ['submit', '--input', '\ud800', '--', 'true'],
      ['job', ''],
      ['logs', '../..', '-f'],
      ['', ''],
      ['-x'],
      ['practice', 'up', '--memory', 'NaN'],
    ]) {
      const { exitCode, err } = await ran(head, ...words);
      expect([1, 2]).toContain(exitCode);
      expect(err).toMatch(/^nightshift: [^\n]+\n$/);
      expect(err).not.toMatch(/\n\s+at |undefined|\[object/);
    }
  });

  it('the launcher itself ends with the same codes', async () => {
    expect(await spawned(home, ['machnes'])).toEqual({
      exitCode: 2,
      out: '',
      err: 'nightshift: unknown command "machnes"; did you mean machines?\n',
    });
    expect((await spawned(home, ['job', '99'])).exitCode).toBe(2);
    expect((await spawned(home, ['migrate', '1.1', 'pc-01'])).exitCode).toBe(1);
  });
});
