import type { JobDetail, TaskView } from '../../shared/api/views.ts';
import type { Head, World } from '../core/ports.ts';
import { must, Refused } from '../core/refused.ts';
import { patiently, until, withHead } from '../core/with-head.ts';
import { startHead } from '../commands/start-head.ts';
import { abandonPractice } from '../commands/stop-head.ts';
import { Interrupted } from '../core/head-errors.ts';
import { insistOnRoot } from '../core/insist-on-root.ts';
import {
  archiveJob,
  calibration,
  calibrationAnswer,
  calibrationJob,
  longAnswer,
  longJob,
  longProgram,
} from './programs.ts';
import { Story } from './story.ts';
import type { Witness } from '../../shared/ports/practice-witness.ts';

const pcs = 3;
const sliceCount = 6;
const sliceBytes = 5 * 1024 * 1024;
/** How often the player looks. */
const look = 250;

interface Night {
  readonly world: World;
  readonly story: Story;
  readonly witness: Witness;
  readonly keep: boolean;
}

interface Jobs {
  readonly archives: string;
  readonly calibrate: string;
  readonly primes: string;
  readonly slices: readonly { readonly index: number; readonly path: string }[];
}

/**
 * One whole night in a practice lab of three PCs, with everything that goes wrong in real ones. Exit code 0 only if
 * every promise held, each checked from outside.
 */
export async function playNight(world: World, witness: Witness, keep: boolean): Promise<number> {
  const night: Night = { world, witness, keep, story: new Story(world) };
  const { story } = night;
  world.terminal.out(
    'A practice night: three PCs on this machine, one night, one morning, and the next night.',
  );
  insistOnRoot(world, 'sudo npm start -- --practice');
  world.endsInItsOwnTime();
  try {
    await startHead(world);
    witness.watchTasks();
    story.chapter('Evening');
    await bringUp(night, 1);
    const mark = await witness.systemMark();
    const jobs = await submitAll(night);
    story.chapter('Night');
    await moveLongTask(night, jobs);
    await pullPlug(night, jobs);
    await killHead(night, jobs);
    story.chapter('Morning');
    await releaseAll(night, jobs);
    await tellReport(night, 'the first night');
    story.chapter('The next night');
    await bringUp(night, 2);
    await finish(night, jobs);
    story.chapter('Promises');
    await judge(night, jobs, mark);
    await tellReport(night, 'the second night');
  } catch (error) {
    if (error instanceof Interrupted) {
      story.tell('Interrupted: the PCs and the head of this night are ended.');
      await close({ ...night, keep: false });
      throw error;
    }
    story.promise(
      false,
      'the night goes through',
      error instanceof Error ? error.message : String(error),
    );
  }
  const { kept, broken } = story.outcome();
  world.terminal.out('');
  if (broken.length === 0)
    world.terminal.out(
      world.terminal.paint.good(`All ${kept} promises held, in ${story.elapsed()}.`),
    );
  else
    world.terminal.out(
      world.terminal.paint.bad(
        `${broken.length} of ${kept + broken.length} promises did not hold. Everything is left in ${world.heads.home} to look at.`,
      ),
    );
  await close(night);
  return broken.length === 0 ? 0 : 1;
}

async function bringUp({ world, story }: Night, nightNumber: number): Promise<void> {
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
    ({ flag, note }) => (flag === null ? [] : [note ?? flag]),
  );
  if (flagged.length > 0) story.promise(false, 'a PC that was asked for is welcome', flagged[0]);
  story.tell(
    `${names.join(', ')} were found by mDNS, proved their tokens and are ready (night ${nightNumber}).`,
  );
}

async function submitAll({ world, story, witness }: Night): Promise<Jobs> {
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

async function longTask(head: Head, jobs: Jobs): Promise<TaskView> {
  const [task] = (await head.api.jobs.get({ job: jobs.primes })).tasks;
  if (!task) throw new Refused('failed', 'the long job has no task');
  return task;
}

async function moveLongTask({ world, story }: Night, jobs: Jobs): Promise<void> {
  await until(world, look, async (head) =>
    (await logOf(head, jobs.primes)).includes('below') ? true : undefined,
  );
  const moved = await until(world, look, async (head) => {
    const task = await longTask(head, jobs);
    if (task.migrations.some((migration) => migration.totalMs > 0)) return task;
    if (task.phase !== 'running' || !task.machine) return undefined;
    const target = (await head.api.machines.list()).find(
      (machine) => machine.state === 'ready' && machine.name !== task.machine,
    );
    if (target)
      await head.api.tasks.migrate({ task: task.id, machine: target.name }).catch(() => undefined);
    return undefined;
  });
  const move = moved.migrations.at(-1);
  story.tell(
    `The long program moved from ${move?.from ?? '?'} to ${move?.to ?? '?'} while it ran: it stood still for ${((move?.freezeMs ?? 0) / 1000).toFixed(2)} s.`,
  );
}

async function pullPlug({ world, story }: Night, jobs: Jobs): Promise<void> {
  // Not before something is saved: a yanked plug may cost minutes, never a task that has a checkpoint.
  const victim = await until(world, look, async (head) => {
    const long = await longTask(head, jobs);
    const saved = new Set(
      (await details(head.api, jobs)).flatMap((job) =>
        job.tasks.filter((task) => task.savedAt !== null).map((task) => task.id),
      ),
    );
    const machine = (await head.api.machines.list()).find(
      (candidate) =>
        candidate.state === 'ready' &&
        candidate.name !== long.machine &&
        candidate.tasks.some((task) => saved.has(task)),
    );
    return machine?.name;
  });
  await withHead(world, ({ api }) => api.practice.unplug({ pc: victim }));
  story.tell(`Somebody pulled the plug of ${victim}; it said nothing.`);
  await until(world, look, async ({ api }) =>
    (await api.machines.list()).some(
      (machine) => machine.name === victim && machine.state === 'lost',
    )
      ? true
      : undefined,
  );
  story.tell(`The head declared ${victim} lost and gave its tasks to the others.`);
}

async function killHead({ world, story, witness }: Night, jobs: Jobs): Promise<void> {
  const facts = await world.heads.running();
  if (!facts) throw new Refused('failed', 'the head is gone before it was killed');
  const before = await withHead(world, async ({ api }) =>
    runningAttempts(await details(api, jobs)),
  );
  witness.kill(facts.pid);
  story.tell(
    `The head (process ${facts.pid}) was killed with SIGKILL; ${before.size} tasks were running.`,
  );
  await startHead(world);
  const machines = await until(world, look, async ({ api }) => {
    const list = await api.machines.list();
    return list.filter((machine) => machine.state === 'ready').length >= pcs - 1 ? list : undefined;
  });
  const after = await withHead(world, async ({ api }) => details(api, jobs));
  const interrupted = [...before].filter(([id, attempt]) =>
    after.some((job) =>
      job.tasks.some(
        (task) => task.id === id && task.attempt !== attempt && task.migrations.length === 0,
      ),
    ),
  );
  story.tell(
    `It is back, ${machines.filter((machine) => machine.state === 'ready').length} PCs reconnected.`,
  );
  story.promise(
    interrupted.length === 0,
    'running tasks kept running while the head was dead',
    `${before.size} of them`,
  );
}

type Api = Head['api'];
/** Of this night's own jobs: a home that was chosen may hold others. */
const details = async (api: Api, jobs: Jobs): Promise<JobDetail[]> =>
  Promise.all([jobs.archives, jobs.calibrate, jobs.primes].map((job) => api.jobs.get({ job })));

function runningAttempts(jobs: readonly JobDetail[]): Map<string, number> {
  return new Map(
    jobs.flatMap((job) =>
      job.tasks.filter((task) => task.phase === 'running').map((task) => [task.id, task.attempt]),
    ),
  );
}

async function releaseAll({ world, story }: Night, jobs: Jobs): Promise<void> {
  const { machines } = await withHead(world, ({ api }) =>
    api.machines.release({ machines: 'all', when: 'checkpoint' }),
  );
  story.tell(`Release: ${machines.join(', ')} save their tasks and go.`);
  await until(world, look, async ({ api }) => {
    const list = await api.machines.list();
    return machines.every((name) =>
      list.some((machine) => machine.name === name && machine.state === 'released'),
    )
      ? true
      : undefined;
  });
  const gone = await until(world, look, async ({ api }) => {
    const list = await api.practice.list();
    return list.every((pc) => pc.state !== 'on') ? list : undefined;
  });
  const returned = await until(world, look, async ({ api }) => {
    const list = (await api.machines.list()).filter(({ name }) => machines.includes(name));
    return list.every(({ leftAt }) => leftAt !== null) ? list : undefined;
  });
  story.tell(`The head has heard nothing more of ${machines.join(', ')}: they have left.`);
  const left = await withHead(world, async (head) => ({
    long: await longTask(head, jobs),
    all: await details(head.api, jobs),
  }));
  const suspended = left.all
    .flatMap((job) => job.tasks)
    .filter((task) => task.state === 'suspended').length;
  story.tell(
    `All PCs are off (${gone.length} of ${gone.length}); ${suspended} tasks are saved on the head.`,
  );
  story.promise(
    left.long.state === 'suspended' || left.long.state === 'done',
    'the long program was saved before its PC left',
    left.long.state,
  );
  story.promise(
    returned.every(({ flag }) => flag === null),
    'every PC that was given back is known to have left',
    `${returned.length} of them`,
  );
  story.promise(
    left.all.every((job) => job.tasks.every((task) => task.state !== 'failed')),
    'no task failed because the morning came',
  );
}

async function finish({ world, story }: Night, jobs: Jobs): Promise<void> {
  const ids = [jobs.archives, jobs.calibrate, jobs.primes];
  await patiently(world, async ({ api }) => {
    for (;;) {
      const list = (await api.jobs.list()).filter((job) => ids.includes(job.id));
      const open = list.filter((job) => !['done', 'failed', 'cancelled'].includes(job.state));
      const done = list.reduce((sum, job) => sum + job.tasks.done, 0);
      const all = list.reduce(
        (sum, job) => sum + Object.values(job.tasks).reduce((count, of) => count + of, 0),
        0,
      );
      if (open.length === 0) return;
      world.terminal.progress(`${done} of ${all} tasks are done`);
      if (world.interrupted.aborted) throw new Interrupted();
      await world.wait(look);
    }
  });
  story.tell('Everything has finished.');
}

async function logOf(head: Head, task: string): Promise<string> {
  let text = '';
  for await (const piece of await head.api.jobs.logs({ task, follow: false })) text += piece.text;
  return text;
}

async function judge({ world, story, witness }: Night, jobs: Jobs, mark: string): Promise<void> {
  await withHead(world, async (head) => {
    const all = await details(head.api, jobs);
    const tasks = all.flatMap((job) => job.tasks);
    story.promise(
      tasks.every((task) => task.state === 'done'),
      'every task is done',
      `${tasks.filter((task) => task.state === 'done').length} of ${tasks.length}`,
    );

    let same = 0;
    for (const output of await head.api.jobs.outputs({ job: jobs.archives })) {
      const original = jobs.slices.find((slice) => slice.index === output.index)?.path;
      const [file] = output.files;
      if (!original || !file) continue;
      const to = `${original}.returned.xz`;
      must(await head.blobs.save(file.hash, to, false));
      if (await witness.isArchiveOf(to, original)) same += 1;
    }
    story.promise(
      same === sliceCount,
      'the archives decompress to the very files that were sent',
      `${same} of ${sliceCount}`,
    );

    let right = 0;
    for (let index = 1; index <= calibration.tasks; index += 1) {
      if ((await logOf(head, `${jobs.calibrate}.${index}`)).trim() === calibrationAnswer)
        right += 1;
    }
    story.promise(
      right === calibration.tasks,
      'the calibration loops counted right',
      `${right} of ${calibration.tasks}`,
    );

    const log = await logOf(head, jobs.primes);
    const [task] = all.find((job) => job.id === jobs.primes)?.tasks ?? [];
    story.promise(
      log.includes(`primes ${longAnswer.primes}`),
      `the long program found ${longAnswer.primes} primes below ${longAnswer.limit}, as it must`,
    );
    const begun = log.split('\n').filter((line) => line === 'begin').length;
    story.promise(
      begun === 1 && task?.restartsFromZero === 0,
      'the long program began once: it was never started again from zero',
      `${begun} begin in its output, ${task?.attempt ?? 0} attempts`,
    );
    story.promise(
      (task?.migrations.length ?? 0) > 0,
      'it moved to another PC while it ran',
      `${task?.migrations.length ?? 0} moves`,
    );
  });
  const doubles = await witness.doubles();
  const { taken, running } = witness.looks();
  story.promise(
    doubles.length === 0 && running > 0,
    'no task ran twice at the same time',
    doubles[0] ?? `${taken} looks from outside, ${running} sightings of running tasks`,
  );
  const stray = await witness.strayMounts();
  story.promise(
    stray.length === 0,
    "no PC could write outside RAM and the practice lab's own directory",
    stray[0] ?? '',
  );
  story.promise(
    (await witness.systemMark()) === mark,
    'the member system and its software pack are as they were before',
  );
}

async function tellReport({ world }: Night, which: string): Promise<void> {
  const report = await withHead(world, ({ api }) => api.lab.report());
  const { out } = world.terminal;
  out('');
  out(world.terminal.paint.strong(`Morning report of ${which}`));
  out(
    `  tasks done        ${report.tasksDone}${report.tasksFailed > 0 ? `, ${report.tasksFailed} failed` : ''}, ${report.tasksSuspended} saved for the next night`,
  );
  const freezes = report.moves.map(
    (move) =>
      `${move.task} ${move.from} → ${move.to}, frozen ${(move.freezeMs / 1000).toFixed(2)} s`,
  );
  out(`  moves             ${freezes.length === 0 ? 'none' : freezes.length}`);
  for (const line of freezes) out(`                    ${line}`);
  out(`  checkpoints       ${report.checkpoints}`);
  out(`  minutes lost      ${report.minutesLost.toFixed(2)}`);
  out(`  processor time    ${(report.coreHours * 60).toFixed(1)} min`);
  for (const machine of report.machines)
    out(
      `  ${machine.name.padEnd(16)}  ${machine.state}${machine.note ? ` (${machine.note})` : ''}`,
    );
}

async function close({ world, keep }: Night): Promise<void> {
  if (keep) {
    const facts = await world.heads.running();
    world.terminal.out(
      `The lab is left open: NIGHTSHIFT_HOME=${world.heads.home}${facts?.browserUrl ? `, ${facts.browserUrl}` : ''}`,
    );
    world.terminal.out(
      `Close it with: NIGHTSHIFT_HOME=${world.heads.home} npx nightshift practice down`,
    );
    return;
  }
  await abandonPractice(world);
}
