import { describe, expect, it } from 'vitest';
import { expectNoBarriers } from './axe.ts';
import { inDark, openLab, page } from './open-app.ts';

const views = [
  ['the lab by night', 'night', '#/lab', 'Room 12'],
  ['an empty lab', 'empty', '#/lab', 'No PCs yet'],
  ['a practice lab', 'practice', '#/lab', 'Practice PCs on this machine'],
  ['the jobs', 'night', '#/jobs', 'Jobs'],
  ['no jobs', 'empty', '#/jobs', 'No jobs yet'],
  ['a job', 'night', '#/jobs/6', 'film 6'],
  ['the report', 'night', '#/report', 'What failed, and why'],
] as const;

describe.each(['light', 'dark'])('in %s', (scheme) => {
  it.each(views)('%s has no barriers', async (_, scene, hash, heading) => {
    if (scheme === 'dark') inDark();
    await openLab(scene, hash);
    await expect.element(page.getByRole('heading', { name: heading }).first()).toBeVisible();
    await expectNoBarriers();
  });

  it('the dialog to submit a job has no barriers', async () => {
    if (scheme === 'dark') inDark();
    await openLab('night', '#/jobs');
    await page.getByRole('button', { name: 'Submit a job' }).click();
    await page.getByRole('button', { name: 'Submit', exact: true }).click();
    await expect.element(page.getByText(/Write the command to run/)).toBeVisible();
    await expectNoBarriers();
  });

  it('the dialog to release PCs has no barriers', async () => {
    if (scheme === 'dark') inDark();
    await openLab('night');
    await page.getByRole('button', { name: 'Release lab…' }).click();
    await expect.element(page.getByText(/loses about/)).toBeVisible();
    await expectNoBarriers();
  });

  it('the menu of a PC has no barriers', async () => {
    if (scheme === 'dark') inDark();
    await openLab('practice');
    await page.getByRole('button', { name: 'Actions for pc-03' }).click();
    await expect.element(page.getByRole('menu')).toBeVisible();
    await expectNoBarriers();
  });

  it('a lost connection has no barriers', async () => {
    if (scheme === 'dark') inDark();
    const { bridge } = await openLab('night');
    await expect.element(page.getByRole('heading', { name: 'pc-01' })).toBeVisible();
    bridge.link = 'lost';
    await expect.element(page.getByText(/The connection to the head is lost\./)).toBeVisible();
    await expectNoBarriers();
  });
});
