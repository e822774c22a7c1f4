import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MacAddress } from '../../shared/domain/mac-address.ts';
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
  head.around.waiting = [
    {
      machineKey: '52:54:00:00:00:01',
      address: '10.0.0.101',
      name: null,
      since: evening,
    },
  ];
});

describe('nightshift netboot', () => {
  it('goes on with its hours and interfaces, and off', async () => {
    const on = await ran(
      head,
      ...['netboot', 'on', '--hours', '18:00-07:30', '--interface', 'eth0', '--at-once', '4'],
    );
    expect(on).toMatchObject({ exitCode: 0, err: '' });
    expect(on.out).toContain('Network boot is on at eth0 from 18:00-07:30; now PCs boot the lab.');
    expect(head.calls).toEqual([
      {
        call: 'netboot.on',
        input: [{ hours: '18:00-07:30', interfaces: ['eth0'], atOnce: 4, kernelOptions: '' }],
      },
    ]);
    expect(await ran(head, 'netboot', 'off')).toEqual({
      exitCode: 0,
      err: '',
      out: 'Network boot is off; PCs boot their own disks.\n',
    });
  });

  it('shows how far each PC is', async () => {
    const pc = {
      mac: '52:54:00:00:00:01' as MacAddress,
      address: '10.0.0.101',
      firmware: 'uefi',
      stage: 'image',
      since: evening,
      heard: evening,
      bytes: 30,
      total: 60,
      problem: null,
    } as const;
    head.around.netboot = { ...head.around.netboot, on: true, answer: 'lab', pcs: [pc] };
    const { exitCode, out } = await ran(head, 'netboot', 'status');
    expect(exitCode).toBe(0);
    expect(out).toMatchInlineSnapshot(`
      "Network boot is on at eth0, at any hour.
      NETWORK CARD       ADDRESS     FIRMWARE  STATE                             SINCE
      52:54:00:00:00:01  10.0.0.101  uefi      fetches the member system (50 %)  just now
      "
    `);
    const broken = 'It asked for shimx64.efi by TFTP and did not get it whole.';
    head.around.netboot = {
      ...head.around.netboot,
      problem: 'dnsmasq ended: killed',
      pcs: [{ ...pc, problem: broken }],
    };
    const bad = await ran(head, 'netboot', 'status');
    expect(bad.exitCode).toBe(1);
    expect(bad.out).toContain('dnsmasq ended: killed');
    expect(bad.out).toContain(broken);
  });

  it('says what keeps PCs from booting and what to do, and ends with 1', async () => {
    head.around.bootFindings = [
      { check: 'DHCP on eth0', ok: true, found: '10.0.0.1 gives out addresses.', remedy: null },
      { check: 'TFTP on eth0', ok: false, found: 'TFTP is blocked.', remedy: 'open UDP port 69.' },
    ];
    const { exitCode, out } = await ran(head, 'netboot', 'diagnose');
    expect(exitCode).toBe(1);
    expect(out).toContain('!!  TFTP on eth0  TFTP is blocked.');
    expect(out).toContain('TFTP on eth0: open UDP port 69.');
  });

  it.each([
    [['netboot', 'on', '--at-once', '0'], '--at-once'],
    [['netboot', 'on', '--kernel-options', 'a;reboot'], 'expected no signs that mean something'],
    [['netboot', 'sideways'], 'sideways'],
    [['wake'], 'name the PCs to wake, or write --all'],
    [['wake', 'pc-01', '--all'], 'not both'],
    [['wake', 'pc-99'], 'pc-99'],
    [['approve', '--refuse'], 'write the code of the PC to refuse'],
    [['approve', 'K7MQ-4F', '--forget', 'pc-01'], '--forget takes a machine and nothing else'],
  ])('%j is misuse', async (words, sentence) => {
    const { exitCode, out, err } = await ran(head, ...words);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toContain(sentence);
  });
});

describe('nightshift approve', () => {
  it('lists the PCs that wait, and lets one in by its code', async () => {
    expect((await ran(head, 'approve')).out).toMatchInlineSnapshot(`
      "NETWORK CARD       ADDRESS     CALLS ITSELF  WAITING SINCE
      52:54:00:00:00:01  10.0.0.101                just now
      The code is on the screen of the PC itself: go there, read it, and type nightshift approve CODE.
      "
    `);
    expect((await ran(head, 'approve', 'K7MQ-4F')).out).toBe(
      'K7MQ-4F is let in (10.0.0.101), now and at every later boot.\n',
    );
    expect(head.calls.at(-1)).toEqual({
      call: 'approvals.decide',
      input: ['K7MQ-4F', 'approved'],
    });
    expect(head.around.waiting).toEqual([]);
  });

  it('keeps one out, and forgets what was decided', async () => {
    expect((await ran(head, 'approve', '--refuse', 'K7MQ-4F')).out).toContain('is kept out');
    expect((await ran(head, 'approve', '--forget', 'pc-01')).out).toContain(
      'at its next boot it shows a code again',
    );
    expect(head.calls).toEqual([
      { call: 'approvals.decide', input: ['K7MQ-4F', 'refused'] },
      { call: 'approvals.forget', input: ['pc-01'] },
    ]);
  });

  it('says of a code that nobody shows that nobody does', async () => {
    const { exitCode, err } = await ran(head, 'approve', 'AAAA-AA');
    expect({ exitCode, err }).toEqual({
      exitCode: 2,
      err: 'nightshift: no PC waits with the code AAAA-AA.\n',
    });
  });

  it('is offered beside the machines for every PC that waits', async () => {
    head.lab.shell.seen({
      ...{ machineKey: '52:54:00:00:00:01', address: '10.0.0.101', name: null },
      ...{ reason: 'It waits.', waits: true },
    });
    expect((await ran(head, 'machines')).out).toContain(
      '10.0.0.101 (network card 52:54:00:00:00:01) waits to be let in: read the code off its screen and type nightshift approve CODE.',
    );
  });
});

describe('nightshift wake', () => {
  it('calls PCs by name, or all that are not in the lab', async () => {
    head.lab.shell.release(['pc-01'], 'now');
    head.lab.until('it has left', () => head.lab.machine('pc-01').leftAt !== null);
    expect((await ran(head, 'wake', 'pc-01')).out).toContain('pc-01 is being called awake.');
    head.lab.pc('pc-01').unplug();
    expect(JSON.parse((await ran(head, 'wake', '--all', '--json')).out)).toEqual({
      machines: ['pc-01'],
    });
  });
});
