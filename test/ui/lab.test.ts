import { reasonWords } from '../../shared/words/reason-words.ts';
import { describe, expect, it } from 'vitest';
import { userEvent } from 'vitest/browser';
import { valueOf } from '../../src-sim/simulated-lab.ts';
import { openLab, page } from './open-app.ts';

const card = (name: string) => page.getByRole('article', { name, exact: true });

describe('the lab', () => {
  it('tells the state of each PC in a word and why it is so', async () => {
    await openLab('night');
    await expect.element(card('pc-01')).toMatchTextContent('Ready');
    await expect.element(card('pc-06')).toMatchTextContent('Suspect');
    await expect.element(card('pc-06')).toMatchTextContent('its tasks freeze themselves');
    await expect.element(card('pc-11')).toMatchTextContent('Lost');
    await expect.element(card('pc-13')).toMatchTextContent('Enrolling');
    await expect.element(card('pc-14')).toMatchTextContent('Cordoned');
  });

  it('marks a PC that came back after it was given back, and one that never left', async () => {
    const { lab } = await openLab('night');
    lab.pc('pc-04').ignoresGo = true;
    lab.shell.release(['pc-02', 'pc-04'], 'now');
    lab.until('pc-02 has left', () => lab.machine('pc-02').leftAt !== null);
    lab.pc('pc-02').boot();
    lab.until('pc-04 is noticed', () => lab.machine('pc-04').flag === 'stayed');
    await expect.element(card('pc-02')).toMatchTextContent('Came back');
    await expect.element(card('pc-02')).toMatchTextContent('cordoned');
    await expect.element(card('pc-02')).toMatchTextContent('take out its boot medium');
    await expect.element(card('pc-04')).toMatchTextContent('Still running');
    await expect.element(card('pc-04')).toMatchTextContent('still runs the member system');
    await expect.element(page.getByText(/2 to look at/)).toBeVisible();
    await page.getByRole('button', { name: 'Actions for pc-02' }).click();
    await page.getByRole('menuitem', { name: /^Uncordon/ }).click();
    await expect.element(card('pc-02')).toMatchTextContent('Ready');
  });

  it('shows load and memory as meters with words', async () => {
    await openLab('night');
    const load = card('pc-02').getByRole('meter', { name: 'Load of pc-02' });
    await expect
      .element(load)
      .toHaveAttribute('aria-valuetext', expect.stringMatching(/of 4 processors$/));
  });

  it('puts PCs where they stand', async () => {
    await openLab('night');
    await expect.element(card('pc-01')).toBeVisible();
    const [first, below] = ['pc-01', 'pc-08'].map((name) =>
      card(name).element().getBoundingClientRect(),
    );
    expect(below!.x).toBe(first!.x);
    expect(below!.y).toBeGreaterThan(first!.bottom);
  });

  it('shows a task on the move from where to where and why', async () => {
    const { lab } = await openLab('night');
    const [move] = lab.shell.view().moves;
    const list = page.getByRole('region', { name: 'Tasks on the move' });
    await expect
      .element(list)
      .toMatchTextContent(
        `film ${move!.task} ${move!.from}${move!.to} ${reasonWords(move!.because)}`,
      );
    await expect
      .element(card(move!.to))
      .toMatchTextContent(`${move!.task} arriving from ${move!.from}`);
    await expect
      .poll(() => document.querySelectorAll('path[marker-end]').length)
      .toBe(lab.shell.view().moves.length);
    lab.until('it has arrived', () => lab.machine(move!.to).tasks.includes(move!.task));
    await expect.element(card(move!.to)).not.toMatchTextContent(`${move!.task} arriving`);
    await expect.element(card(move!.from)).not.toMatchTextContent(move!.task);
  });

  it('shows a task that moved between two looks for a moment', async () => {
    const { lab } = await openLab('night');
    await expect.element(card('pc-02')).toBeVisible();
    const task = lab.machine('pc-02').tasks[0]!;
    valueOf(lab.shell.migrate(task, 'pc-04'));
    lab.until('it has arrived', () => lab.machine('pc-04').tasks.includes(task));
    const list = page.getByRole('region', { name: 'Tasks on the move' });
    await expect.element(list).toMatchTextContent(`film ${task} pc-02pc-04 has arrived`);
    await expect.element(list).not.toMatchTextContent(`${task} pc-02pc-04 has arrived`);
  });

  it('never draws a loss as a move: a task that goes on elsewhere did not travel there', async () => {
    const { lab } = await openLab('night');
    await expect.element(card('pc-05')).toBeVisible();
    const [task] = lab.machine('pc-05').tasks;
    lab.pc('pc-05').unplug();
    lab.until('it goes on elsewhere', () =>
      lab.shell.machines().some(({ name, tasks }) => name !== 'pc-05' && tasks.includes(task!)),
    );
    await expect.element(card('pc-05')).toMatchTextContent('Lost');
    const now = lab.shell.machines().find(({ tasks }) => tasks.includes(task!))!;
    await expect.element(card(now.name)).toMatchTextContent(task!);
    expect(lab.shell.view().arrived.map((one) => one.task)).not.toContain(task);
    await expect
      .element(page.getByRole('region', { name: 'Tasks on the move' }))
      .not.toMatchTextContent(`${task} pc-05`);
  });

  it('says who was seen and did not enrol, and why', async () => {
    await openLab('night');
    const unenrolled = page.getByRole('region', { name: 'Seen, not enrolled' });
    await expect.element(unenrolled).toMatchTextContent('It belongs to another lab (Room 14).');
    await expect.element(unenrolled).toMatchTextContent('4 min ago');
  });

  it('tells an empty lab what to do next', async () => {
    const { lab } = await openLab('empty');
    await expect.element(page.getByText(/npx nightshift practice up --pcs 3/)).toBeVisible();
    await page.getByRole('button', { name: 'Bring up' }).click();
    await expect.poll(() => lab.members().length).toBe(3);
    lab.advance(3000);
    await expect.element(card('pc-03')).toMatchTextContent('Ready');
  });

  it('reads new diary lines out to a screen reader, and none of the old ones', async () => {
    const { lab } = await openLab('night');
    await expect.element(card('pc-01')).toBeVisible();
    const news = page.getByRole('log', { name: 'News of the lab' });
    await expect.element(news).toHaveTextContent('');
    lab.pc('pc-02').cutCable();
    lab.until('it is missed', () => lab.statusOf(2) === 'suspect');
    await expect.element(news).toMatchTextContent('pc-02 has gone quiet.');
  });

  it('shows a thousand PCs as small tiles that open the same menu', async () => {
    await openLab('large');
    const tile = page.getByRole('button', { name: /^pc-0014, Suspect/ });
    await expect.element(tile).toBeVisible();
    await tile.click();
    await expect.element(page.getByRole('menuitem', { name: 'Release…' })).toBeVisible();
  });
});

describe('actions on a PC', () => {
  it('are reached by keyboard alone, and the focus comes back', async () => {
    const { lab } = await openLab('night');
    const button = page.getByRole('button', { name: 'Actions for pc-02' });
    await expect.element(button).toBeVisible();
    (button.element() as HTMLElement).focus();
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByRole('menu')).toBeVisible();
    await expect.element(page.getByRole('menuitem', { name: /^Cordon/ })).toHaveFocus();
    await userEvent.keyboard('{Enter}');
    await expect.element(card('pc-02')).toMatchTextContent('Cordoned');
    expect(lab.machine('pc-02').cordoned).toBe(true);
    await expect.element(button).toHaveFocus();
  });

  it('say why they are not possible', async () => {
    await openLab('night');
    await page.getByRole('button', { name: 'Actions for pc-11' }).click();
    const evacuate = page.getByRole('menuitem', { name: /Evacuate/ });
    await expect.element(evacuate).toMatchTextContent('pc-11 is not in the lab (it is lost).');
    await expect.element(evacuate).toHaveAttribute('aria-disabled', 'true');
  });

  it('evacuate a PC, and its tasks are seen to leave', async () => {
    await openLab('night');
    await page.getByRole('button', { name: 'Actions for pc-05' }).click();
    await page.getByRole('menuitem', { name: /Evacuate/ }).click();
    await expect.element(card('pc-05')).toMatchTextContent('Draining');
  });

  it('release a PC at a chosen moment, after saying what it would lose', async () => {
    const { lab } = await openLab('night');
    await page.getByRole('button', { name: 'Actions for pc-01' }).click();
    await page.getByRole('menuitem', { name: 'Release…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Release pc-01' });
    const { minutesLost: cost } = valueOf(lab.shell.release(['pc-01'], 'now', true));
    expect(cost).toBeGreaterThan(1);
    await expect.element(dialog).toMatchTextContent(`loses about ${cost.toFixed(1)} minutes`);
    expect(lab.machine('pc-01').state).toBe('ready');
    await dialog.getByRole('radio', { name: /^Now/ }).click();
    await dialog.getByRole('button', { name: 'Release pc-01' }).click();
    await expect.element(dialog).not.toBeInTheDocument();
    await expect.element(card('pc-01')).toMatchTextContent('Draining');
    lab.until('it has gone', () => lab.statusOf(1) === 'released');
    await expect.element(card('pc-01')).toMatchTextContent('Released');
  });

  it('pull plugs in a practice lab, and only there', async () => {
    const { lab } = await openLab('practice');
    await page.getByRole('button', { name: 'Actions for pc-01' }).click();
    await page.getByRole('menuitem', { name: /Unplug/ }).click();
    await expect.poll(() => lab.pc('pc-01').powered).toBe(false);
    lab.advance(15_000);
    await expect.element(card('pc-01')).toMatchTextContent('Lost');
    await page.getByRole('button', { name: 'Plug in pc-01' }).click();
    await expect.poll(() => lab.pc('pc-01').powered).toBe(true);
    lab.advance(3000);
    await expect.element(card('pc-01')).toMatchTextContent('Ready');
  });

  it('have no practice controls in a real lab', async () => {
    await openLab('night');
    await page.getByRole('button', { name: 'Actions for pc-02' }).click();
    await expect.element(page.getByRole('menuitem', { name: /Cordon/ })).toBeVisible();
    await expect.element(page.getByRole('menuitem', { name: /Unplug/ })).not.toBeInTheDocument();
  });
});

describe('a lab that does not exist', () => {
  it.each(['#/lab', '#/jobs', '#/jobs/6', '#/report'])(
    'is called simulated at %s',
    async (hash) => {
      await openLab('night', hash);
      await expect
        .element(page.getByRole('region', { name: 'Simulated lab' }))
        .toMatchTextContent('None of these PCs and jobs exist');
      expect(document.title).toMatch(/^Simulated: /);
    },
  );
});

describe('without a head', () => {
  it('says that the connection is lost, offers to try, and forbids what cannot work', async () => {
    const { bridge } = await openLab('night');
    await expect.element(card('pc-01')).toBeVisible();
    bridge.link = 'lost';
    await expect
      .element(page.getByRole('alert'))
      .toMatchTextContent('The connection to the head is lost.');
    await expect.element(page.getByRole('button', { name: 'Release lab…' })).toBeDisabled();
    await expect.element(card('pc-01')).toBeVisible();
    await page.getByRole('button', { name: 'Try now' }).click();
    expect(bridge.retries).toBe(1);
  });

  it('says that the head was stopped, where it said so itself', async () => {
    const { bridge } = await openLab('night');
    await expect.element(card('pc-01')).toBeVisible();
    bridge.link = 'stopped';
    await expect.element(page.getByRole('alert')).toMatchTextContent('The head was stopped.');
    await expect.element(page.getByText('Connected')).not.toBeInTheDocument();
    await expect.element(page.getByText('Head stopped')).toBeVisible();
    await expect.element(page.getByRole('button', { name: 'Release lab…' })).toBeDisabled();
    await page.getByRole('button', { name: 'Try now' }).click();
    expect(bridge.retries).toBe(1);
  });

  it('shows the lab of now when the head is back', async () => {
    const { bridge, lab } = await openLab('night');
    await expect.element(card('pc-02')).toMatchTextContent('Ready');
    bridge.link = 'lost';
    lab.shell.release(['pc-02'], 'now');
    lab.until('it has gone', () => lab.statusOf(2) === 'released');
    await expect.element(page.getByText(/No connection/)).toBeVisible();
    await expect.element(card('pc-02')).toMatchTextContent('Ready');
    bridge.link = 'open';
    await expect.element(card('pc-02')).toMatchTextContent('Released');
    await expect
      .element(page.getByText(/The connection to the head is lost\./))
      .not.toBeInTheDocument();
  });

  it('tells a browser that is not signed in where to find the address', async () => {
    const { bridge } = await openLab('night');
    bridge.link = 'unknown-browser';
    await expect.element(page.getByText(/This browser is not signed in/)).toBeVisible();
    await expect.element(page.getByText(/Open the address with a token in it/)).toBeVisible();
  });
});

describe('the theme', () => {
  it('follows the system until somebody chooses', async () => {
    await openLab('empty');
    await page.getByRole('button', { name: 'Theme: as the system says' }).click();
    expect(document.documentElement.dataset['theme']).toBe('light');
    await page.getByRole('button', { name: 'Theme: light' }).click();
    expect(document.documentElement.dataset['theme']).toBe('dark');
    await page.getByRole('button', { name: 'Theme: dark' }).click();
    expect(document.documentElement.dataset['theme']).toBeUndefined();
  });
});
