import type { JobView, LabView, MachineView, Report, TaskView } from '../../shared/api/views.ts';
import type { SeatView } from '../../shared/api/seat-views.ts';
import { hours, millis, minutes, seconds } from '../../shared/base/units.ts';
import { blobHash, jobId } from '../../shared/domain/ids.ts';
import { type SimulatedLab, valueOf } from '../../src-sim/simulated-lab.ts';

/** What a Nightshift tells of its lab. */
export interface Told {
  readonly firstNight: Report;
  readonly report: Report;
  readonly machines: readonly MachineView[];
  readonly jobs: readonly JobView[];
  readonly diary: LabView['diary'];
  /** By job, in the order of `jobs`. */
  readonly tasks: readonly (readonly TaskView[])[];
  readonly seats: readonly SeatView[];
}

const pcs = [1, 2, 3, 4, 5, 6];
const nameOf = (pc: number): string => `pc-0${pc}`;

/** Two nights of six PCs in which nearly every kind of event happens; the lab is left in the middle of its work. */
export function playTwoNights(lab: SimulatedLab): Told {
  const story = new Story(lab);
  lab.boot(6);
  lab.until('all are here', () => pcs.every(story.isReady));
  story.givesSeats();
  story.movesLosesAndSaves();
  story.programsFail();
  story.tasksTakePcsDown();
  const gone = story.aMoveFails();
  story.keepsOut(gone);
  lab.killHead();
  lab.startHead();
  lab.advance(seconds(30));
  const firstNight = story.givesBack();
  lab.advance(hours(9));
  story.secondNight(gone);
  lab.shell.stop();
  return toldOf(lab, firstNight);
}

class Story {
  readonly #lab: SimulatedLab;
  #long = '';

  constructor(lab: SimulatedLab) {
    this.#lab = lab;
  }

  readonly isReady = (pc: number): boolean => this.#lab.statusOf(pc) === 'ready';

  givesSeats(): void {
    const { shell } = this.#lab;
    const seat = (place: number) => ({ room: 'Room 12', row: 1, place });
    const wishes = [1, 2].map((pc) => ({ machine: nameOf(pc), seat: seat(pc) }));
    valueOf(shell.giveSeats(wishes));
    valueOf(shell.clearSeats([nameOf(2)]));
    valueOf(shell.keepFor(millis(30 * 24 * hours(1))));
  }

  movesLosesAndSaves(): void {
    const lab = this.#lab;
    const { shell } = lab;
    const render = lab.submit(8, seconds(100), { name: 'render', owner: 'grace', retries: 1 });
    const long = (this.#long = lab.submit(1, seconds(500), { name: 'proof', priority: 3 }));
    const later = lab.submit(2, seconds(3), { name: 'collect', after: [jobId(render)] });
    const never = lab.submit(4, seconds(3), { name: 'never', afterOk: [jobId(long)] });
    lab.until('they run', () => this.#runs(long) && this.#runs(render));
    valueOf(shell.cancelJob(never));
    lab.advance(seconds(12));
    this.#moveSomewhere(`${long}.0`);
    lab.until('it moved', () => this.#runs(long) && this.#task(long).migrations.length > 0);
    lab.advance(seconds(4));
    const lost = this.#loses(render);
    valueOf(shell.holdJob(long));
    lab.until('it is saved', () => lab.job(long).value.counts.suspended === 1);
    shell.blobDamaged(blobHash([...lab.saved.keys()].at(-1) ?? ''));
    valueOf(shell.resumeJob(long));
    lab.until('it runs on', () => this.#runs(long));
    const emptied = this.#on(long);
    valueOf(shell.evacuate([nameOf(emptied)]));
    lab.until('it is empty', () => this.isReady(emptied) && this.#machine(emptied).cordoned);
    valueOf(shell.uncordon([nameOf(emptied)]));
    const other = pcs.find((pc) => pc !== emptied && this.isReady(pc)) ?? 0;
    valueOf(shell.cordon([nameOf(other)]));
    valueOf(shell.uncordon([nameOf(other)]));
    lab.until('all is rendered', () => lab.isDone(render) && lab.isDone(later));
    lab.pc(lost).boot();
    lab.until('it is back', () => this.isReady(lost));
  }

  programsFail(): void {
    const lab = this.#lab;
    lab.exitCodes = [3, 0];
    const again = lab.submit(1, seconds(3), { name: 'again', retries: 1 });
    lab.until('the second try is done', () => lab.isDone(again));
    lab.exitCodes = [7];
    const bad = lab.submit(1, seconds(3), { name: 'bad' });
    lab.until('it failed', () => lab.job(bad).value.counts.failed === 1);
    lab.exitCodes = [];
    valueOf(lab.shell.removeJobs([again]));
  }

  tasksTakePcsDown(): void {
    const lab = this.#lab;
    const breaks = (name: string): string => {
      const job = lab.submit(1, seconds(300), { name, owner: 'mallory' });
      for (const _ of [1, 2]) {
        lab.until('it runs', () => this.#runs(job));
        lab.advance(seconds(2));
        this.#loses(job);
      }
      lab.until('it is held', () => this.#task(job).phase === 'held');
      return job;
    };
    const breaker = breaks('breaker');
    for (const pc of lab.members()) if (!pc.powered) pc.boot();
    lab.until('all are back', () => pcs.every(this.isReady));
    valueOf(lab.shell.resumeJob(breaker));
    breaks('second breaker');
    // Chance may have put the long one on the same PCs, and the blame with it.
    if (this.#task(this.#long).phase === 'held') valueOf(lab.shell.resumeJob(this.#long));
  }

  /** Its target, which is gone. */
  aMoveFails(): number {
    const lab = this.#lab;
    const mover = lab.submit(1, seconds(90), { name: 'mover' });
    lab.until('it runs', () => this.#runs(mover));
    lab.advance(seconds(3));
    const goal = this.#moveSomewhere(`${mover}.0`);
    lab.pc(goal).unplug();
    lab.until('it is lost', () => lab.statusOf(goal) === 'lost');
    lab.until('it is done where it was', () => lab.isDone(mover));
    return goal;
  }

  keepsOut(gone: number): void {
    const lab = this.#lab;
    const out = pcs.find(this.isReady) ?? 0;
    valueOf(lab.shell.ban([nameOf(out)], 'nobody knows where it stands'));
    lab.until('it is out', () => lab.statusOf(out) === 'lost');
    valueOf(lab.shell.unban([nameOf(out)]));
    lab.pc(out).boot();
    lab.until('it is in again', () => this.isReady(out));
    valueOf(lab.shell.forget([nameOf(gone)]));
    lab.until('the long one is done', () => lab.isDone(this.#long));
  }

  /** One stays for a while, one comes back, one is asked for. */
  givesBack(): Report {
    const lab = this.#lab;
    const overnight = lab.submit(3, seconds(500), { name: 'over two nights' });
    lab.until('it runs', () => this.#runs(overnight));
    lab.advance(seconds(20));
    const stays = pcs.filter((pc) => this.isReady(pc)).at(-1) ?? 0;
    lab.pc(stays).ignoresGo = true;
    valueOf(lab.shell.release('all', 'checkpoint'));
    lab.until('it is seen to stay', () => this.#machine(stays).flag === 'stayed');
    lab.pc(stays).unplug();
    lab.until('it is gone', () => this.#machine(stays).flag === null);
    const [back = 0, asked = 0] = pcs.filter((pc) => lab.statusOf(pc) === 'released');
    lab.pc(back).boot();
    lab.until('it is back', () => this.isReady(back));
    lab.advance(seconds(40));
    valueOf(lab.shell.expectBack([nameOf(asked)]));
    lab.pc(back).unplug();
    lab.until('it left', () => lab.statusOf(back) === 'released');
    return lab.shell.report();
  }

  secondNight(gone: number): void {
    const lab = this.#lab;
    for (const pc of pcs) if (pc !== gone) lab.pc(pc).boot();
    lab.until('most are here', () => pcs.filter(this.isReady).length >= 4);
    lab.advance(minutes(2));
    const job = lab.submit(2, seconds(100), { name: 'under way' });
    lab.until('it runs', () => this.#runs(job));
    lab.advance(seconds(5));
    this.#moveSomewhere(`${job}.1`);
    lab.advance(1);
  }

  #task(job: string): TaskView {
    const [first] = this.#lab.job(job).value.tasks;
    if (!first) throw new Error(`job ${job} has no tasks`);
    return first;
  }

  #runs(job: string): boolean {
    return this.#task(job).phase === 'running';
  }

  #on(job: string): number {
    const { tasks } = this.#lab.job(job).value;
    return Number(/\d+/.exec(tasks.find(({ machine }) => machine)?.machine ?? '')?.[0]);
  }

  #machine(pc: number): MachineView {
    const found = this.#lab.shell.machines().find(({ name }) => name === nameOf(pc));
    if (!found) throw new Error(`no PC ${pc}`);
    return found;
  }

  #moveSomewhere(task: string): number {
    const { shell } = this.#lab;
    const from = this.#on(task.split('.')[0] ?? '');
    const to = pcs.find(
      (pc) => pc !== from && this.isReady(pc) && shell.migrate(task, nameOf(pc)).ok,
    );
    if (to === undefined) throw new Error(`task ${task} may move nowhere`);
    return to;
  }

  #loses(job: string): number {
    const pc = this.#on(job);
    this.#lab.pc(pc).unplug();
    this.#lab.until('it is lost', () => this.#lab.statusOf(pc) === 'lost');
    return pc;
  }
}

function toldOf(lab: SimulatedLab, firstNight: Report): Told {
  const { machines, jobs, diary } = lab.shell.view();
  const tasks = jobs.map(({ id }) => lab.job(id).value.tasks);
  const [report, seats] = [lab.shell.report(), lab.shell.seats()];
  return { firstNight, report, machines, jobs, diary, tasks, seats };
}
