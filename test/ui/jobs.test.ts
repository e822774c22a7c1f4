import { describe, expect, it } from 'vitest';
import { valueOf, type SimulatedLab } from '../../src-sim/simulated-lab.ts';
import { openLab, page } from './open-app.ts';

const task = (name: string) => page.getByRole('region', { name: `Task ${name}`, exact: true });

/** Frames of other PCs are moved there by hand, as far as a PC may be crowded. */
function crowd(lab: SimulatedLab, name: string): void {
  const free = valueOf(lab.shell.moveTargets('3.0')).find(({ machine }) => machine === name)!;
  const here = lab.shell.machines().find((machine) => machine.name === name)!;
  const others = lab
    .job('film')
    .value.tasks.filter(
      ({ state, phase, machine }) =>
        state === 'running' && phase === 'running' && machine !== name && machine !== 'pc-06',
    );
  for (const { id } of others.slice(0, free.free + here.cpu)) valueOf(lab.shell.migrate(id, name));
}

describe('the list of jobs', () => {
  it('shows the newest first, with its state in a word and how far it is', async () => {
    await openLab('night', '#/jobs');
    const rows = page.getByRole('row');
    await expect.element(rows.nth(1)).toMatchTextContent('Held thesis-figures');
    await expect.element(rows.nth(3)).toMatchTextContent('Failed sweep');
    await expect.element(rows.nth(3)).toMatchTextContent('40 of 40');
  });

  it('finds by words and by state', async () => {
    await openLab('night', '#/jobs');
    await page.getByRole('searchbox').fill('ada film');
    await expect.element(page.getByRole('link', { name: /^film/ })).toBeVisible();
    await expect.element(page.getByRole('link', { name: /sweep/ })).not.toBeInTheDocument();
    await page.getByRole('searchbox').fill('');
    await page.getByText(/Failed 1/).click();
    await expect.element(page.getByRole('link', { name: /sweep/ })).toBeVisible();
    await expect.element(page.getByRole('link', { name: /film/ })).not.toBeInTheDocument();
  });

  it('tells somebody without jobs how to submit one', async () => {
    await openLab('empty', '#/jobs');
    await expect.element(page.getByText(/npx nightshift submit/)).toBeVisible();
  });

  it('keeps only rows in sight in the page', async () => {
    await openLab('large', '#/jobs');
    await expect.element(page.getByRole('table')).toHaveAttribute('aria-rowcount', '402');
    await expect.poll(() => page.getByRole('row').elements().length).toBeGreaterThan(5);
    expect(page.getByRole('row').elements().length).toBeLessThan(80);
  });
});

describe('submitting a job', () => {
  it('asks for what is missing, beside the field', async () => {
    await openLab('night', '#/jobs');
    await page.getByRole('button', { name: 'Submit a job' }).click();
    await page.getByLabelText('Tasks').fill('9-3');
    await page.getByLabelText('Memory').fill('lots');
    await page.getByRole('button', { name: 'Submit', exact: true }).click();
    await expect.element(page.getByText(/Write the command to run/)).toBeVisible();
    await expect
      .element(page.getByText(/The range 9-3 ends before it begins; write 3-9\./))
      .toBeVisible();
    await expect.element(page.getByText(/"lots" is not a size/)).toBeVisible();
    await expect.element(page.getByLabelText('Command')).toHaveFocus();
  });

  it('sends the wish and shows the new job', async () => {
    const { lab, bridge } = await openLab('night', '#/jobs');
    await page.getByRole('button', { name: 'Submit a job' }).click();
    await page.getByLabelText('Command').fill('./render {task}');
    await page.getByLabelText('Name').fill('credits');
    await page.getByLabelText('Tasks').fill('1-12');
    await page.getByLabelText('Memory').fill('512M');
    await page.getByLabelText('Files it needs').upload(new File(['#!/bin/sh'], 'render.sh'));
    await page.getByRole('button', { name: 'Submit', exact: true }).click();
    await expect.element(page.getByRole('heading', { name: 'credits 8' })).toBeVisible();
    expect(lab.job('credits').value).toMatchObject({
      command: './render {task}',
      memory: 512 * 1024 ** 2,
    });
    expect(lab.job('credits').value.tasks).toHaveLength(12);
    expect(bridge.sentFiles).toHaveLength(1);
    expect(location.hash).toBe('#/jobs/8');
  });

  it('shows the refusal of the head and keeps what was typed', async () => {
    await openLab('night', '#/jobs');
    await page.getByRole('button', { name: 'Submit a job' }).click();
    await page.getByLabelText('Command').fill('./huge');
    await page.getByLabelText('Processors').fill('64');
    await page.getByRole('button', { name: 'Submit', exact: true }).click();
    await expect
      .element(page.getByRole('dialog'))
      .toMatchTextContent('No PC of this lab fits: it asks for 64 processors and pc-15 has 6.');
    await expect.element(page.getByLabelText('Command')).toHaveValue('./huge');
  });
});

describe('a job', () => {
  it('shows where each task is, and its moves with their freeze times', async () => {
    const { lab } = await openLab('night', '#/jobs/3/3.0');
    const { migrations } = lab.job('digits').value.tasks[0]!;
    expect(migrations.length).toBeGreaterThan(1);
    await expect.element(task('3.0')).toMatchTextContent('pc-15pc-11');
    await expect.element(task('3.0')).toMatchTextContent('frozen 4.2 s');
    await expect.element(task('3.0')).toMatchTextContent('412 MiB in 4.2 s · asked for by hand');
  });

  it('says why a task waits', async () => {
    await openLab('night', '#/jobs/7/7.3');
    await expect.element(task('7.3')).toMatchTextContent('It waits: the job is held;');
  });

  it('says why a task failed, and looks at that task first', async () => {
    await openLab('night', '#/jobs/5');
    await expect.element(task('5.13')).toMatchTextContent('the program ended with');
    await expect.element(task('5.13')).toMatchTextContent('Exit code 3');
  });

  it('follows the output of a running task', async () => {
    const { lab } = await openLab('night', '#/jobs/3');
    const text = page.getByRole('region', { name: 'Text of the output' });
    const lines = (): number => text.element().textContent.split('digits').length;
    await expect.poll(() => (lab.advance(500), lines())).toBeGreaterThan(20);
    const before = lines();
    lab.advance(60_000);
    await expect.poll(lines).toBeGreaterThan(before + 4);
  });

  it('offers the files that a task left', async () => {
    await openLab('night', '#/jobs/6/6.7');
    const file = task('6.7').getByRole('link', { name: /frame-0007\.png/ });
    await expect.element(file).toHaveAttribute('download', 'frame-0007.png');
  });

  it('can be held and resumed', async () => {
    const { lab } = await openLab('night', '#/jobs/3');
    await page.getByRole('button', { name: 'Hold' }).click();
    // It is saved first.
    await expect.poll(() => (lab.advance(500), lab.job('digits').value.state)).toBe('held');
    await page.getByRole('button', { name: 'Resume' }).click();
    await expect.element(page.getByRole('button', { name: 'Hold' })).toBeVisible();
    expect(lab.job('digits').value.state).not.toBe('held');
  });

  it('is cancelled only after a second question, and offers nothing when it is over', async () => {
    const { lab } = await openLab('night', '#/jobs/3');
    await page.getByRole('button', { name: 'Cancel…' }).click();
    await page.getByRole('button', { name: 'Let it run' }).click();
    expect(lab.job('digits').value.state).toBe('running');
    await page.getByRole('button', { name: 'Cancel…' }).click();
    await page.getByRole('button', { name: 'Cancel the job' }).click();
    await expect.poll(() => (lab.advance(500), lab.job('digits').value.state)).toBe('cancelled');
    await expect.element(page.getByRole('button', { name: 'Cancel…' })).not.toBeInTheDocument();
  });

  it('has a task moved to a chosen machine while it runs', async () => {
    const { lab } = await openLab('night', '#/jobs/3');
    lab.shell.uncordon(['pc-03']);
    lab.advance(3000);
    const { free } = valueOf(lab.shell.moveTargets('3.0')).find(
      ({ machine }) => machine === 'pc-14',
    )!;
    expect(free).toBe(2);
    lab.shell.holdJob('film');
    lab.shell.uncordon(['pc-14']);
    await page.getByRole('button', { name: 'Migrate…' }).click();
    await page.getByRole('menuitem', { name: 'pc-14 · 2 of 2 free' }).click();
    await expect.element(task('3.0')).toMatchTextContent('moving to pc-14');
    lab.advance(8000);
    await expect.element(task('3.0')).toMatchTextContent('asked for by hand');
    await expect.element(task('3.0')).toMatchTextContent('Where pc-14');
  });

  it('is moved to a full machine, too, where the head says that it may', async () => {
    const { lab } = await openLab('night', '#/jobs/3');
    crowd(lab, 'pc-12');
    await page.getByRole('button', { name: 'Migrate…' }).click();
    const crowded = page.getByRole('menuitem', { name: /^pc-12 · full/ });
    await expect.element(crowded).toHaveAttribute('aria-disabled', 'true');
    await expect.element(crowded).toMatchTextContent('pc-12 is crowded already');
    await page.getByRole('menuitem', { name: 'pc-02 · full; its tasks would share it' }).click();
    await expect.element(task('3.0')).toMatchTextContent('moving to pc-02');
  });

  it('passes on in words what the head refuses', async () => {
    const { lab } = await openLab('night', '#/jobs/3');
    await page.getByRole('button', { name: 'Migrate…' }).click();
    const open = page.getByRole('menuitem', { name: 'pc-02 · full; its tasks would share it' });
    await expect.element(open).toBeVisible();
    lab.store.full = true;
    await open.click();
    await expect.element(page.getByText(/^It could not be stored: the disk is full/)).toBeVisible();
  });

  it('keeps the place one scrolled to, and the output one reads, while the lab goes on', async () => {
    const { lab, bridge } = await openLab('night', '#/jobs/6');
    const output = page.getByRole('region', { name: 'Text of the output' });
    await expect.poll(() => (lab.advance(500), output.element().textContent)).toContain('frame');
    const scroller = page
      .getByRole('table', { name: 'Tasks' })
      .getByRole('rowgroup')
      .nth(1)
      .element();
    scroller.scrollTop = 0;
    await expect
      .element(page.getByRole('button', { name: 'Show task 6.1', exact: true }))
      .toBeVisible();
    const asked = (): number => bridge.calls.filter((call) => call === 'jobs.changes').length;
    const before = asked();
    await expect
      .poll(() => {
        lab.advance(1000);
        return asked();
      })
      .toBeGreaterThan(before + 2);
    expect(scroller.scrollTop).toBe(0);
    expect(bridge.calls.filter((call) => call === 'jobs.logs')).toHaveLength(1);
  });

  it('of ten thousand tasks keeps few rows in the page and scrolls to the last', async () => {
    await openLab('large', '#/jobs/401');
    const table = page.getByRole('table', { name: 'Tasks' });
    await expect.element(table).toHaveAttribute('aria-rowcount', '10001');
    await expect.poll(() => table.getByRole('row').elements().length).toBeGreaterThan(8);
    expect(table.getByRole('row').elements().length).toBeLessThan(80);
    const scroller = table.getByRole('rowgroup').nth(1).element();
    scroller.scrollTop = scroller.scrollHeight;
    await expect.element(table.getByRole('button', { name: 'Show task 401.10000' })).toBeVisible();
  });

  it('that does not exist says so', async () => {
    await openLab('night', '#/jobs/99');
    await expect.element(page.getByText(/There is no job "99"/)).toBeVisible();
  });
});
