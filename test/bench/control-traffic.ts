// What idle members cost on the wire: every byte of every Ethernet frame over the head's cable, both ways.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { nightTimings } from '../../shared/domain/timings.ts';
import { NamespaceNetwork } from '../lab/identity/network.ts';

export interface ControlTraffic {
  readonly members: number;
  readonly bytesPerMemberAndSecond: number;
  readonly bitsPerSecond: number;
}

const probes = join(import.meta.dirname, '..', 'lab', 'identity');

/** Needs root. `beats`: heartbeats of each member that are counted, after as many that are not. */
export async function measureControlTraffic(members = 13, beats = 10): Promise<ControlTraffic> {
  const folder = mkdtempSync(join(tmpdir(), 'nightshift-traffic-'));
  const network = new NamespaceNetwork();
  try {
    network.add('head', '10.77.0.1');
    network.add('pcs', '10.77.0.2');
    // Router solicitations and other noise of IPv6 are no traffic of ours.
    for (const name of ['head', 'pcs'])
      network.change(name, 'link', 'set', 'eth0', 'addrgenmode', 'none');
    const head = network.run('head', join(probes, 'head-probe.ts'), [
      folder,
      'Traffic',
      '7411',
      'night',
    ]);
    const boot = await head.until('boot');
    const names = Array.from({ length: members }, (_, index) => `pc-${index}`);
    const pcs = network.run('pcs', join(probes, 'pc-probe.ts'), names, JSON.stringify(boot));
    while (pcs.events.filter(({ message }) => message === 'lease').length < members)
      await pass(200);
    const span = beats * nightTimings.heartbeat;
    await pass(span);
    const before = network.bytes('head');
    await pass(span);
    const bytes = network.bytes('head') - before;
    return {
      members,
      bytesPerMemberAndSecond: (bytes / members / span) * 1000,
      bitsPerSecond: ((bytes * 8) / span) * 1000,
    };
  } finally {
    network[Symbol.dispose]();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  console.log(JSON.stringify(await measureControlTraffic()));
}
