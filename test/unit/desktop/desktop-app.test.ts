import { jobId, taskIdOf } from '../../../shared/domain/ids.ts';
import { afterEach, describe, expect, it } from 'vitest';
import { address, DesktopRig, lab, pc, press, settled } from './desktop-rig.ts';
import { SimulatedEvent } from './simulated-electron.ts';

let rig: DesktopRig;
afterEach(() => rig.close());

async function started(...wish: ConstructorParameters<typeof DesktopRig>): Promise<DesktopRig> {
  rig = new DesktopRig(...wish);
  await rig.app.start();
  return rig;
}

describe('the window', () => {
  it('opens on the head, and closing it leaves the night running in the tray, which is said once', async () => {
    const { electron } = await started();
    const [window] = electron.windows;
    expect(window?.loaded).toEqual([address]);
    expect(window?.visible).toBe(true);
    window?.close();
    expect([window?.destroyed, window?.visible, rig.stops, rig.isWatching]).toEqual([
      ...[false, false, 0, true],
    ]);
    expect(rig.notes).toEqual([
      'Nightshift stays in the tray: The night goes on. The icon in the tray opens the window again; Quit is there, too.',
    ]);
    rig.tray.emit('click');
    expect([window?.visible, electron.windows.length]).toEqual([true, 1]);
    window?.close();
    expect(rig.notes).toHaveLength(1);
  });

  it('stands where it stood, unless that screen is gone', async () => {
    const first = await started();
    const [window] = first.electron.windows;
    window!.bounds = { x: 2100, y: 50, width: 1500, height: 900 };
    window!.maximized = true;
    window!.close();
    const kept = { x: 2100, y: 50, width: 1500, height: 900 };
    expect(first.settings.now.window).toEqual({ ...kept, maximized: true });

    const two = new DesktopRig();
    two.settings.change(first.settings.now);
    two.electron.screens = [
      { x: 0, y: 0, width: 1920, height: 1080 },
      { x: 1920, y: 0, width: 1920, height: 1080 },
    ];
    await two.app.start();
    expect(two.electron.windows[0]?.options).toMatchObject(kept);
    expect(two.electron.windows[0]?.maximized).toBe(true);
    two.close();

    const one = new DesktopRig();
    one.settings.change(first.settings.now);
    await one.app.start();
    expect(one.electron.windows[0]?.options).toMatchObject({ width: 1360, height: 860 });
    expect(one.electron.windows[0]?.options).not.toHaveProperty('x');
    one.close();
  });

  it('loads a page that fell anew, but not for ever', async () => {
    const { electron } = await started();
    const page = electron.windows[0]!.webContents;
    for (let fall = 0; fall < 20; fall += 1)
      page.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(page.reloads).toBe(5);
    expect(rig.stops).toBe(0);
  });

  it('is not shown when the computer starts the app', async () => {
    const { electron } = await started({ hidden: true });
    expect([electron.windows.length, electron.trays.length]).toEqual([0, 1]);
    await rig.take('Open Nightshift').catch(() => undefined);
    rig.shows(lab([]));
    await rig.take('Open Nightshift');
    expect(electron.windows[0]?.visible).toBe(true);
  });
});

describe('one app a home', () => {
  it('a second start shows the first window and goes', async () => {
    const { electron } = await started();
    electron.windows[0]!.minimized = true;
    electron.app.emit('second-instance');
    expect(electron.windows[0]).toMatchObject({ minimized: false, visible: true, focused: 2 });

    const second = new DesktopRig();
    second.electron.app.isFirst = false;
    expect(await second.app.start()).toBe(false);
    expect(second).toMatchObject({ opens: 0 });
    expect([second.electron.app.quits, second.electron.trays.length]).toEqual([1, 0]);
    second.close();
  });
});

describe('quitting', () => {
  it('says what it means for the PCs in the lab, and leaves it running when that was not meant', async () => {
    const { electron } = await started();
    rig.shows(lab([pc('pc-01'), pc('pc-02'), pc('pc-03', { state: 'released' })]));
    electron.answers.push(0);
    await rig.take('Quit…');
    expect(electron.asked[0]).toMatchObject({
      message: 'Stop the head of the lab?',
      buttons: ['Leave it running', 'Quit'],
      cancelId: 0,
    });
    expect(electron.asked[0]?.detail).toContain(
      'The 2 PCs in the lab freeze their programs and wait until it runs again',
    );
    expect([rig.stops, electron.app.exitCode]).toEqual([0, undefined]);
    electron.answers.push(1);
    await rig.take('Quit…');
    expect([rig.stops, electron.app.exitCode, rig.tray.destroyed]).toEqual([1, 0, true]);
  });

  it('is asked for by the system as by a person, and the head has stopped before the app is gone', async () => {
    const { electron } = await started();
    const event = new SimulatedEvent();
    electron.answers.push(1);
    electron.app.emit('before-quit', event);
    expect(event.prevented).toBe(true);
    await settled();
    expect([rig.stops, electron.app.exitCode]).toEqual([1, 0]);
    const late = new SimulatedEvent();
    electron.app.emit('before-quit', late);
    expect([late.prevented, rig.stops]).toEqual([false, 1]);
  });

  it('leaves a head alone that was joined, and asks nothing', async () => {
    rig = new DesktopRig();
    rig.own = false;
    await rig.app.start();
    rig.shows(lab([pc('pc-01')]));
    await rig.take('Quit');
    expect(rig.electron.asked).toEqual([]);
    expect(rig.electron.app.exitCode).toBe(0);
  });

  it('does not happen with the last window', async () => {
    const { electron } = await started();
    expect(electron.app.emit('window-all-closed')).toBeGreaterThan(0);
    expect(electron.app.quits).toBe(0);
  });
});

describe('the tray', () => {
  it('tells the state of the lab, and gives all PCs back when a person says how', async () => {
    const { electron } = await started();
    expect(rig.tray.labels[0]).toBe('Nightshift is starting');
    rig.shows(lab([]));
    expect(rig.tray.labels[0]).toBe('No PCs in the lab');
    await expect(rig.take('Release now…')).rejects.toThrow();
    rig.shows(lab([pc('pc-01'), pc('pc-02')]));
    expect(rig.tray.labels[0]).toBe('Night 3: 2 PCs, 0 tasks running');
    expect(rig.tray.tip).toBe('Nightshift: Night 3: 2 PCs, 0 tasks running');

    for (const answer of [2, 0, 1]) {
      electron.answers.push(answer);
      await rig.take('Release now…');
    }
    expect(electron.asked[0]).toMatchObject({ message: 'Give all 2 PCs back now?' });
    expect(electron.asked[0]?.detail).toContain('about 12 minutes of work are lost');
    expect(rig.released).toEqual([
      { machines: 'all', when: 'checkpoint' },
      { machines: 'all', when: 'now' },
    ]);
  });

  it('says when no head runs, and starts one', async () => {
    rig = new DesktopRig();
    rig.fails = 'the disk is full.';
    await rig.app.start();
    expect(rig.electron.asked[0]).toMatchObject({ detail: 'the disk is full.' });
    expect(rig.electron.windows).toEqual([]);
    expect(rig.tray.labels[0]).toBe('No head runs');
    rig.fails = null;
    await rig.take('Start the head');
    expect(rig.electron.windows[0]?.loaded).toEqual([address]);
    rig.shows(lab([pc('pc-01')]));
    rig.falls();
    expect(rig.tray.labels[0]).toBe('The head does not answer');
    expect(rig.tray.labels).toContain('Start the head');
  });

  it('switches what starts with the computer, and what is notified', async () => {
    await started();
    await rig.take('Start with the computer');
    expect([rig.logins, rig.settings.now.startWithComputer]).toEqual([[true], true]);
    await rig.take('Start with the computer');
    expect(rig.logins).toEqual([true, false]);
    await rig.take('Notifications');
    rig.tellOfUpdate({ kind: 'app', title: 'x', body: '' });
    expect(rig.notes).toEqual([]);
    expect(rig.tray.items.find(({ label }) => label === 'Notifications')?.checked).toBe(false);
  });
});

describe('notifications', () => {
  it('tell of the night that begins, of trouble, and that everything returned; what was before is no news', async () => {
    const { electron } = await started();
    const opened = { code: 'night-opened', facts: { night: 3 } } as const;
    const old = { code: 'member-lost', facts: { pc: 'pc-00' } } as const;
    rig.shows(lab([], [old]));
    rig.shows(lab([pc('pc-01'), pc('pc-02')], [old, opened]));
    expect(rig.notes).toEqual(['Room 12: Night 3 began.']);
    const lost = { code: 'member-lost', facts: { pc: 'pc-02' } } as const;
    const failed = {
      code: 'task-failed',
      facts: { task: taskIdOf(jobId('1'), 0), because: { code: 'stopped', facts: {} } },
    } as const;
    // Also of what came while the head was not heard of.
    rig.falls();
    rig.shows(lab([pc('pc-01'), pc('pc-02', { state: 'lost' })], [old, opened, lost, failed]));
    expect(rig.notes[1]).toBe('Trouble in Room 12: pc-02 is lost. And 1 more thing to look at.');
    const given = (leftAt: number | null) =>
      lab(
        [pc('pc-01', { state: 'released', leftAt }), pc('pc-03', { state: 'released', leftAt: 1 })],
        [old, opened, lost, failed],
      );
    rig.shows(given(null));
    expect(rig.notes).toHaveLength(2);
    rig.shows(given(5));
    expect(rig.notes[2]).toBe('Everything returned: 2 PCs given back and gone.');
    rig.shows(given(5));
    expect(rig.notes).toHaveLength(3);
    electron.windows[0]!.close();
    electron.notes[2]!.emit('click');
    expect(electron.windows[0]?.visible).toBe(true);
  });
});

describe('the menu', () => {
  it.each(['linux', 'win32', 'darwin'] as const)('of %s has its shortcuts', async (platform) => {
    const { electron } = await started({ platform });
    const names = electron.menu.map(({ label, role }) => label ?? role);
    expect(names[0]).toBe(platform === 'darwin' ? 'Nightshift' : '&Lab');
    const items = electron.menu.flatMap(({ submenu }) => (Array.isArray(submenu) ? submenu : []));
    const by = (key: string) => items.find(({ accelerator }) => accelerator === key);
    expect(electron.app.appId === '').toBe(platform !== 'win32');
    // The greeting leads on to the page; from then on there is a place to go to.
    electron.windows[0]!.webContents.url = 'http://nightshift-0a.localhost:7078/';
    press(by('CmdOrCtrl+2')?.click);
    expect(electron.windows[0]?.loaded.at(-1)).toBe('http://nightshift-0a.localhost:7078/#/jobs');
    press(by('CmdOrCtrl+W')?.click);
    expect(electron.windows[0]).toMatchObject({ visible: false, destroyed: false });
    electron.answers.push(1);
    press(by('CmdOrCtrl+Q')?.click);
    await settled();
    expect(electron.app.exitCode).toBe(0);
  });
});
