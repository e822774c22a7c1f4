import { noteWords } from '../../shared/words/machine-words.ts';
import type { Head, World } from '../core/ports.ts';
import { must } from '../core/refused.ts';
import { until, withHead } from '../core/with-head.ts';
import { look, pcs, sliceBytes, sliceCount, type Jobs, type Night } from './night.ts';
import { archiveJob, calibration, calibrationJob, longJob, longProgram } from './programs.ts';

export async function bringUp({ world, story }: Night, nightNumber: number): Promise<void> {
  const brought = await withHead(world, ({ api }) =>
    api.practice.up({ pcs, driver: 'container', cpus: 2, memory: null }),
  );
  const names = brought.map((pc) => pc.name);
  await until(world, look, async ({ api }) => {
    const machines = await api.machines.list();
    return names.every((name) =>
      machines.some((machine) => machine.name === name && machine.state === 'ready'),
    )
      ? true
      : undefined;
  });
  const flagged = (await withHead(world, ({ api }) => api.machines.list())).flatMap(
    ({ flag, note }) => (flag === null ? [] : [note ? noteWords(note) : flag]),
  );
  if (flagged.length > 0) story.promise(false, 'a PC that was asked for is welcome', flagged[0]);
  story.tell(
    `${names.join(', ')} were found by mDNS, proved their tokens and are ready (night ${nightNumber}).`,
  );
}

export async function submitAll({ world, story, witness }: Night): Promise<Jobs> {
  const folder = await witness.workFolder();
  const slices = await witness.slices(await witness.memberSystem(), folder, sliceCount, sliceBytes);
  const script = world.files.join(folder, 'primes.py');
  must(await world.files.writeText(script, longProgram));
  return withHead(world, async (head) => {
    const program = await upload(world, head, script);
    const sent = [];
    for (const slice of slices)
      sent.push({ index: slice.index, ...(await upload(world, head, slice.path)) });
    const primes = (await head.api.jobs.submit(longJob(program))).id;
    const archives = (await head.api.jobs.submit(archiveJob(sent))).id;
    const calibrate = (await head.api.jobs.submit(calibrationJob)).id;
    story.tell(
      `Submitted: ${sliceCount} archives of real files with xz -9, ${calibration.tasks} calibration loops for ${2 * pcs} processors, and one long Python program.`,
    );
    return { primes, archives, calibrate, slices };
  });
}

async function upload(
  world: World,
  head: Head,
  path: string,
): Promise<{ hash: string; size: number }> {
  const { hash, size } = must(await world.files.digest(path));
  if (!(await head.blobs.has(hash))) must(await head.blobs.put(path, hash, size));
  return { hash, size };
}
