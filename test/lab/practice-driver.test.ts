import type { Result } from '../../shared/base/result.ts';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../scripts/project-node.mjs';
import { gibibytes, mebibytes } from '../../shared/base/units.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import { writablePlaces } from '../../src-main/platform/practice/footprint.ts';
import { openPracticeLab, PracticeBench } from './practice/practice-bench.ts';
import { StandInHead } from './practice/stand-in-head.ts';
import { waitUntil } from './wait-until.ts';

describe.skipIf(process.getuid?.() !== 0)('practice PCs in containers', () => {
  it('arrive, hear one another over the lab’s switch, and are known by the same card every night', async () => {
    await using bench = new PracticeBench();
    using head = new StandInHead();
    const pcs = await bench.up(3, mebibytes(512));
    expect(pcs.map(({ name, state, cut }) => `${name} ${state} ${cut}`)).toEqual([
      'pc-01 on false',
      'pc-02 on false',
      'pc-03 on false',
    ]);
    const first = await head.hello('pc-01');
    expect(first).toMatchObject({ cpus: '2', memory: String(512 * 2 ** 20), packs: true });
    expect(first.identity).toMatchObject({ name: 'pc-01', token: { id: 'pc-01' } });
    await bench.screenSays('pc-01', 'heard pc-01 pc-02 pc-03');
    await bench.screenSays('pc-03', 'heard pc-01 pc-02 pc-03');

    await bench.lab.down();
    await bench.up(1);
    const again = await head.hello('pc-01', 2);
    expect([again.card, again.address]).toEqual([first.card, first.address]);
  });

  it('lose their power without a word, and have a fresh RAM when it is back', async () => {
    await using bench = new PracticeBench();
    using head = new StandInHead();
    await bench.up(2);
    await head.hello('pc-02');
    await bench.lab.keypress({ pc: 'pc-02' });
    await bench.screenSays('pc-02', 'keys 1');
    const unplugged = await bench.lab.unplug({ pc: 'pc-02' });
    expect(unplugged).toMatchObject({ ok: true, value: { name: 'pc-02', state: 'unplugged' } });
    // Had it said goodbye, the machine would have heard by the time its processes are gone.
    expect(establishedWith(await head.hello('pc-02'))).toBe(1);
    expect(head.goodbyeOf('pc-02')).toBeNull();
    expect((await bench.pc('pc-01')).state).toBe('on');

    expect(await bench.lab.replug({ pc: 'pc-02' })).toMatchObject({
      ok: true,
      value: { state: 'on' },
    });
    await head.hello('pc-02', 2);
    await bench.screenSays('pc-02', 'keys 0');
  });

  it('go on while they are cut off, and hear the others again when the cable is mended', async () => {
    await using bench = new PracticeBench();
    using head = new StandInHead();
    await bench.up(1);
    await head.hello('pc-01');
    expect(await bench.lab.cut({ pc: 'pc-01' })).toMatchObject({
      ok: true,
      value: { cut: true, state: 'on' },
    });
    await bench.up(2);
    await bench.screenSays('pc-02', 'heard pc-02');
    await bench.lab.keypress({ pc: 'pc-01' });
    await bench.screenSays('pc-01', 'keys 1');
    expect((await bench.pc('pc-01')).screen).toContain('heard pc-01');
    expect((await bench.pc('pc-02')).screen).toContain('heard pc-02');

    expect(await bench.lab.heal({ pc: 'pc-01' })).toMatchObject({
      ok: true,
      value: { cut: false },
    });
    await bench.screenSays('pc-01', 'heard pc-01 pc-02');
  });

  it('are switched off by their agent, and by nobody when it only crashes', async () => {
    await using bench = new PracticeBench();
    using head = new StandInHead();
    await bench.up(2);
    await Promise.all([head.hello('pc-01'), head.hello('pc-02')]);
    head.tell('pc-01', 'crash');
    await head.hello('pc-01', 2);
    head.tell('pc-02', 'leave');
    await waitUntil('pc-02 is off', async () => (await bench.pc('pc-02')).state === 'off');
    expect((await bench.pc('pc-01')).state).toBe('on');
    const cut = await bench.lab.cut({ pc: 'pc-02' });
    expect(!cut.ok && refusalWords(cut.error)).toContain('pc-02 has no power');
    await bench.up(2);
    await head.hello('pc-02', 2);
  });

  it('take leave of processes that lost their parent, and keep to their memory', async () => {
    await using bench = new PracticeBench();
    using head = new StandInHead();
    await bench.up(1, mebibytes(256));
    await head.hello('pc-01');
    for (let count = 0; count < 5; count += 1) head.tell('pc-01', 'orphan');
    await waitUntil(
      'no process is left dead',
      async () => (await head.ask('pc-01', 'zombies', 'zombies')) === 0,
    );
    expect(await head.ask('pc-01', 'eat', 'eater')).toBe('SIGKILL');
  });

  it('cannot reach the machine’s disks, nor write anywhere but into RAM and their own folder', async () => {
    await using bench = new PracticeBench();
    using head = new StandInHead();
    await bench.up(2);
    await Promise.all([head.hello('pc-01'), head.hello('pc-02')]);
    expect(await head.ask('pc-01', 'disk', 'disk')).not.toBe(0);
    const places = writablePlaces(bench.groups, ['pc-01', 'pc-02']);
    const lasting = places.filter(({ vanishes }) => !vanishes);
    expect(lasting.filter(({ kind }) => kind === 'mount')).toEqual([]);
    expect(lasting.length).toBeGreaterThan(0);
    expect(lasting.filter(({ pc, place }) => !place.startsWith(join(bench.folder, pc)))).toEqual(
      [],
    );
  });

  it('survive the SIGKILL of their head, and the next head finds them', async () => {
    await using bench = new PracticeBench();
    using head = new StandInHead();
    const doomed = practiceHead(bench.home, 2);
    await Promise.all([head.hello('pc-01'), head.hello('pc-02')]);
    doomed.kill('SIGKILL');
    await once(doomed, 'exit');
    bench.reopen();
    const list = await bench.lab.list();
    expect(list).toMatchObject({ ok: true, value: [{ state: 'on' }, { state: 'on' }] });
    await bench.lab.keypress({ pc: 'pc-01' });
    await bench.screenSays('pc-01', 'keys 1');
    await bench.up(3);
    await head.hello('pc-03');
    expect(head.hellos('pc-01')).toBe(1);
  });

  it('leave nothing in the machine when the lab goes down, and a second down is harmless', async () => {
    await using bench = new PracticeBench();
    using head = new StandInHead();
    await bench.up(3);
    await head.hello('pc-03');
    expect(bench.remains()).not.toEqual([]);
    expect(await bench.lab.down()).toEqual({ ok: true, value: {} });
    expect(bench.remains()).toEqual([]);
    expect(await bench.lab.down()).toEqual({ ok: true, value: {} });
    expect(bench.remains()).toEqual([]);
  });

  it.each(['group', 'pc-01/state.json', 'pc-03/keyboard'])(
    'leave nothing either when the head was killed as soon as %s was there',
    async (sign) => {
      await using bench = new PracticeBench();
      const doomed = practiceHead(bench.home, 3);
      await waitUntil(sign, () => existsSync(join(bench.folder, sign)), { every: 1 });
      doomed.kill('SIGKILL');
      await once(doomed, 'exit');
      bench.reopen();
      expect(await bench.lab.down()).toEqual({ ok: true, value: {} });
      await waitUntil('nothing is left', () => bench.remains().length === 0, { every: 20 });
    },
  );

  it('are refused in words when there is no such PC, no power, or not enough memory', async () => {
    await using bench = new PracticeBench();
    const said = async (asked: Promise<Result<unknown>>): Promise<string | undefined> => {
      const answer = await asked;
      return answer.ok ? undefined : refusalWords(answer.error);
    };
    expect(await said(bench.lab.cut({ pc: 'pc-01' }))).toBe(
      'there is no practice PC pc-01; start some with nightshift practice up.',
    );
    await bench.up(3);
    expect(await said(bench.lab.unplug({ pc: 'pc-09' }))).toBe(
      'there is no practice PC pc-09; there are pc-01 … pc-03.',
    );
    expect(await said(bench.lab.replug({ pc: 'pc-02' }))).toBe(
      'pc-02 has power; pull its plug first.',
    );
    const small = openPracticeLab(bench.home, gibibytes(1));
    expect(
      await said(small.up({ pcs: 5, driver: 'container', cpus: 1, memory: gibibytes(2) })),
    ).toBe(
      '2 PCs with 2 GiB need 4 GiB of memory and 1 GiB are free; write --memory 512M or less.',
    );
    expect(await said(small.up({ pcs: 5, driver: 'vm', cpus: 1, memory: null }))).toBe(
      'there is no vm driver on this machine; leave out --driver vm.',
    );
    small.dispose();
  });
});

function practiceHead(home: string, pcs: number): ChildProcess {
  const script = join(projectRoot, 'test', 'lab', 'practice', 'practice-head.ts');
  return spawn(process.execPath, [script, home, String(pcs)], { stdio: 'ignore' });
}

/** Connections from this address to the stand-in head that the kernel holds for open: state 01 in /proc/net/tcp. */
function establishedWith({ address }: { readonly address: string }): number {
  const hex = address
    .split('.')
    .reverse()
    .map((part) => Number(part).toString(16).padStart(2, '0').toUpperCase())
    .join('');
  // The server listens on IPv4 only, so its connections are all in this table.
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(
      ([, local, remote, state]) =>
        local?.endsWith(':1F3F') && remote?.startsWith(hex) && state === '01',
    ).length;
}
