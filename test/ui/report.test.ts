import { describe, expect, it } from 'vitest';
import { openLab, page } from './open-app.ts';

describe('the morning report', () => {
  it('sums the night up in one sentence and names what failed and why', async () => {
    await openLab('night', '#/report');
    await expect
      .element(page.getByRole('heading', { level: 1 }))
      .toMatchTextContent('160 tasks done, 1 failed, 1 PC lost, 1.4 minutes of work lost.');
    const failures = page.getByRole('region', { name: 'What failed, and why' });
    await expect.element(failures).toMatchTextContent('2.13 the program ended with 3');
  });

  it('lists the PCs that need a look before those that are well', async () => {
    await openLab('night', '#/report');
    const pcs = page.getByRole('region', { name: 'PCs' });
    await expect
      .element(pcs.getByRole('listitem').first())
      .toMatchTextContent('it vanished and did not come back');
  });

  it('shows moves with their freeze times', async () => {
    await openLab('night', '#/report');
    await expect.element(page.getByRole('table')).toMatchTextContent('691 ms');
  });

  it('of a night in which nothing ran tells what to do', async () => {
    await openLab('empty', '#/report');
    await expect.element(page.getByRole('heading', { name: 'A quiet night.' })).toBeVisible();
    await expect.element(page.getByText(/npx nightshift submit/)).toBeVisible();
  });
});
