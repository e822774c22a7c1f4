import { describe, expect, test } from 'vitest';
import { seconds } from '../../shared/base/units.ts';
import { practiceTimings } from '../../shared/domain/timings.ts';
import { capabilities, headCan } from '../../shared/wire/capabilities.ts';
import { HandMadeMember } from './hand-made-member.ts';
import { SimulatedLab } from '../../src-sim/simulated-lab.ts';

/** A move of a task whose program runs at its target already, while a part of its memory still lies at its source. */
class MoveInSteps {
  readonly lab = new SimulatedLab(41);
  readonly source = new HandMadeMember(this.lab, 'pc-91', { speed: 2000 }).links();
  readonly target = new HandMadeMember(this.lab, 'pc-92').links();
  readonly here;
  readonly there;
  readonly job;

  constructor() {
    const { lab, source, target } = this;
    this.live(1000);
    this.job = lab.submit(1, seconds(60));
    this.live(500);
    this.here = source.started();
    this.live(500);
    expect(lab.shell.migrate(`${this.job}.0`, 'pc-92').ok).toBe(true);
    this.live(500);
    const order = target.last('expect')!;
    this.there = { task: order.task, epoch: order.epoch };
    target.says({ t: 'expecting', ...this.there });
    this.live(500);
    expect(source.last('send')).toMatchObject(this.here);
    target.says({ t: 'arrived', ...this.there, whole: false });
    this.live(500);
  }

  live(span: number, pcs = [this.source, this.target]): void {
    for (let at = 0; at < span; at += 500) {
      for (const pc of pcs) pc.beats();
      this.lab.advance(500);
    }
  }

  sourceSaysMoved(): void {
    this.source.says({
      ...{ t: 'moved', ...this.here, toEpoch: this.there.epoch },
      ...{ bytes: 4096, freezeMs: 40, totalMs: 900 },
    });
    this.live(500);
    this.live(3 * practiceTimings.heartbeat);
  }

  get task() {
    return this.lab.job(this.job).value.tasks[0];
  }
}

test('the head says that it understands an arrival in two steps', () => {
  const { target } = new MoveInSteps();
  expect(target.last('welcome')?.can).toEqual([...headCan]);
  expect(headCan).toContain(capabilities.arrivesInSteps);
});

describe('a task that runs at its target and whose memory is not all there', () => {
  test('keeps its copy at the source for as long as it takes, and lets it go when all is there', () => {
    const move = new MoveInSteps();
    move.live(seconds(30));
    expect(move.source.last('discard')).toBeUndefined();
    expect(move.task).toMatchObject({ machine: 'pc-91', state: 'running' });
    move.target.says({ t: 'all-here', ...move.there });
    move.live(seconds(12));
    expect(move.source.last('discard')).toMatchObject({ ...move.here, confirm: true });
    move.source.says({ t: 'discarded', ...move.here });
    move.live(500);
    expect(move.task).toMatchObject({ machine: 'pc-92', attempt: 2, state: 'running' });
  });

  test('is not asked to give up what it has done, however long its memory takes', () => {
    const move = new MoveInSteps();
    move.live(2 * practiceTimings.moveTimeout);
    expect(move.target.last('abandon')).toBeUndefined();
    expect(move.source.last('keep')).toBeUndefined();
    move.target.says({ t: 'all-here', ...move.there });
    move.live(seconds(12));
    move.source.says({ t: 'discarded', ...move.here });
    move.live(500);
    expect(move.task).toMatchObject({ machine: 'pc-92', attempt: 2, state: 'running' });
  });

  test('is not asked to by a head that was started anew, either', () => {
    const move = new MoveInSteps();
    move.lab.killHead();
    move.lab.advance(500);
    move.lab.startHead();
    move.source.links([{ ...move.here, state: 'leaving' }]);
    move.target.links([{ ...move.there, state: 'running', whole: false }]);
    move.live(2 * practiceTimings.moveTimeout);
    expect(move.target.last('abandon')).toBeUndefined();
    expect(move.source.last('discard')).toBeUndefined();
    move.target.says({ t: 'all-here', ...move.there });
    move.live(seconds(12));
    move.source.says({ t: 'discarded', ...move.here });
    move.live(500);
    expect(move.task).toMatchObject({ machine: 'pc-92', attempt: 2, state: 'running' });
  });

  test('whose source let it go too soon is its target’s, with the figures, if that has all after all', () => {
    const move = new MoveInSteps();
    move.sourceSaysMoved();
    expect(move.target.last('abandon')).toMatchObject(move.there);
    expect(move.task).toMatchObject({ machine: 'pc-91' });
    move.target.says({ t: 'all-here', ...move.there });
    move.live(500);
    expect(move.task).toMatchObject({ machine: 'pc-92', attempt: 2, state: 'running' });
    expect(move.task?.migrations).toMatchObject([{ bytes: 4096, freezeMs: 40, totalMs: 900 }]);
  });

  test('whose source let it go too soon waits again, if its target cannot do without', () => {
    const move = new MoveInSteps();
    move.sourceSaysMoved();
    move.target.says({ t: 'abandoned', ...move.there, reason: 'its memory was at pc-91' });
    move.live(500);
    const started = [move.source, move.target].map((pc) => pc.last('start')?.epoch ?? 0);
    // One of them has it anew, as an attempt of its own.
    expect(Math.max(...started)).toBeGreaterThan(move.there.epoch);
  });

  test('is given up by its target at once when the source runs it again', () => {
    const move = new MoveInSteps();
    move.source.says({
      ...{ t: 'move-failed', ...move.here, toEpoch: move.there.epoch },
      ...{ outcome: 'thawed', reason: 'somebody woke it' },
    });
    move.live(500);
    expect(move.target.last('abandon')).toMatchObject(move.there);
    expect(move.task).toMatchObject({ machine: 'pc-91', attempt: 1, state: 'running' });
    // What it says later changes nothing, and is taken from it.
    move.target.says({ t: 'all-here', ...move.there });
    move.live(500);
    expect(move.target.last('discard')).toMatchObject(move.there);
    expect(move.task).toMatchObject({ machine: 'pc-91', attempt: 1, state: 'running' });
  });

  test('goes on at its source when the target is lost', () => {
    const move = new MoveInSteps();
    move.live(seconds(14), [move.source]);
    expect(move.source.last('keep')).toMatchObject(move.here);
    expect(move.source.last('discard')).toBeUndefined();
    expect(move.task).toMatchObject({ machine: 'pc-91', attempt: 1, state: 'running' });
  });

  test('goes back to the queue when the source is lost and the target cannot go on without it', () => {
    const move = new MoveInSteps();
    move.live(seconds(14), [move.target]);
    expect(move.target.last('abandon')).toMatchObject(move.there);
    move.target.says({ t: 'abandoned', ...move.there, reason: 'its memory was at pc-91' });
    move.live(500, [move.target]);
    // Placed anew, from zero, on the one PC that is left.
    expect(move.target.last('start')).toMatchObject({ task: move.here.task, checkpoint: null });
  });

  test('stays at its target when the source is lost and all is there after all', () => {
    const move = new MoveInSteps();
    move.live(seconds(14), [move.target]);
    move.target.says({ t: 'all-here', ...move.there });
    move.live(500, [move.target]);
    expect(move.task).toMatchObject({ machine: 'pc-92', attempt: 2, state: 'running' });
  });
});

test('a source that confirms what it drops is told once, one of the version before in its own way as well', () => {
  for (const can of [[capabilities.confirmsDiscards], undefined]) {
    const move = new MoveInSteps();
    move.source.links([{ ...move.here, state: 'uncertain' }], can);
    move.live(500);
    move.target.says({ t: 'all-here', ...move.there });
    move.live(seconds(12));
    expect(move.source.last('discard')).toMatchObject({ ...move.here, confirm: true });
    const asBefore = move.source.heard.some(
      ({ t, ...of }) => t === 'abandon' && 'epoch' in of && of.epoch === move.here.epoch,
    );
    expect(asBefore).toBe(can === undefined);
  }
});
