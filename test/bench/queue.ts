import { execFile } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { RealLab } from '../lab/practice/real-lab.ts';
import type { Section } from './figure.ts';
import { median, spread, timed } from './medians.ts';

const run = promisify(execFile);
const tasks = 1000;
const rounds = 15;

/** Submit to start and to done of one no-op in an idle lab; a thousand of them on 16 slots; 10,000 submitted and listed. */
export async function benchQueue(): Promise<Section> {
  await using lab = await RealLab.open(4, { cpus: 4 });
  const starts: number[] = [];
  const dones: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const id = await lab.submit(['true']);
    const task = (await lab.isOver(id)).tasks[0];
    const { submittedAt } = await lab.job(id);
    if (round < 2 || !task?.startedAt || !task.finishedAt) continue;
    starts.push(task.startedAt - submittedAt);
    dones.push(task.finishedAt - submittedAt);
  }

  const array = await lab.submit(['true'], { array: { first: 1, last: tasks } });
  const job = await lab.until(
    'all no-ops are done',
    async () => {
      const [view] = (await lab.api.jobs.list()).filter((candidate) => candidate.id === array);
      return view?.state === 'done' && view;
    },
    600_000,
  );
  const elapsed = ((job.finishedAt ?? 0) - job.submittedAt) / 1000;
  const perSecond = tasks / elapsed;
  const bare = await bareContainers(lab.home, 300);

  await lab.api.machines.cordon({ machines: 'all' });
  const many = (): Promise<string> => lab.submit(['true'], { array: { first: 1, last: 10_000 } });
  const submitMs = median([await timed(many), await timed(many), await timed(many)]);
  const list = (): Promise<unknown> => lab.api.jobs.list();
  const listMs = median([await timed(list), await timed(list), await timed(list)]);
  return {
    figures: [
      {
        what: 'submit → start of one no-op, idle lab',
        value: `median ${Math.round(median(starts))} ms (${spread(starts)})`,
        reference: 'HTCondor tuned 130 ms, Slurm tuned 350 ms',
        goal: '≤ 100 ms',
      },
      {
        what: 'submit → done of one no-op, idle lab',
        value: `median ${Math.round(median(dones))} ms (${spread(dones)})`,
        reference: '–',
        goal: '–',
      },
      {
        what: `${tasks} no-op tasks on 16 slots, containers included`,
        value: `${perSecond.toFixed(1)} a second`,
        reference: `bare crun in the same pack, two loops: ${bare.toFixed(1)} a second → ${(perSecond / bare).toFixed(2)} of it`,
        goal: '≥ 60 a second',
      },
      {
        what: 'submit 10,000 tasks; list them',
        value: `${Math.round(submitMs)} ms; ${Math.round(listMs)} ms`,
        reference: 'Slurm 7 ms and 34 ms',
        goal: '≤ 100 ms; ≤ 30 ms',
      },
    ],
    json: {
      startMs: median(starts),
      doneMs: median(dones),
      tasksPerSecond: perSecond,
      tasksRatio: perSecond / bare,
      submitMs,
      listMs,
    },
  };
}

/** The reference: nothing but overlay, crun run and umount in one of the PCs, two loops at once, as a shell would do it. */
async function bareContainers(home: string, count: number): Promise<number> {
  const group = readFileSync(join(home, 'practice', 'group'), 'utf8').trim();
  const [mount] = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(' - cgroup2 '))
    .map((line) => line.split(' ')[4] ?? '');
  const own = readlinkSync('/proc/self/ns/mnt');
  const pids = (
    await run('find', [
      join(mount ?? '', group, 'pc-01'),
      '-name',
      'cgroup.procs',
      '-exec',
      'cat',
      '{}',
      '+',
    ])
  ).stdout;
  const inside = pids
    .split('\n')
    .find((pid) => pid !== '' && readlinkSync(`/proc/${pid}/ns/mnt`) !== own);
  const script = `
    set -e
    loop() {
      mkdir -p /run/bare/$1/u /run/bare/$1/w /run/bare/$1/rootfs; cd /run/bare/$1
      crun spec; sed -i 's/"terminal": true/"terminal": false/; s/"sh"/"true"/' config.json
      i=0; while [ $i -lt ${Math.floor(count / 2)} ]; do
        i=$((i+1)); mount -t overlay overlay -o lowerdir=/packs/base,upperdir=u,workdir=w rootfs
        crun --cgroup-manager=cgroupfs run bare-$1-$i </dev/null; umount rootfs
      done; }
    loop a & loop b & wait`;
  const took = await timed(() =>
    run('nsenter', [
      '--target',
      inside ?? '',
      '--mount',
      '--pid',
      '--net',
      '--uts',
      '--ipc',
      '--cgroup',
      'sh',
      '-c',
      script,
    ]),
  );
  return count / (took / 1000);
}
