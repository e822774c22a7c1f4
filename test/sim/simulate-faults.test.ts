import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { epochMillis, millis, seconds } from '../../shared/base/units.ts';
import { memberId } from '../../shared/domain/ids.ts';
import { disagreements } from './told-by-the-log.ts';
import { SimulatedLab } from '../../src-sim/simulated-lab.ts';

const command = (...words: readonly string[]): Promise<{ readonly stdout: string }> =>
  promisify(execFile)(process.execPath, ['test/sim/simulate-faults.ts', ...words]);

test('simulate:faults plays the nights it is asked for, and says how it went', async () => {
  const { stdout } = await command('--seeds', '2', '--from', '910001648');
  expect(stdout).toContain('2 nights, every promise held');
});

test('simulate:faults without a number of nights is misuse', async () => {
  await expect(command('--seeds', 'many')).rejects.toMatchObject({ code: 2 });
});

test('what changes without an event is found: usage, an address, a night, an index', () => {
  const lab = new SimulatedLab(1);
  lab.boot(2);
  lab.submit(3, seconds(60));
  lab.advance(seconds(5));
  lab.shell.stop();
  const { state } = lab.shell;
  expect(disagreements(lab.store, state)).toEqual([]);
  const [task] = state.tasks.values();
  const member = state.members.get(memberId('pc-02'));
  task!.cpuSeconds += 1;
  member!.facts = { ...member!.facts, address: '10.0.0.99' };
  state.night.checkpoints += 1;
  state.index.active.delete(task!.id);
  const found = (): unknown =>
    disagreements(lab.store, state).map((line) => line.split(/: | is /)[1]);
  expect(found()).toEqual([
    'night.checkpoints',
    'members.pc-02.facts.address',
    'tasks.1.1.cpuSeconds',
    'index.active',
  ]);
});

test('nothing durable is left out of what is compared, and nothing that was only seen is in it', () => {
  const lab = new SimulatedLab(2);
  lab.boot(2);
  lab.submit(2, seconds(60));
  lab.advance(seconds(5));
  lab.shell.stop();
  const { state } = lab.shell;
  const found = (): unknown =>
    disagreements(lab.store, state).map((line) => line.split(/: | is /)[1]);
  for (const seen of state.seen.values()) seen.linked = !seen.linked;
  state.transient.usage.clear();
  expect(found()).toEqual([]);
  state.keepFor = millis(7);
  state.retired.set(memberId('pc-09'), epochMillis(1));
  state.seats.set('02:00:pc-01', { room: 'Room 12', row: 1, place: 1 });
  expect(found()).toEqual(['keepFor', 'seats.02:00:pc-01', 'retired.pc-09']);
  state.members.clear();
  state.jobs.clear();
  expect(found()).toHaveLength(5);
});
