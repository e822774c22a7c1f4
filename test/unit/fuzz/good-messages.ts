import { blobHash, epoch, jobId, memberId, taskIdOf } from '../../../shared/domain/ids.ts';
import { practiceTimings } from '../../../shared/domain/timings.ts';
import { factsOf } from '../../../src-sim/simulated-lab.ts';
import { key, specOf } from '../member/held-member.ts';

const of = key(12, 3);
const hash = blobHash('a'.repeat(64));
const file = {
  path: 'out/a.txt',
  hash,
  size: 3,
  executable: false,
  mode: 0o644,
  mtime: '1',
  hard: 0,
};
const odd = { ...file, path: 'out/%DCbung', escaped: true };
const nodes = [
  { kind: 'folder', path: 'out', mode: 0o755, mtime: '1577836800123456789' },
  { kind: 'link', path: 'out/l', target: '%FF', targetEscaped: true, mtime: '-1' },
];
const facts = factsOf('pc-01');
const reason = 'the disk is full';

export const fromMember: readonly unknown[] = [
  { t: 'hello', protocol: 1, facts, attempts: [{ ...of, state: 'running' }] },
  { t: 'hello', protocol: 1, facts, attempts: [], can: ['confirms-discards', 'of-tomorrow'] },
  [7, 150, 2000],
  { t: 'started', ...of, resumed: false },
  { t: 'usage', of: [{ ...of, cpuSeconds: 1.5, memory: 4096 }] },
  {
    ...{ t: 'ended', ...of, ending: { cause: 'exit', exitCode: 0 } },
    ...{ outputs: [file, odd], nodes, log: hash, cpuSeconds: 2 },
  },
  {
    ...{ t: 'ended', ...of, ending: { cause: 'limit', reason }, outputs: [] },
    ...{ list: { hash, size: 5 }, log: null, cpuSeconds: 2 },
  },
  { t: 'results-wait', ...of, reason },
  {
    ...{ t: 'checkpointed', ...of, suspended: true, hash, size: 9, takenAt: 1, log: null },
    ...{ cpuSeconds: 1, freezeMs: 3 },
  },
  { t: 'checkpoint-failed', ...of, reason },
  { t: 'expecting', ...of },
  { t: 'arrived', ...of },
  { t: 'arrived', ...of, whole: false },
  { t: 'all-here', ...of },
  { t: 'moved', ...of, toEpoch: epoch(4), bytes: 1, freezeMs: 1, totalMs: 2 },
  { t: 'move-failed', ...of, toEpoch: epoch(4), outcome: 'uncertain', reason },
  { t: 'abandoned', ...of, reason },
  { t: 'log-piece', request: 1, offset: 0, piece: 'aGk=', end: false },
  { t: 'reclaim', by: 'keypress' },
  { t: 'leaving' },
  { t: 'cannot-follow', kind: 'tomorrow' },
  { t: 'unknown-attempt', ...of },
];

const spec = specOf(of, {
  inputs: [file, odd] as never,
  inputNodes: nodes as never,
  outputs: ['out'],
});
const peer = { id: memberId('pc-02'), name: 'pc-02', address: '10.0.0.2', port: 7412 };

export const fromHead: readonly unknown[] = [
  {
    ...{ t: 'welcome', member: 'pc-01', name: 'pc-01', seat: null, lab: 'Room 12' },
    ...{ wallClock: 1, timings: practiceTimings },
  },
  {
    ...{ t: 'welcome', member: 'pc-01', name: 'pc-01', seat: '3/14', lab: 'Room 12' },
    ...{ wallClock: 1, timings: practiceTimings, can: ['arrives-in-steps', 'of-tomorrow'] },
  },
  [7],
  { t: 'start', ...of, spec, checkpoint: { hash, size: 9, cpuSeconds: 1 } },
  { t: 'stop', ...of, graceMs: 3000 },
  { t: 'discard', ...of },
  { t: 'forget', ...of },
  { t: 'send-again', ...of },
  { t: 'checkpoint', ...of, then: 'suspend' },
  { t: 'expect', ...of, spec, ticket: 't', from: 'pc-02' },
  { t: 'send', ...of, toEpoch: epoch(4), to: peer, ticket: 't' },
  { t: 'keep', ...of },
  { t: 'abandon', ...of },
  { t: 'log', request: 1, ...of, offset: 0, follow: true },
  { t: 'log-stop', request: 1 },
  { t: 'go' },
  { t: 'refused', reason },
  { t: 'uncache', hashes: [hash] },
];

const nonce = 'n'.repeat(32);
const enrol = {
  ...{ protocol: 1, labId: 'lab', tokenId: 'token', nonce, proof: 'b'.repeat(64) },
  ...{ request: '-----BEGIN CERTIFICATE REQUEST-----', wantedName: 'pc-01', facts },
};

/** With more than any version of the command asks for. */
function drive(path: string, type: string): Record<string, unknown> {
  return {
    ...{ path, name: path.slice(5), type, tran: 'usb', rm: true, hotplug: true, ro: false },
    ...{ 'maj:min': '8:16', size: 1 << 30, 'log-sec': 512, 'phy-sec': 512, pttype: 'dos' },
    ...{ model: null, serial: null, vendor: null, label: null, fstype: null, uuid: null },
    ...{ parttype: null, partuuid: null, pkname: null, mountpoint: null, mountpoints: [null] },
  };
}

/** What else comes from outside, each as it should be. */
export const request = {
  results: [file, odd, ...nodes] as readonly unknown[],
  paths: ['out/a.txt', 'out/%DCbung', 'a/b/c', 'con.txt', 'a:b', '50%25%0A', 'über/😀'],
  announcement: { lab: 'Room 12', id: 'lab', key: 'c'.repeat(64), v: '1' },
  identity: {
    ...{ version: 1, lab: 'Room 12', labId: 'lab', headKey: 'c'.repeat(64) },
    ...{ token: { id: 'token', secret: 's'.repeat(32) }, headAddress: '10.0.0.1:7411' },
    ...{ name: null, timings: 'night', packs: ['base'] },
  },
  challenge: { nonce, lab: 'Room 12', labId: 'lab' },
  enrol,
  ask: { ...enrol, hardware: 'd'.repeat(64) },
  renew: { request: '-----BEGIN CERTIFICATE REQUEST-----' },
  reply: { member: 'pc-01', name: 'pc-01', certificate: 'c', labCertificate: 'l', wallClock: 1 },
  seen: { machineKey: '52:54:00:00:00:01', address: '10.0.0.9', name: null, reason: 'no token' },
  lsblk: {
    blockdevices: [
      {
        ...drive('/dev/sdb', 'disk'),
        ...{ model: 'Stick', serial: '1', vendor: 'V', size: 8_000_000_000 },
        children: [{ ...drive('/dev/sdb1', 'part'), fstype: 'vfat', mountpoints: ['/media/x'] }],
      },
    ],
  },
};

/** Of procedures whose requests are more than a name. */
export const requestsByProcedure: Readonly<Record<string, readonly unknown[]>> = {
  'jobs.submit': [
    {
      ...{ name: 'render', owner: 'ada', command: ['sh', '-c', 'true'], cpus: 2, retries: 1 },
      ...{ array: { first: 1, last: 9 }, memory: 1 << 28, wallTime: 1000, inputs: [file, odd] },
      ...{ inputNodes: nodes, outputs: ['out'], environment: { A: '1' }, after: [jobId('1')] },
      ...{ pin: true, portable: true, priority: 5, hold: false, pack: 'base' },
    },
  ],
  'jobs.get': [{ job: '1', task: 0 }],
  'jobs.logs': [{ task: taskIdOf(jobId('1'), 0), follow: true }],
  'tasks.migrate': [{ task: '1.0', machine: 'pc-02' }],
  'machines.release': [{ machines: ['pc-01'], when: 'task', preview: true }],
  'practice.up': [{ pcs: 3, driver: 'vm', cpus: 2, memory: 1 << 30 }],
  'enrolment.issue': [{ name: null, validFor: 1000, single: true, address: false }],
  'netboot.on': [{ interfaces: ['eth0'], hours: '18:00-07:30', atOnce: 8 }],
};
