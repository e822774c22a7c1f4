import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytes } from '../../shared/base/units.ts';
import type { BlobHash } from '../../shared/domain/ids.ts';
import { BlobStore } from '../../src-main/platform/blobs/blob-store.ts';
import { plainProgram } from '../../src-sim/simulated-program.ts';
import { ran, spawned, type } from './command-line.ts';
import { SmallLab } from './small-lab.ts';

const small = new SmallLab();
const minute = 60_000;

describe('following a log', () => {
  it('goes on where it was when the head is killed and comes back', async () => {
    const { head } = small;
    const lines = ['one\n', 'two\n', 'three\n'];
    small.running('long', {
      work: 3 * minute,
      writes: (ran) => lines.slice(0, 1 + Math.floor(ran / minute)).join(''),
    });
    const typing = type(head, ['logs', 'long', '-f']);
    await small.comes(typing.out, 'one\n');
    await head.kill();
    await expect.poll(typing.err, { timeout: 20_000 }).toContain('waiting for it to come back');
    head.lab.advance(3000);
    await head.comeBack();
    await small.comes(typing.out, 'one\ntwo\n', 500);
    expect(await head.passing(typing.done)).toMatchObject({
      exitCode: 0,
      out: 'one\ntwo\nthree\n',
    });
  });

  it('misses nothing of a program that had to begin again from zero, and says so', async () => {
    const { lab } = small.head;
    // Nothing is ever saved, and each beginning writes something else.
    lab.saveFaults = 1;
    const beginnings = ['seed 17\nfirst\nsecond\n', 'seed 4\n', 'seed 99\n'];
    let begun = 0;
    lab.submitProgram(
      1,
      () => {
        const text = beginnings[begun++] ?? '';
        return { ...plainProgram(begun < 3 ? 60 * minute : 5000), writes: () => text };
      },
      { name: 'long' },
    );
    lab.until('it runs', () => lab.job('1').value.tasks[0]?.phase === 'running');
    const where = () => lab.pc(lab.job('1').value.tasks[0]?.machine ?? '');
    const again =
      'nightshift: the program of long had to begin again from zero, and so does its output.\n';
    const typing = type(small.head, ['logs', 'long', '-f']);
    await small.comes(typing.out, beginnings[0]!);
    where().unplug();
    await small.comes(typing.out, beginnings.slice(0, 2).join(''));
    expect(typing.err()).toBe(again);

    // Once more, while the head is away.
    const second = where();
    await small.head.kill();
    await expect.poll(typing.err, { timeout: 20_000 }).toContain('waiting for it to come back');
    second.unplug();
    for (const pc of lab.members()) if (pc !== second) pc.boot();
    await small.head.comeBack();
    // Two PCs went down with it; a person lets it go on.
    lab.until('it is held', () => lab.shell.jobs()[0]?.heldTasks === 1, 60_000);
    lab.shell.resumeJob('1');
    await small.comes(typing.out, beginnings.join(''));
    expect(await small.head.passing(typing.done)).toMatchObject({ exitCode: 0 });
    expect(typing.err().split(again)).toHaveLength(3);
  });

  it('ends quietly at Ctrl-C', async () => {
    small.running('long', { writes: () => 'one\n' });
    const typing = type(small.head, ['logs', '1', '--follow', '--json']);
    await small.comes(typing.out, '{"text":"one\\n"}\n');
    typing.interrupt();
    expect(await typing.done).toEqual({ exitCode: 130, out: '{"text":"one\\n"}\n', err: '' });
  });

  it('of an array asks for one task', async () => {
    small.head.lab.submit(2, 1000, { name: 'many' });
    expect(await ran(small.head, 'logs', '1', '-f')).toMatchObject({
      exitCode: 2,
      err: 'nightshift: job 1 has 2 tasks; name one, such as 1.1.\n',
    });
  });

  it('arrives whole where another process reads it', async () => {
    small.ended('one', { writes: () => 'x'.repeat(1_000_000) });
    const ended = await spawned(small.head.home, ['logs', '1']);
    expect(ended).toMatchObject({ exitCode: 0, err: '' });
    expect(ended.out).toHaveLength(1_000_000);
  });
});

describe('fetching', () => {
  it('puts the outputs of a single task straight into the folder, with what it wrote', async () => {
    const { head, here } = small;
    const leaves = [head.leaving('a/b.txt', 'result'), head.leaving('tool', '#!', true)];
    small.ended('one', { leaves, writes: () => 'hello\n' });
    const into = join(here, 'new', 'results');
    expect(await ran(head, 'fetch', 'one', '-o', into, '--logs')).toEqual({
      exitCode: 0,
      out: `3 files (8 B) fetched into ${into}.\n`,
      err: '',
    });
    expect(readFileSync(join(into, 'a/b.txt'), 'utf8')).toBe('result');
    expect(readFileSync(join(into, 'task.log'), 'utf8')).toBe('hello\n');
    expect(statSync(join(into, 'tool')).mode & 0o777).toBe(0o755);
  });

  it('gives each task of an array a folder, and says what is not done yet', async () => {
    const { head, here } = small;
    small.ended(
      'many',
      { leaves: [head.leaving('out', 'first')] },
      { leaves: [head.leaving('out', 'second')] },
      { work: 10 * minute },
      { exitCode: 4 },
    );
    const ended = await ran(head, 'fetch', '1', '-o', here);
    expect(ended).toEqual({
      exitCode: 1,
      out: `2 files (11 B) fetched into ${here}.\n`,
      err: 'nightshift: task 1.3 is running.\nnightshift: task 1.4 is failed (the program ended with exit code 4).\n',
    });
    expect(readFileSync(join(here, '2', 'out'), 'utf8')).toBe('second');
    const one = await ran(head, 'fetch', '1.1', '-o', join(here, 'one'), '--json');
    expect(one.exitCode).toBe(0);
    expect(JSON.parse(one.out)).toMatchObject({
      id: '1',
      files: [{ task: '1.1', path: '1/out', size: 5 }],
      missing: [],
    });
  });

  it('never overwrites somebody’s file unless told to, and takes what is there already for done', async () => {
    const { head, here } = small;
    small.ended('one', { leaves: [head.leaving('a', 'new'), head.leaving('b', 'b')] });
    small.file('a', 'precious');
    const refused = await ran(head, 'fetch', '1', '-o', here);
    expect(refused).toEqual({
      exitCode: 1,
      out: '',
      err: `nightshift: ${join(here, 'a')} is there already and differs; name another folder with -o, or overwrite with --force.\n`,
    });
    expect(readFileSync(join(here, 'a'), 'utf8')).toBe('precious');
    expect((await ran(head, 'fetch', '1', '-o', here, '--force')).exitCode).toBe(0);
    expect(readFileSync(join(here, 'a'), 'utf8')).toBe('new');
    expect((await ran(head, 'fetch', '1', '-o', here)).out).toBe(
      `0 files (0 B) fetched into ${here}, 2 were there already.\n`,
    );
  });

  it('refuses a file that arrives damaged and leaves nothing of it', async () => {
    const { head, here } = small;
    const leaves = [head.leaving('a', 'right')];
    small.ended('one', { leaves });
    const fetched = () => ran(head, 'fetch', '1', '-o', join(here, 'into'));
    // On the way, or by a head that does not look.
    head.blobs.read = async function* () {
      yield Buffer.from('wrong');
    };
    expect(await fetched()).toMatchObject({
      exitCode: 1,
      err: `nightshift: ${join(here, 'into', 'a')} arrived damaged; fetch it again.\n`,
    });
    expect(() => statSync(join(here, 'into', 'a'))).toThrow();

    // By the head's disk, which the head notices and breaks off.
    head.blobs = new BlobStore(join(head.home, 'blobs'), bytes(0));
    await head.stop();
    await head.start();
    writeFileSync(head.blobs.pathOf(leaves[0]!.hash), 'wrong');
    const damaged = {
      exitCode: 1,
      err: `nightshift: the head's disk has damaged the content of ${join(here, 'into', 'a')}; only its task run anew brings it back.\n`,
    };
    expect(await fetched()).toMatchObject(damaged);
    expect(() => statSync(join(here, 'into', 'a'))).toThrow();
    expect(head.blobs.isDamaged(leaves[0]!.hash)).toBe(true);
    expect(await fetched()).toMatchObject(damaged);
  });

  it.each([
    ['at its beginning', 10],
    ['near its end', 900_000],
  ])('brings everything but a file that the head’s disk has damaged %s', async (_where, at) => {
    const { head, here } = small;
    const large = 'x'.repeat(1_000_000);
    const leaves = [head.leaving('a', 'a'), head.leaving('large', large), head.leaving('z', 'z')];
    small.ended('one', { leaves });
    const flipped = Buffer.from(large);
    flipped[at] = 0;
    writeFileSync(head.blobs.pathOf(leaves[1]!.hash), flipped);
    const ended = await ran(head, 'fetch', '1', '-o', join(here, 'into'));
    expect(ended.exitCode).toBe(1);
    expect(ended.out).toBe(`2 files (2 B) fetched into ${join(here, 'into')}.\n`);
    expect(ended.err).toBe(
      `nightshift: the head's disk has damaged the content of ${join(here, 'into', 'large')}; only its task run anew brings it back.\n`,
    );
  });

  it('brings everything but a log that the head’s disk has damaged', async () => {
    const { head, here } = small;
    small.ended('one', { leaves: [head.leaving('a', 'a')], writes: () => 'what was said' });
    const told = head.lab.shell.outputs('1');
    const hash = (told.ok && told.value[0]?.log) || head.putBlob('none');
    expect(hash).not.toBe(head.putBlob('none'));
    head.putBlob('what was said');
    writeFileSync(head.blobs.pathOf(hash as BlobHash), 'what was shouted');
    const ended = await ran(head, 'fetch', '1', '-o', join(here, 'into'), '--logs');
    expect(readFileSync(join(here, 'into', 'a'), 'utf8')).toBe('a');
    expect(ended).toMatchObject({ exitCode: 1 });
    expect(ended.err).toMatch(/^nightshift: the head's disk has damaged the content of .*\.log; /);
  });
});
