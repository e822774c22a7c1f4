import { must } from '../core/refused.ts';
import { withHead } from '../core/with-head.ts';
import { details, logOf, sliceCount, type Jobs, type Night } from './night.ts';
import { calibration, calibrationAnswer, longAnswer } from './programs.ts';

export async function judge(
  { world, story, witness }: Night,
  jobs: Jobs,
  mark: string,
): Promise<void> {
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
      must(await head.blobs.save(file.hash, to, null));
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
