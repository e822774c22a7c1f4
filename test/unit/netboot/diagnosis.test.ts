import { expect, test } from 'vitest';
import type { DhcpAnswer } from '../../../src-main/core/netboot/dhcp-packet.ts';
import { diagnoseBoot, type BootEvidence } from '../../../src-main/core/netboot/diagnosis.ts';
import { epochMillis } from '../../../shared/base/units.ts';
import type { MacAddress } from '../../../shared/domain/mac-address.ts';

const answer = (change: Partial<DhcpAnswer>): DhcpAnswer => ({
  transaction: 1,
  kind: 'offer',
  server: '10.0.0.1',
  address: null,
  bootServer: null,
  bootFile: null,
  isPxe: false,
  ...change,
});
const campus = answer({ address: '10.0.0.100', bootServer: '10.0.0.1' });
const ours = answer({ server: '10.0.0.2', isPxe: true });
const healthy: BootEvidence = {
  name: 'eth0',
  address: '10.0.0.2',
  ownAddresses: ['127.0.0.1', '10.0.0.2'],
  on: true,
  floppies: false,
  answers: [campus, ours],
  tftp: { kind: 'piece', block: 1, bytes: new Uint8Array(512) },
  httpFault: null,
  stuck: [],
};
const faults = (change: Partial<BootEvidence>): readonly string[] =>
  diagnoseBoot({ ...healthy, ...change }).flatMap(({ ok, found, remedy }) =>
    ok ? [] : `${found} → ${remedy ?? ''}`,
  );

test('where all is well every finding says so', () => {
  const findings = diagnoseBoot(healthy);
  expect(findings.map(({ check, ok }) => [check, ok])).toEqual([
    ['DHCP on eth0', true],
    ['other boot servers on eth0', true],
    ['our answer on eth0', true],
    ['TFTP on eth0', true],
  ]);
});

test('what keeps PCs from booting is told apart, each with what to do', () => {
  expect(faults({ answers: [ours] })).toEqual([
    expect.stringMatching(/no DHCP server answers on eth0 .*→ plug this machine/),
  ]);
  const rival = answer({ server: '10.0.0.9', isPxe: true, bootFile: 'pxelinux.0' });
  expect(faults({ answers: [campus, ours, rival, rival] })).toEqual([
    expect.stringMatching(/answers at 10\.0\.0\.9 \(pxelinux\.0\).*→ switch that one off/),
  ]);
  expect(faults({ answers: [{ ...campus, bootFile: 'old.0' }, ours] })).toEqual([
    expect.stringMatching(/10\.0\.0\.1 itself tells PCs what to boot.*→ take boot server/),
  ]);
  expect(faults({ answers: [campus] })).toEqual([
    expect.stringMatching(/its answer was not heard.*→ let UDP ports 67 and 4011/),
  ]);
  expect(faults({ tftp: undefined })).toEqual([
    expect.stringMatching(/TFTP is blocked.*→ let UDP port 69/),
  ]);
  expect(faults({ tftp: { kind: 'error', words: 'File not found' } })).toEqual([
    expect.stringMatching(/answers "File not found".*→ switch network boot off and on/),
  ]);
  expect(faults({ httpFault: 'no answer' })).toEqual([
    expect.stringMatching(/do not come by HTTP \(no answer\).*→ let the boot port/),
  ]);
});

test('PCs that heard us and never came for the first stage speak of blocked TFTP, too', () => {
  const stuck = {
    mac: '52:54:00:00:00:01' as MacAddress,
    address: null,
    firmware: 'uefi' as const,
    stage: 'discovered' as const,
    since: epochMillis(0),
    heard: epochMillis(0),
    bytes: 0,
    total: 0,
    problem: null,
  };
  expect(faults({ stuck: [stuck] })).toEqual([
    expect.stringMatching(/1 PC heard our answer and never fetched .*52:54:00:00:00:01/),
  ]);
});

/** Offers with an address: with a file, with option 60, with both, with neither; from ourselves, from a proxy. */
test('a DHCP server that calls itself a network-boot server is found out, with a boot file or without', () => {
  const claims = { ...campus, isPxe: true, bootServer: null };
  expect(faults({ answers: [claims, claims, ours] })).toEqual([
    expect.stringMatching(
      /10\.0\.0\.1 calls itself a network-boot server \(option 60\), so PCs ask it alone at port 4011.*→ take option 60/,
    ),
  ]);
  expect(faults({ answers: [{ ...claims, bootFile: 'old.0' }, ours] })).toEqual([
    expect.stringContaining('itself tells PCs what to boot (old.0)'),
  ]);
  // The DHCP server is this machine's own.
  expect(faults({ answers: [{ ...claims, server: '10.0.0.2' }, ours] })).toEqual([]);
});

test('PCs that ask for what is not here are a finding, one for each reason', () => {
  const pc = (last: number, problem: string) => ({
    mac: `52:54:00:00:00:0${last}` as MacAddress,
    ...{ address: null, firmware: 'other' as const, stage: 'unanswered' as const },
    ...{ since: epochMillis(0), heard: epochMillis(0), bytes: 0, total: 0, problem },
  });
  const unanswered = [pc(1, 'ARM: out.'), pc(2, 'choose PXE'), pc(3, 'ARM: out.')];
  expect(faults({ unanswered })).toEqual([
    '2 PCs asked and got no answer (52:54:00:00:00:01, 52:54:00:00:00:03). → ARM: out.',
    '1 PC asked and got no answer (52:54:00:00:00:02). → choose PXE',
  ]);
});

test('while network boot is off, DHCP and others are looked at all the same', () => {
  const found = faults({ on: false, answers: [], tftp: null });
  expect(found).toEqual([
    expect.stringContaining('no DHCP server answers'),
    expect.stringContaining('network boot is off on eth0 (10.0.0.2), so TFTP was not tried'),
  ]);
});

test('while only boot floppies are served, network boot being off is no fault, but a lost file server is', () => {
  const floppies = { on: false, floppies: true, answers: [campus], tftp: null };
  expect(faults(floppies)).toEqual([]);
  expect(faults({ ...floppies, httpFault: 'no answer' })).toEqual([
    expect.stringMatching(/do not come by HTTP \(no answer\).*→ let the boot port/),
  ]);
});

test('a machine that cannot ask says why', () => {
  expect(
    faults({ answers: { obstacle: 'asking as a PC does needs root; run the head as root.' } }),
  ).toEqual([expect.stringContaining('needs root')]);
});
