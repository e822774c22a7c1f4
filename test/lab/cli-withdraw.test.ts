import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ran } from './command-line.ts';
import { scenes } from '../../src-sim/scenes/scenes.ts';
import { evening, ServedHead } from '../served-head.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightshift-cli-'));
let head: ServedHead;

afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => head.stop());
beforeEach(async () => {
  head = new ServedHead(mkdtempSync(join(folder, 'home-')), scenes.small(evening));
  await head.start();
  head.around.tokens = [
    {
      ...{ id: '5fa0c1', label: 'boot media', use: 'many', revoked: false },
      ...{ madeAt: evening - 3_600_000, expires: evening + 86_400_000 },
      ...{ pcs: 100, mostPcs: 100, machines: ['pc-01', 'pc-02'] },
    },
    {
      ...{ id: '77e2aa', label: 'pc-03', use: 'single', revoked: true },
      ...{ madeAt: evening - 3_600_000, expires: evening + 86_400_000 },
      ...{ pcs: 1, mostPcs: null, machines: [] },
    },
  ];
});

describe('what was given out', () => {
  it('is listed: each token, how many it let in of how many it may, and who they are', async () => {
    const { out, exitCode } = await ran(head, 'media', 'list-tokens');
    expect(exitCode).toBe(0);
    const [title, many, single] = out.split('\n');
    expect(title).toMatch(/^TOKEN +FOR +MADE +GOOD UNTIL +PCS +NOW IN THE BOOKS$/);
    expect(many).toMatch(/^5fa0c1 +boot media .* 100\/100 +pc-01 pc-02$/);
    expect(single).toMatch(/^77e2aa +pc-03 .* withdrawn +1\/1/);
    expect(out).not.toContain('secret');
  });

  it('is withdrawn token by token, and who came in by it is named', async () => {
    const { out } = await ran(head, 'media', 'revoke', '5fa0c1');
    expect(out).toBe(
      'The token 5fa0c1 lets nobody in any more; sticks that carry it have to be made anew.\n' +
        '2 PCs came in by it (pc-01 and pc-02) and may stay for a day at most; nightshift machines ban NAME ends that at once.\n',
    );
    expect(await ran(head, 'media', 'revoke', 'none')).toMatchObject({ exitCode: 2 });
    const limited = await ran(head, 'media', 'limit', '5fa0c1', '200');
    expect(limited.out).toBe('The token 5fa0c1 lets in up to 200 PCs; it has let in 100.\n');
    expect(await ran(head, 'media', 'limit', '5fa0c1', 'many')).toMatchObject({ exitCode: 2 });
  });
});

describe('PCs', () => {
  it('are banned, let in again and forgotten by name', async () => {
    const banned = await ran(head, 'machines', 'ban', 'pc-01', '--because', 'stolen');
    expect(banned.out).toMatch(/^pc-01 may not come in any more; what ran there goes on elsewhere/);
    expect(head.lab.machine('pc-01').banned).toBe(true);
    // Its link is cut, and it finds no way in.
    head.lab.removePc(head.lab.pc('pc-01').id);
    head.lab.until('it is gone', () => head.lab.machine('pc-01').state === 'lost');
    expect((await ran(head, 'uncordon', 'pc-01')).err).toContain(
      'is banned from this lab (stolen)',
    );
    await ran(head, 'machines', 'unban', 'pc-01');
    expect(head.lab.machine('pc-01').banned).toBe(false);
    expect((await ran(head, 'machines', 'forget', 'pc-01')).exitCode).toBe(0);
    expect(head.lab.shell.machines().map(({ name }) => name)).toEqual(['pc-02']);
    // And the plain list is still there.
    expect((await ran(head, 'machines')).out).toContain('pc-02');
  });
});

describe('jobs that are over', () => {
  it('are removed by id or name, and kept for as long as somebody says', async () => {
    for (const name of ['render', 'sweep']) head.lab.submit(1, 100, { name });
    expect(await ran(head, 'remove', 'render')).toMatchObject({ exitCode: 1 });
    head.lab.until('both are done', () => head.lab.isDone('1') && head.lab.isDone('2'));
    const removed = await ran(head, 'remove', 'render', '2');
    expect(removed.out).toBe(
      "Jobs 1 and 2 are removed; results and logs leave the head's disk within minutes.\n",
    );
    expect((await ran(head, 'keep-for')).out).toBe(
      'Jobs that are over are kept for 90 days, then they are removed with their results.\n',
    );
    expect((await ran(head, 'keep-for', '12h')).out).toContain('kept for 12 h');
    expect(await ran(head, 'keep-for', '5m')).toMatchObject({
      exitCode: 2,
      err: 'nightshift: jobs are kept for an hour at least; say 90d or 12h, for example.\n',
    });
    expect(head.lab.shell.state.keepFor).toBe(43_200_000);
    expect(head.lab.shell.jobs()).toEqual([]);
  });
});
