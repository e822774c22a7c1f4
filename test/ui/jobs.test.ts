import { describe, expect, it } from 'vitest';
import { openLab, page } from './open-app.ts';

const task = (name: string) => page.getByRole('region', { name: `Task ${name}`, exact: true });

describe('the list of jobs', () => {
  it('shows the newest first, with its state in a word and how far it is', async () => {
    await openLab('night', '#/jobs');
    const rows = page.getByRole('row');
    await expect.element(rows.nth(1)).toMatchTextContent('Held thesis-figures');
    await expect.element(rows.nth(4)).toMatchTextContent('Failed sweep');
    await expect.element(rows.nth(4)).toMatchTextContent('40 of 40');
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
    await expect.element(page.getByRole('heading', { name: 'credits 6' })).toBeVisible();
    expect(lab.job('credits')).toMatchObject({
      command: './render {task}',
      memory: 512 * 1024 ** 2,
    });
    expect(lab.job('credits').tasks).toHaveLength(12);
    expect(bridge.sentFiles).toHaveLength(1);
    expect(location.hash).toBe('#/jobs/6');
  });

  it('shows the refusal of the head and keeps what was typed', async () => {
    await openLab('night', '#/jobs');
    await page.getByRole('button', { name: 'Submit a job' }).click();
    await page.getByLabelText('Command').fill('./huge');
    await page.getByLabelText('Processors').fill('64');
    await page.getByRole('button', { name: 'Submit', exact: true }).click();
    await expect
      .element(page.getByRole('dialog'))
      .toMatchTextContent(
        'No PC of this lab fits: it asks for 64 processors and the largest has 6.',
      );
    await expect.element(page.getByLabelText('Command')).toHaveValue('./huge');
  });
});

describe('a job', () => {
  it('shows where each task is, why it waits, and its moves with their freeze times', async () => {
    await openLab('night', '#/jobs/4/4.0');
    await expect.element(task('4.0')).toMatchTextContent('pc-11pc-15');
    await expect.element(task('4.0')).toMatchTextContent('frozen 796 ms');
    await expect
      .element(task('4.0'))
      .toMatchTextContent('412 MiB in 5.9 s · pc-11 is being evacuated');
  });

  it('says why a task waits', async () => {
    await openLab('night', '#/jobs/5/5.3');
    await expect.element(task('5.3')).toMatchTextContent('It waits: the job is held.');
  });

  it('says why a task failed, and looks at that task first', async () => {
    await openLab('night', '#/jobs/2');
    await expect.element(task('2.13')).toMatchTextContent('the program ended with 3');
    await expect.element(task('2.13')).toMatchTextContent('Exit code 3');
  });

  it('follows the output of a running task', async () => {
    const { lab } = await openLab('night', '#/jobs/1');
    const text = page.getByRole('region', { name: 'Text of the output' });
    await expect.element(text).toMatchTextContent('frame');
    lab.advance(60_000);
    const running = lab.job('film').tasks.find(({ state }) => state === 'running');
    await expect
      .element(text)
      .toMatchTextContent(lab.logs.get(running!.id)!.trimEnd().split('] ').at(-1)!);
  });

  it('offers the files that a task left', async () => {
    await openLab('night', '#/jobs/1/1.7');
    const file = task('1.7').getByRole('link', { name: /frame-0007\.png/ });
    await expect.element(file).toHaveAttribute('download', 'frame-0007.png');
  });

  it('can be held and resumed', async () => {
    const { lab } = await openLab('night', '#/jobs/1');
    await page.getByRole('button', { name: 'Hold' }).click();
    await expect.element(page.getByRole('button', { name: 'Resume' })).toBeVisible();
    expect(lab.job('film').state).toBe('held');
    await page.getByRole('button', { name: 'Resume' }).click();
    await expect.element(page.getByRole('button', { name: 'Hold' })).toBeVisible();
  });

  it('is cancelled only after a second question, and offers nothing when it is over', async () => {
    const { lab } = await openLab('night', '#/jobs/4');
    await page.getByRole('button', { name: 'Cancel…' }).click();
    await page.getByRole('button', { name: 'Let it run' }).click();
    expect(lab.job('digits').state).toBe('running');
    await page.getByRole('button', { name: 'Cancel…' }).click();
    await page.getByRole('button', { name: 'Cancel the job' }).click();
    await expect.element(page.getByRole('button', { name: 'Cancel…' })).not.toBeInTheDocument();
    expect(lab.job('digits').state).toBe('cancelled');
  });

  it('has a task moved to a chosen machine while it runs', async () => {
    const { lab } = await openLab('night', '#/jobs/4');
    lab.machine('pc-12').slotsUsed = 0;
    lab.changed();
    await page.getByRole('button', { name: 'Migrate…' }).click();
    await page.getByRole('menuitem', { name: 'pc-12 · 2 of 2 free' }).click();
    await expect.element(task('4.0')).toMatchTextContent('moving to pc-12');
    lab.advance(5000);
    await expect.element(task('4.0')).toMatchTextContent('asked for by hand');
    await expect.element(task('4.0')).toMatchTextContent('Where pc-12');
  });

  it('is moved to a full machine, too, where the head says that it may', async () => {
    const { lab } = await openLab('night', '#/jobs/4');
    for (const machine of lab.machines) machine.slotsUsed = machine.cpu;
    Object.assign(lab.machine('pc-12'), { slotsUsed: 2 });
    lab.machine('pc-02').slotsUsed = 2 * lab.machine('pc-02').cpu;
    lab.changed();
    await page.getByRole('button', { name: 'Migrate…' }).click();
    const crowded = page.getByRole('menuitem', { name: /^pc-02 · full/ });
    await expect.element(crowded).toHaveAttribute('aria-disabled', 'true');
    await expect.element(crowded).toMatchTextContent('pc-02 is crowded already');
    await page.getByRole('menuitem', { name: 'pc-12 · full; its tasks would share it' }).click();
    await expect.element(task('4.0')).toMatchTextContent('moving to pc-12');
  });

  it('passes on in words what the head refuses', async () => {
    const { lab } = await openLab('night', '#/jobs/4');
    lab.machine('pc-12').slotsUsed = 0;
    lab.changed();
    await page.getByRole('button', { name: 'Migrate…' }).click();
    await expect.element(page.getByRole('menuitem', { name: 'pc-12 · 2 of 2 free' })).toBeVisible();
    // Others are quicker.
    lab.machine('pc-12').slotsUsed = 4;
    await page.getByRole('menuitem', { name: 'pc-12 · 2 of 2 free' }).click();
    await expect
      .element(page.getByText(/^pc-12 is crowded already: tasks for 4 processors share its 2\./))
      .toBeVisible();
  });

  it('keeps the place one scrolled to, and the output one reads, while the lab goes on', async () => {
    const { lab, bridge } = await openLab('night', '#/jobs/1');
    await expect
      .element(page.getByRole('region', { name: 'Text of the output' }))
      .toMatchTextContent('frame');
    const scroller = page
      .getByRole('table', { name: 'Tasks' })
      .getByRole('rowgroup')
      .nth(1)
      .element();
    scroller.scrollTop = 0;
    await expect
      .element(page.getByRole('button', { name: 'Show task 1.1', exact: true }))
      .toBeVisible();
    const asked = (): number => bridge.calls.filter((call) => call === 'jobs.changes').length;
    const before = asked();
    await expect
      .poll(() => {
        lab.advance(100);
        return asked();
      })
      .toBeGreaterThan(before + 2);
    expect(scroller.scrollTop).toBe(0);
    expect(bridge.calls.filter((call) => call === 'jobs.logs')).toHaveLength(1);
  });

  it('of ten thousand tasks keeps few rows in the page and scrolls to the last', async () => {
    await openLab('large', '#/jobs/1');
    const table = page.getByRole('table', { name: 'Tasks' });
    await expect.element(table).toHaveAttribute('aria-rowcount', '10001');
    await expect.poll(() => table.getByRole('row').elements().length).toBeGreaterThan(8);
    expect(table.getByRole('row').elements().length).toBeLessThan(80);
    const scroller = table.getByRole('rowgroup').nth(1).element();
    scroller.scrollTop = scroller.scrollHeight;
    await expect.element(table.getByRole('button', { name: 'Show task 1.10000' })).toBeVisible();
  });

  it('that does not exist says so', async () => {
    await openLab('night', '#/jobs/99');
    await expect.element(page.getByText(/There is no job "99"/)).toBeVisible();
  });
});
