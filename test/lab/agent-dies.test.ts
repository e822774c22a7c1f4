import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { countedRight, counting } from './practice/programs.ts';
import { RealLab } from './practice/real-lab.ts';

/** The process that is the agent of a practice PC; init, its parent, is a shell. */
function agentOf(lab: RealLab, pc: string): number | undefined {
  const group = readFileSync(join(lab.home, 'practice', 'group'), 'utf8').trim();
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0)
    .find((pid) => {
      try {
        const [program] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8');
        return program === '/usr/lib/nightshift/node' && groups.includes(`/${group}/${pc}`);
      } catch {
        return false; // it has ended
      }
    });
}

test('an agent that is killed is started again by init, and its tasks go on where they are', async () => {
  await using lab = await RealLab.open(1);
  const job = await lab.submit(counting(400));
  await lab.speaks(job, '\n5\n');
  const killed = agentOf(lab, 'pc-01');
  if (killed === undefined) throw new Error('no agent runs');
  process.kill(killed, 'SIGKILL');
  await lab.until('another agent runs', () => {
    const agent = agentOf(lab, 'pc-01');
    return Promise.resolve(agent !== undefined && agent !== killed);
  });
  const done = await lab.isOver(job);
  // Not from zero, not from a checkpoint, not even as a new attempt.
  expect(done.tasks).toMatchObject([{ state: 'done', attempt: 1, restartsFromZero: 0 }]);
  expect(countedRight(await lab.log(job), 400)).toBe(true);
  expect(lab.logOf('pc-01')).toMatch(/init: the agent ended with code 137; it starts again in 1 s/);
  expect(lab.logOf('pc-01')).toContain('adopted');
});
