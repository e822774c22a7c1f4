import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, connect, type AddressInfo } from 'node:net';
import { gibibytes } from '../../shared/base/units.ts';
import { holding } from '../lab/practice/programs.ts';
import { RealLab } from '../lab/practice/real-lab.ts';
import type { Figure, Section } from './figure.ts';
import { median, spread } from './medians.ts';

const sizes = [10, 100, 1024];

/** Freeze and total time of a move at several sizes of resident memory, beside copying as many bytes over a local socket. */
export async function benchMigrate(): Promise<Section> {
  await using lab = await RealLab.open(2, { cpus: 2, memory: gibibytes(4) });
  const figures: Figure[] = [];
  const json: Record<string, unknown> = {};
  for (const size of sizes) {
    const rounds = size >= 1024 ? 3 : 5;
    const job = await lab.submit(holding(size, 600), { memory: null });
    await lab.speaks(job, 'holding');
    for (let round = 0; round < rounds; round += 1) {
      const before = await lab.task(job);
      const target = before.machine === 'pc-01' ? 'pc-02' : 'pc-01';
      await lab.api.tasks.migrate({ task: `${job}.0`, machine: target });
      await lab.until(
        'it moved',
        async () => {
          const task = await lab.task(job);
          return (
            task.migrations.length > round &&
            (task.migrations.at(-1)?.totalMs ?? 0) > 0 &&
            task.phase === 'running'
          );
        },
        240_000,
      );
    }
    const { migrations } = await lab.task(job);
    await lab.api.jobs.cancel({ job });
    await lab.isOver(job);
    const freezes = migrations.map((migration) => migration.freezeMs);
    const totals = migrations.map((migration) => migration.totalMs);
    const copy = await copyMs(size);
    figures.push({
      what: `move with ${size} MB resident`,
      value: `frozen ${Math.round(median(freezes))} ms (${spread(freezes)}), in all ${Math.round(median(totals))} ms, ${Math.round((migrations[0]?.bytes ?? 0) / 1e6)} MB on the wire`,
      reference: `the same bytes over a local socket ${Math.round(copy)} ms → ${(median(totals) / copy).toFixed(1)} times`,
      goal: size >= 1024 ? 'in all ≤ 1.3 × bytes ÷ bandwidth' : '–',
    });
    json[`mb${size}`] = {
      freezeMs: median(freezes),
      totalMs: median(totals),
      copyMs: copy,
      totalRatio: median(totals) / copy,
    };
  }
  return { figures, json };
}

/** Time to push so many megabytes through a TCP connection of this machine. */
async function copyMs(mebibytes: number): Promise<number> {
  const server = createServer((socket) => socket.resume());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  const block = randomBytes(1 << 20);
  const began = performance.now();
  for (let sent = 0; sent < mebibytes; sent += 1)
    if (!socket.write(block)) await once(socket, 'drain');
  socket.end();
  await once(socket, 'close');
  server.close();
  return performance.now() - began;
}
