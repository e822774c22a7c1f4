import { describe, expect, it } from 'vitest';
import { openLab, page } from './open-app.ts';

describe('the morning report', () => {
  it('sums the night up in one sentence and names what failed and why', async () => {
    await openLab('night', '#/report');
    await expect
      .element(page.getByRole('heading', { level: 1 }))
      .toMatchTextContent('160 tasks done, 1 failed, 1 PC lost, 3.2 minutes of work lost.');
    const failures = page.getByRole('region', { name: 'What failed, and why' });
    await expect.element(failures).toMatchTextContent('5.13 the program ended with');
  });

  it('names each loss: task, PC, time and minutes', async () => {
    const { lab } = await openLab('night', '#/report');
    const losses = page.getByRole('region', { name: 'What was lost, and why' });
    const { losses: lost } = lab.shell.report();
    const [first] = lost;
    const row = losses.getByRole('row').nth(1);
    for (const [at, text] of [first!.task, 'pc-11', first!.minutes.toFixed(1)].entries())
      await expect.element(row.getByRole('cell').nth(at + 1)).toHaveTextContent(text);
    await expect.element(row).toMatchTextContent('pc-11 was lost');
    expect(lost).toHaveLength(2);
  });

  it('lists the PCs that need a look before those that are well', async () => {
    await openLab('night', '#/report');
    const pcs = page.getByRole('region', { name: 'PCs' });
    await expect
      .element(pcs.getByRole('listitem').first())
      .toMatchTextContent('it vanished and did not come back');
  });

  it('counts the PCs that are known to have left and names the one that came back first', async () => {
    const { lab } = await openLab('night', '#/report');
    lab.shell.release(['pc-02', 'pc-03'], 'now');
    lab.until('both have left', () =>
      lab.shell.machines().every(({ name, leftAt }) => !/^pc-0[23]$/.test(name) || leftAt !== null),
    );
    lab.pc('pc-02').boot();
    lab.until('it came back', () => lab.statusOf(2) === 'ready');
    await expect
      .element(page.getByRole('heading', { level: 1 }))
      .toMatchTextContent('1 PC came back');
    await expect.element(page.getByText('1 of 2')).toBeVisible();
    const pcs = page.getByRole('region', { name: 'PCs' });
    await expect.element(pcs.getByRole('listitem').first()).toMatchTextContent(`pc-02 Came back`);
    await expect
      .element(pcs.getByRole('listitem').first())
      .toMatchTextContent('after it was given back: take out its boot medium');
  });

  it('shows moves with their freeze times', async () => {
    await openLab('night', '#/report');
    const moves = page.getByRole('region', { name: 'Moves while running' });
    await expect.element(moves.getByRole('table')).toMatchTextContent('asked for by hand');
  });

  it('goes back to earlier nights and forth to the newest', async () => {
    const { lab } = await openLab('night', '#/report');
    const later = page.getByRole('button', { name: 'Later night' });
    await expect.element(later).toBeDisabled();
    await page.getByRole('button', { name: 'Earlier night' }).click();
    // Earlier ones are read from the log in small steps of the head's time.
    const tells = (night: number): boolean => {
      lab.advance(100);
      return page.getByText(new RegExp(`^Night ${night} ·`)).elements().length > 0;
    };
    await expect.poll(() => tells(2)).toBe(true);
    await expect
      .element(page.getByRole('heading', { level: 1 }))
      .toMatchTextContent('42 tasks done, no work lost.');
    await later.click();
    await expect.poll(() => tells(3)).toBe(true);
    await expect.element(later).toBeDisabled();
  });

  it('of a night in which nothing ran tells what to do', async () => {
    await openLab('empty', '#/report');
    await expect.element(page.getByRole('heading', { name: 'A quiet night.' })).toBeVisible();
    await expect.element(page.getByText(/npx nightshift submit/)).toBeVisible();
  });
});
