import { noteWords } from '../../shared/words/machine-words.ts';
import { until, withHead } from '../core/with-head.ts';
import { details, longTask, look, type Jobs, type Night } from './night.ts';

export async function releaseAll({ world, story }: Night, jobs: Jobs): Promise<void> {
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

export async function tellReport({ world }: Night, which: string): Promise<void> {
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
      `  ${machine.name.padEnd(16)}  ${machine.state}${machine.note ? ` (${noteWords(machine.note)})` : ''}`,
    );
}
