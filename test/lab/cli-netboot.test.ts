import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MacAddress } from '../../shared/domain/mac-address.ts';
import { ran } from './command-line.ts';
import { ScriptedHead } from './scripted-head.ts';
import { machineOf, stillAt } from './scripted-views.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightshift-cli-'));
const head = new ScriptedHead(join(folder, 'home'));
const { home } = head;
const off = head.netboot;

beforeAll(() => head.start());
afterAll(async () => {
  await head.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  head.calls.length = 0;
  head.netboot = off;
  head.bootFindings = [];
  head.machines = [machineOf('pc-01', { state: 'released' }), machineOf('pc-02')];
  head.waiting = [
    {
      machineKey: '52:54:00:00:00:01',
      address: '10.0.0.101',
      name: null,
      since: stillAt,
    },
  ];
});

describe('nightshift netboot', () => {
  it('goes on with its hours and interfaces, and off', async () => {
    const on = await ran(
      home,
      ...['netboot', 'on', '--hours', '18:00-07:30', '--interface', 'eth0', '--at-once', '4'],
    );
    expect(on).toMatchObject({ exitCode: 0, err: '' });
    expect(on.out).toContain('Network boot is on at eth0 from 18:00-07:30; now PCs boot the lab.');
    expect(head.calls).toEqual([
      {
        call: 'netboot.on',
        input: { hours: '18:00-07:30', interfaces: ['eth0'], atOnce: 4, kernelOptions: '' },
      },
    ]);
    expect(await ran(home, 'netboot', 'off')).toEqual({
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
      since: stillAt,
      heard: stillAt,
      bytes: 30,
      total: 60,
      problem: null,
    } as const;
    head.netboot = { ...off, on: true, answer: 'lab', pcs: [pc] };
    const { exitCode, out } = await ran(home, 'netboot', 'status');
    expect(exitCode).toBe(0);
    expect(out).toMatchInlineSnapshot(`
      "Network boot is on at eth0, at any hour.
      NETWORK CARD       ADDRESS     FIRMWARE  STATE                             SINCE
      52:54:00:00:00:01  10.0.0.101  uefi      fetches the member system (50 %)  just now
      "
    `);
    const broken = 'It asked for shimx64.efi by TFTP and did not get it whole.';
    head.netboot = {
      ...head.netboot,
      problem: 'dnsmasq ended: killed',
      pcs: [{ ...pc, problem: broken }],
    };
    const bad = await ran(home, 'netboot', 'status');
    expect(bad.exitCode).toBe(1);
    expect(bad.out).toContain('dnsmasq ended: killed');
    expect(bad.out).toContain(broken);
  });

  it('says what keeps PCs from booting and what to do, and ends with 1', async () => {
    head.bootFindings = [
      { check: 'DHCP on eth0', ok: true, found: '10.0.0.1 gives out addresses.', remedy: null },
      { check: 'TFTP on eth0', ok: false, found: 'TFTP is blocked.', remedy: 'open UDP port 69.' },
    ];
    const { exitCode, out } = await ran(home, 'netboot', 'diagnose');
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
    const { exitCode, out, err } = await ran(home, ...words);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toContain(sentence);
  });
});

describe('nightshift approve', () => {
  it('lists the PCs that wait, and lets one in by its code', async () => {
    expect((await ran(home, 'approve')).out).toMatchInlineSnapshot(`
      "NETWORK CARD       ADDRESS     CALLS ITSELF  WAITING SINCE
      52:54:00:00:00:01  10.0.0.101                just now
      The code is on the screen of the PC itself: go there, read it, and type nightshift approve CODE.
      "
    `);
    expect((await ran(home, 'approve', 'K7MQ-4F')).out).toBe(
      'K7MQ-4F is let in (10.0.0.101), now and at every later boot.\n',
    );
    expect(head.calls.at(-1)).toEqual({ call: 'enrolment.approve', input: 'K7MQ-4F' });
  });

  it('keeps one out, and forgets what was decided', async () => {
    expect((await ran(home, 'approve', '--refuse', 'K7MQ-4F')).out).toContain('is kept out');
    expect((await ran(home, 'approve', '--forget', 'pc-01')).out).toContain(
      'at its next boot it shows a code again',
    );
    expect(head.calls.map(({ call }) => call)).toEqual(['enrolment.refuse', 'enrolment.forget']);
  });

  it('says of a code that nobody shows that nobody does', async () => {
    const { exitCode, err } = await ran(home, 'approve', 'AAAA-AA');
    expect({ exitCode, err }).toEqual({
      exitCode: 2,
      err: 'nightshift: no PC waits with the code AAAA-AA.\n',
    });
  });

  it('is offered beside the machines for every PC that waits', async () => {
    head.strangers = [
      {
        machineKey: '52:54:00:00:00:01',
        address: '10.0.0.101',
        name: null,
        reason: 'It waits.',
        at: stillAt,
        waits: true,
      },
    ];
    expect((await ran(home, 'machines')).out).toContain(
      '10.0.0.101 (network card 52:54:00:00:00:01) waits to be let in: read the code off its screen and type nightshift approve CODE.',
    );
    head.strangers = [];
  });
});

describe('nightshift wake', () => {
  it('calls PCs by name, or all that are not in the lab', async () => {
    expect((await ran(home, 'wake', 'pc-01')).out).toContain('pc-01 is being called awake.');
    expect(JSON.parse((await ran(home, 'wake', '--all', '--json')).out)).toEqual({
      machines: ['pc-01'],
    });
  });
});
