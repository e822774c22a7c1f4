import { describe, expect, test } from 'vitest';
import { labPictures } from '../../shared/api/lab-feed.ts';
import { scenes } from '../../src-sim/scenes/scenes.ts';
import { SimulatedHead } from '../../src-sim/simulated-head.ts';
import { SimulatedLab } from '../../src-sim/simulated-lab.ts';
import { frame } from '../../src-sim/scenes/programs.ts';

const evening = Date.UTC(2026, 10, 21, 22, 30);

/** Two PCs, and a client of the head's whole contract. */
function headWithTwo() {
  const lab = new SimulatedLab(5);
  lab.anyProgram = () => frame(1);
  lab.boot(2);
  lab.advance(2000);
  const head = new SimulatedHead(lab);
  return { lab, head, api: head.client() };
}

describe('a head in memory', () => {
  test('serves the real contract: a job is submitted, runs, moves and is told as a real head tells it', async () => {
    const { lab, api } = headWithTwo();
    const { id } = await api.jobs.submit({ command: ['./render'], name: 'render' });
    lab.advance(3000);
    const [task] = (await api.jobs.get({ job: 'render' })).tasks;
    expect(task).toMatchObject({ id: `${id}.0`, state: 'running' });
    const to = task?.machine === 'pc-01' ? 'pc-02' : 'pc-01';
    await api.tasks.migrate({ task: `${id}.0`, machine: to });
    lab.until('it is done', () => lab.isDone(id));
    const [done] = (await api.jobs.get({ job: 'render' })).tasks;
    expect(done).toMatchObject({ exitCode: 0, lastMachine: to });
    expect(done?.migrations).toHaveLength(1);
    expect((await api.jobs.outputs({ job: 'render' }))[0]?.files[0]?.path).toBe('frame-0001.png');
    expect((await api.lab.report()).tasksDone).toBe(1);
  });

  test('tells the output of a program while it runs, and all of it when it is over', async () => {
    const { lab, api } = headWithTwo();
    const { id } = await api.jobs.submit({ command: ['./render'] });
    lab.advance(5000);
    let text = '';
    const reading = (async () => {
      for await (const piece of await api.jobs.logs({ task: id, follow: true })) text += piece.text;
    })();
    await expect.poll(() => (lab.advance(1000), text.split('\n').length)).toBeGreaterThan(10);
    lab.until('it is done', () => lab.isDone(id));
    await reading;
    expect(text).toBe(frame(1).writes(frame(1).work));
  });

  test('refuses in the words of a real head', async () => {
    const { api } = headWithTwo();
    await expect(api.jobs.get({ job: 'nobody' })).rejects.toMatchObject({
      ...{ code: 'REFUSED', data: { kind: 'not-found' } },
      message: 'there is no job "nobody"; nightshift jobs lists them.',
    });
    await expect(api.jobs.submit({ command: ['x'], cpus: 0 })).rejects.toMatchObject({
      data: { kind: 'misuse' },
    });
  });

  test('has practice PCs that lose their power, and those who watch see it', async () => {
    const { lab, api } = headWithTwo();
    const away = new AbortController();
    const seen: string[] = [];
    const watching = (async () => {
      const feed = await api.lab.watch(undefined, { signal: away.signal });
      for await (const view of labPictures(feed)) seen.push(view.machines[0]?.state ?? '');
    })().catch(() => undefined);
    await expect.poll(() => seen.at(-1)).toBe('ready');
    expect(await api.practice.unplug({ pc: 'pc-01' })).toMatchObject({ state: 'unplugged' });
    await expect.poll(() => (lab.advance(1000), seen.at(-1))).toBe('lost');
    away.abort();
    await watching;
  });
});

describe('a scene', () => {
  test.each(Object.entries(scenes))(
    '%s is the same each time, at the moment it is asked for',
    (_, of) => {
      const [one, other] = [of(evening), of(evening)];
      expect(one.lab.clock.wall()).toBe(evening);
      expect(one.lab.shell.view()).toEqual(other.lab.shell.view());
      expect(one.lab.violations).toEqual([]);
    },
  );
});
