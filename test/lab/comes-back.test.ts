import { whyItWaits } from '../../shared/words/task-words.ts';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { projectRoot } from '../../scripts/project-node.mjs';
import { hours, mebibytes } from '../../shared/base/units.ts';
import { ContainerDriver } from '../../src-main/platform/practice/container-driver.ts';
import { practiceSystems } from '../../src-main/platform/making-ready/practice-systems.ts';
import { systemCacheDir } from '../../shared/domain/system-cache.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import { counting } from './practice/programs.ts';
import { RealLab } from './practice/real-lab.ts';
import { spawned } from './command-line.ts';

let lab: RealLab;
beforeEach(async () => {
  lab = await RealLab.open(1);
});
afterEach(async () => lab[Symbol.asyncDispose]());

/** Power by hand: the head is not asked and hears nothing of it, as when a stick stays in and the PC restarts. */
async function switchOnByHand(name: string): Promise<void> {
  const issued = await lab.api.enrolment.issue({ name, validFor: hours(1), single: true });
  const system = await practiceSystems(systemCacheDir(process.env), () => undefined);
  if (!system.ok) throw new Error(refusalWords(system.error));
  const driver = new ContainerDriver({
    home: lab.home,
    folder: join(lab.home, 'practice'),
    assets: join(projectRoot, 'assets'),
  });
  const pc = { name, cpus: 2, memory: mebibytes(512), identity: issued };
  const on = await driver.powerOn([pc], system.value);
  if (!on.ok) throw new Error(refusalWords(on.error));
}

test('a PC that is given back is known to have left; started by hand it is flagged, and works when a person says so', async () => {
  const nightshift = async (...words: string[]): Promise<string> =>
    (await spawned(lab.home, words)).out;
  await lab.api.machines.release({ machines: 'all', when: 'checkpoint' });
  await lab.until(
    'it is known to have left',
    async () => (await lab.machine('pc-01')).leftAt !== null,
  );
  expect(await lab.machine('pc-01')).toMatchObject({
    state: 'released',
    linked: false,
    flag: null,
  });
  expect(await nightshift('report')).toContain('1 given back, and known to have left');

  await switchOnByHand('pc-01');
  const back = await lab.until('it is back', async () => {
    const machine = await lab.machine('pc-01');
    return machine.state === 'ready' && machine;
  });
  expect(back).toMatchObject({ cordoned: true, flag: 'came-back' });
  const note = /it came back .+ after it was given back: take out its boot medium/;
  expect(await nightshift('machines')).toMatch(note);
  expect(await nightshift('report')).toMatch(note);
  expect(await lab.api.lab.report()).toMatchObject({
    night: 1,
    returned: { given: 1, confirmed: 0 },
  });
  const job = await lab.submit(counting(3));
  expect(whyItWaits(await lab.task(job))).toContain('cordoned');

  expect(await nightshift('uncordon', 'pc-01')).toContain('may take tasks again');
  await lab.isOver(job);
  expect((await lab.job(job)).state).toBe('done');

  // Given power by the practice lab it was asked for, and is welcome however soon.
  await lab.api.machines.release({ machines: 'all', when: 'checkpoint' });
  await lab.until('it is off', async () =>
    (await lab.api.practice.list()).every(({ state }) => state === 'off'),
  );
  await lab.up(1);
  expect(await lab.machine('pc-01')).toMatchObject({ cordoned: false, flag: null, note: null });
});
