import { expect, test } from 'vitest';
import type { Report } from '../../shared/api/views.ts';
import type { Result } from '../../shared/base/result.ts';
import { hours, seconds } from '../../shared/base/units.ts';
import { SimulatedLab, valueOf } from '../../src-sim/simulated-lab.ts';
import { inWords } from '../in-words.ts';

function labOf(pcs: number): SimulatedLab {
  const lab = new SimulatedLab(pcs);
  lab.boot(pcs);
  return lab;
}

/** A night of so many tasks: boot, work, move, release; what its report said in the morning. */
function playNight(lab: SimulatedLab, tasks: number): Report {
  for (const pc of lab.members()) if (!pc.powered) pc.boot();
  const job = lab.submit(tasks, seconds(40));
  lab.until('all run', () => lab.job(job).value.counts.running === tasks);
  lab.advance(seconds(25));
  valueOf(lab.shell.release('all', 'checkpoint'));
  lab.until('all are gone', () => lab.shell.machines().every(({ leftAt }) => leftAt !== null));
  const report = lab.shell.report();
  lab.advance(hours(12));
  return report;
}

/** What is read piece by piece needs time to pass. */
async function past(lab: SimulatedLab, night: number): Promise<Result<Report>> {
  let answer: Result<Report> | undefined;
  void lab.shell.reportOf(night).then((report) => (answer = report));
  while (!answer) {
    await new Promise((resolve) => setImmediate(resolve));
    lab.advance(1);
  }
  return answer;
}

test('the report of an earlier night says what it said in that morning, whatever came after and however often the head began anew', async () => {
  const lab = labOf(2);
  const mornings = [playNight(lab, 4), playNight(lab, 2), playNight(lab, 1)];
  lab.killHead();
  lab.startHead();
  for (const { until, ...morning } of mornings) {
    const report = valueOf(await past(lab, morning.night));
    expect(report).toMatchObject(morning);
    if (morning.night < 3) expect(report.until).toBeLessThanOrEqual(until);
  }
  expect(mornings.map(({ night }) => night)).toEqual([1, 2, 3]);
});

test('a night that never was is told in one sentence', async () => {
  const lab = labOf(1);
  expect(inWords(await past(lab, 1))).toMatchObject({
    error: { kind: 'not-found', sentence: 'there is no night 1; no night has begun yet.' },
  });
  playNight(lab, 1);
  expect(inWords(await past(lab, 7))).toMatchObject({
    error: { kind: 'not-found', sentence: 'there is no night 7; the newest is night 1.' },
  });
});

test('a report that was told once is told the same by a later head, without reading the log again', async () => {
  const lab = labOf(1);
  const morning = playNight(lab, 2);
  playNight(lab, 1);
  const told = valueOf(await past(lab, 1));
  expect(told).toMatchObject({ ...morning, until: told.until });
  lab.killHead();
  lab.startHead();
  const read = lab.store.eventsRead;
  expect(valueOf(await past(lab, 1))).toEqual(told);
  expect(lab.store.eventsRead).toBe(read);
});
