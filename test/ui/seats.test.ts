import { describe, expect, it } from 'vitest';
import { userEvent } from 'vitest/browser';
import { expectNoBarriers } from './axe.ts';
import { inDark, openLab, page } from './open-app.ts';

const seat = (row: number, place: number) =>
  page.getByRole('button', { name: new RegExp(`^Row ${row}, place ${place}: `) });
const tray = page.getByRole('region', { name: 'PCs without a seat' });
const said = page.getByRole('status', { name: 'Seats' });

async function openSeats(scene: 'night' | 'practice' = 'night') {
  const opened = await openLab(scene);
  await page.getByRole('button', { name: 'Arrange seats' }).click();
  await expect.element(tray).toBeVisible();
  return opened;
}
const pressed = (element: Element): void => (element as HTMLElement).focus();

describe('seats', () => {
  it('are given in a lab without any by keys alone', async () => {
    const { lab } = await openSeats('practice');
    pressed(page.getByRole('textbox', { name: 'Name of a new room' }).element());
    await userEvent.keyboard('Room 7{Enter}');
    await expect.element(page.getByRole('heading', { name: 'Room 7' })).toBeVisible();
    pressed(tray.getByRole('button', { name: 'pc-01', exact: true }).element());
    await userEvent.keyboard('{Enter}');
    await expect.element(said).toMatchTextContent('pc-01 is picked up');
    pressed(seat(1, 1).element());
    await userEvent.keyboard('{Enter}');
    await expect.element(seat(1, 1)).toMatchTextContent('pc-01');
    expect(lab.machine('pc-01').seat).toBe('Room 7/1/1');
    pressed(tray.getByRole('button', { name: 'pc-02', exact: true }).element());
    await userEvent.keyboard(' ');
    pressed(seat(1, 1).element());
    await userEvent.keyboard('{ArrowDown}{ArrowRight}');
    await expect.element(seat(2, 2)).toHaveFocus();
    await userEvent.keyboard('{Enter}');
    await expect.element(seat(2, 2)).toMatchTextContent('pc-02');
    await userEvent.keyboard('{Delete}');
    await expect.element(tray).toMatchTextContent('pc-02');
    expect(lab.machine('pc-02').seat).toBeNull();
  });

  it('are given by dragging a PC from the tray and from seat to seat', async () => {
    const { lab } = await openSeats();
    const fromTray = tray.getByRole('button', { name: 'pc-15', exact: true });
    await userEvent.dragAndDrop(fromTray, seat(3, 1));
    await expect.poll(() => lab.machine('pc-15').seat).toBe('Room 12/3/1');
    await expect.element(seat(3, 1)).toMatchTextContent('pc-15');
    await userEvent.dragAndDrop(seat(1, 1), seat(1, 2));
    await expect.poll(() => lab.machine('pc-01').seat).toBe('Room 12/1/2');
    expect(lab.machine('pc-02').seat).toBe('Room 12/1/1');
  });

  it('are refused in the words of the head, and nothing changes', async () => {
    const { lab } = await openSeats();
    await tray.getByRole('button', { name: 'pc-15', exact: true }).click();
    await seat(1, 1).click();
    await expect
      .element(said)
      .toMatchTextContent(
        'Room 12/1/1 would be the seat of pc-01 and of pc-15; a seat has one PC.',
      );
    expect(lab.machine('pc-15').seat).toBeNull();
    await tray.getByRole('button', { name: 'pc-15', exact: true }).click();
    const field = page.getByRole('textbox', { name: 'Seat of pc-15: room/row/place' });
    await field.fill('Room 12/0/1');
    await page.getByRole('button', { name: 'Put it there' }).click();
    await expect.element(said).toMatchTextContent('numbers from 1 to 999');
    await field.fill('Room 12/4/9');
    await page.getByRole('button', { name: 'Put it there' }).click();
    await expect.poll(() => lab.machine('pc-15').seat).toBe('Room 12/4/9');
  });

  it('follow when their room gets another name', async () => {
    const { lab } = await openSeats();
    await page.getByRole('textbox', { name: 'Name of Room 12' }).fill('Hall');
    await page.getByRole('button', { name: 'Rename' }).click();
    await expect.element(page.getByRole('heading', { name: 'Hall', exact: true })).toBeVisible();
    expect(lab.machine('pc-01').seat).toBe('Hall/1/1');
  });

  it('come from a table, whose faults are named with their line', async () => {
    const { lab } = await openSeats();
    const picker = page.getByLabelText('Import a table (CSV)');
    const table = (text: string): File => new File([text], 'seats.csv', { type: 'text/csv' });
    await userEvent.upload(picker, table('name,room,row,place\npc-15,Room 12,5,x\n'));
    await expect.element(said).toMatchTextContent('line 2');
    await userEvent.upload(picker, table('name;room;row;place\npc-15;Room 12;5;1\n'));
    await expect.element(said).toMatchTextContent('1 PC read from seats.csv.');
    await expect.poll(() => lab.machine('pc-15').seat).toBe('Room 12/5/1');
    await expect.element(page.getByRole('button', { name: 'Export table' })).toBeEnabled();
  });

  it.each(['light', 'dark'])('have no barriers in %s', async (scheme) => {
    if (scheme === 'dark') inDark();
    await openSeats();
    await expect.element(seat(1, 1)).toBeVisible();
    await expectNoBarriers();
    await seat(1, 1).click();
    await expect.element(page.getByRole('button', { name: 'Take its seat away' })).toBeVisible();
    await expectNoBarriers();
  });
});
