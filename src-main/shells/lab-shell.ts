import type { SeatView } from '../../shared/api/seat-views.ts';
import type { LabView, MachineView, JobView, JobDetail, Report } from '../../shared/api/views.ts';
import { ok, type Result } from '../../shared/base/result.ts';
import { refuseFor } from '../../shared/domain/refusals.ts';
import type { EpochMillis, Millis } from '../../shared/base/units.ts';
import type { AttemptKey } from '../../shared/domain/attempt-key.ts';
import type { BlobHash, JobId, MemberId, TaskId } from '../../shared/domain/ids.ts';
import type { JobSpec } from '../../shared/domain/job.ts';
import type { MemberFacts, ReleaseMoment } from '../../shared/domain/member.ts';
import type { LabTimings } from '../../shared/domain/timings.ts';
import type { Waiting } from '../../shared/domain/waiting.ts';
import type { Disposable } from '../../shared/ports/clock.ts';
import type { LabPc } from '../ports/netboot.ts';
import type { SeenReport } from '../../shared/wire/enrolment.ts';
import {
  cancelJob,
  considerJob,
  holdJob,
  resumeJob,
  submitJob,
} from '../core/commands/job-commands.ts';
import { migrateTask, moveTargets, type MoveTarget } from '../core/commands/migrate.ts';
import { removeJobs, setKeepFor } from '../core/jobs/retention.ts';
import { findJob, findTask } from '../core/state/find-job.ts';
import { onBlobDamaged } from '../core/attempts/saves.ts';
import { referencedBlobs } from '../core/state/referenced-blobs.ts';
import type { LabState } from '../core/state/state.ts';
import {
  banMembers,
  cordonMembers,
  enrolMember,
  evacuateMembers,
  forgetMembers,
  releaseMembers,
  unbanMembers,
  uncordonMembers,
} from '../core/commands/member-commands.ts';
import { clearSeats, giveSeats, seatViews, type SeatWish } from '../core/commands/seats.ts';
import { standingOf, type Standing } from '../core/membership/standing.ts';
import { onPowerTaken } from '../core/lab/decide.ts';
import { expectBack } from '../core/membership/returns.ts';
import { jobFrom, jobWithTask, jobWithTasks } from '../core/views/job-detail.ts';
import { jobOutputs, type TaskOutputs } from '../core/views/job-outputs.ts';
import { jobView, jobViews } from '../core/views/job-view.ts';
import { labPcs } from '../core/views/lab-pcs.ts';
import { labView } from '../core/views/lab-view.ts';
import { machineViews } from '../core/views/machine-view.ts';
import { nightReport } from '../core/views/report.ts';
import { BlobHolds } from './blob-holds.ts';
import type { BlobReferences } from '../core/state/referenced-blobs.ts';
import { LabTurns, type LabTurnsPorts, type LogCutting } from './lab-turns.ts';
import { LogCutter } from './log-cutter.ts';
import { LogReaders, type LogSink, type LogSource } from './log-readers.ts';
import { MemberInputs } from './member-inputs.ts';
import { PastNights } from './past-nights.ts';
import { UnenrolledPcs } from './unenrolled-pcs.ts';

export interface LabShellPorts extends LabTurnsPorts {
  readonly blobs: LogSource & {
    has(hash: BlobHash): { readonly size: number } | undefined;
    /** UTF-8, in pieces of whole characters. */
    readText(hash: BlobHash): AsyncIterable<string>;
  };
}

export interface LabShellSettings {
  readonly lab: string;
  readonly labId: string;
  readonly timings: LabTimings;
  readonly practice: boolean;
  readonly address: () => string;
  /** `host:port` of another head that serves this very lab. */
  readonly otherHead?: () => string | null;
  /** `07:30`, as the clock on the lab's wall has it. */
  readonly timeOfDay: (at: EpochMillis) => string;
}

type Names = readonly string[] | 'all';

/** The lab's face: commands become turns (`LabTurns`), queries read its state. Members have theirs in `MemberInputs`. */
export class LabShell {
  readonly #ports: LabShellPorts;
  readonly #settings: LabShellSettings;
  readonly #unenrolled = new UnenrolledPcs();
  readonly #logs: LogReaders;
  readonly #past: PastNights;
  readonly #cutter: LogCutter;
  readonly #turns: LabTurns;
  readonly #inputs: MemberInputs;
  readonly #holds = new BlobHolds();
  readonly #startedAt: number;

  constructor(ports: LabShellPorts, settings: LabShellSettings) {
    const { clock, links, store, blobs } = ports;
    const { lab, timings } = settings;
    this.#ports = ports;
    this.#settings = settings;
    this.#startedAt = clock.wall();
    this.#past = new PastNights(clock, store);
    this.#logs = new LogReaders(links, blobs);
    const minuteOfDay = (at: EpochMillis): number => minuteIn(settings.timeOfDay(at));
    const tell = (night: number) => this.#past.tell(night, lab, settings.timeOfDay);
    this.#cutter = new LogCutter({ clock, store, log: ports.log, past: this.#past, tell });
    const cutLog: LogCutting['cutLog'] = (of, night) => this.#cutter.cut(of, night);
    const own = { ...ports, minuteOfDay, cutLog };
    this.#turns = new LabTurns(own, lab, timings, this.#logs, String(this.#startedAt));
    const [turns, logs, unenrolled] = [this.#turns, this.#logs, this.#unenrolled];
    const around = {
      hasBlob: (hash: BlobHash) => blobs.has(hash),
      readText: (hash: BlobHash) => blobs.readText(hash),
      holds: this.#holds,
    };
    this.#inputs = new MemberInputs({ clock, links, timings, turns, logs, unenrolled, ...around });
  }

  /** Begins to listen and to tick. */
  start(): void {
    this.#inputs.start();
  }

  stop(): void {
    this.#inputs.stop();
    this.#cutter.stop();
    this.#turns.close();
    this.#logs.close();
  }

  /** Ends at once without storing what is pending, as a killed process does; for simulations of it. */
  crash(): void {
    this.#inputs.stop();
    this.#cutter.stop();
    this.#turns.drop();
  }

  /** To be looked at by simulations, which compare it with what the log alone tells. */
  get state(): LabState {
    return this.#turns.state;
  }

  onChange(listener: () => void): Disposable {
    return this.#turns.onChange(listener);
  }

  /** What the settings tell, and not the lab itself, is another now. */
  surroundingsChanged(): void {
    this.#turns.changed();
  }

  // ---- commands

  /** Gives a PC that proved its token its name; the same PC gets the same name every night. */
  enrol(
    facts: MemberFacts,
    wantedName: string | null,
    by?: string,
  ): Result<{ member: MemberId; name: string }> {
    return this.#turns.command((turn) => {
      const enrolled = enrolMember(turn, facts, wantedName, by);
      if (enrolled.ok) this.#unenrolled.forget(facts.machineKey);
      return enrolled;
    });
  }

  /** A PC that was seen and did not enrol says why. */
  seen(report: SeenReport & { readonly code?: string }): void {
    this.#unenrolled.saw({ ...report, at: this.#ports.clock.wall() });
    this.#turns.changed();
  }

  /** The head's disk has not kept this blob as it was; it counts as absent now. */
  blobDamaged(hash: BlobHash): void {
    this.#turns.input((turn) => onBlobDamaged(turn, hash));
  }

  /** What `submit` would say, before the inputs are here. */
  consider(spec: JobSpec): Result<{ warnings: Waiting[] }> {
    return considerJob(this.#turns.state, spec);
  }

  submit(spec: JobSpec, held = false): Result<{ id: JobId; warnings: Waiting[] }> {
    const has = (hash: BlobHash): boolean => this.#ports.blobs.has(hash) !== undefined;
    return this.#turns.command((turn) => submitJob(turn, spec, held, has));
  }

  cancelJob(job: string): Result<{ id: JobId }> {
    return this.#turns.command((turn) => cancelJob(turn, job));
  }

  holdJob(job: string): Result<{ id: JobId }> {
    return this.#turns.command((turn) => holdJob(turn, job));
  }

  resumeJob(job: string): Result<{ id: JobId }> {
    return this.#turns.command((turn) => resumeJob(turn, job));
  }

  removeJobs(jobs: readonly string[]): Result<{ ids: JobId[] }> {
    return this.#turns.command((turn) => removeJobs(turn, jobs));
  }

  /** How long jobs are kept that are over; `wanted`: from now on. */
  keepFor(wanted: Millis | null): Result<{ keepFor: Millis }> {
    if (wanted === null) return ok({ keepFor: this.#turns.state.keepFor });
    return this.#turns.command((turn) => setKeepFor(turn, wanted));
  }

  migrate(task: string, machine: string): Result<{ task: TaskId; from: string; to: string }> {
    return this.#turns.command((turn) => migrateTask(turn, task, machine));
  }

  moveTargets(task: string): Result<MoveTarget[]> {
    return moveTargets(this.#turns.state, task);
  }

  cordon(names: Names): Result<{ machines: string[] }> {
    return this.#turns.command((turn) => cordonMembers(turn, names));
  }

  uncordon(names: Names): Result<{ machines: string[] }> {
    return this.#turns.command((turn) => uncordonMembers(turn, names));
  }

  ban(names: readonly string[], because: string | null): Result<{ machines: string[] }> {
    return this.#turns.command((turn) => banMembers(turn, names, because));
  }

  unban(names: readonly string[]): Result<{ machines: string[] }> {
    return this.#turns.command((turn) => unbanMembers(turn, names));
  }

  forget(names: readonly string[]): Result<{ machines: string[] }> {
    return this.#turns.command((turn) => forgetMembers(turn, names));
  }

  evacuate(names: Names): Result<{ machines: string[] }> {
    return this.#turns.command((turn) => evacuateMembers(turn, names));
  }

  release(
    names: Names,
    when: ReleaseMoment,
    preview = false,
  ): Result<{ machines: string[]; minutesLost: number }> {
    return this.#turns.command((turn) => releaseMembers(turn, names, when, preview));
  }

  giveSeats(seats: readonly SeatWish[]): Result<{ changed: number }> {
    return this.#turns.command((turn) => giveSeats(turn, seats));
  }

  clearSeats(names: Names): Result<{ changed: number }> {
    return this.#turns.command((turn) => clearSeats(turn, names));
  }

  /** A person asked for these PCs: those that were given back may come back at any time. Unknown names are passed over. */
  expectBack(names: readonly string[]): Result<null> {
    return this.#turns.command((turn) => {
      expectBack(turn, names);
      return ok(null);
    });
  }

  /** These PCs have no power any more, and whoever says so took it. */
  powerTaken(names: readonly string[]): Result<null> {
    return this.#turns.command((turn) => {
      onPowerTaken(turn, names);
      return ok(null);
    });
  }

  // ---- queries

  /** What a certificate with this name in it is good for at this moment. */
  standingOf(id: MemberId): Standing {
    return standingOf(this.#turns.state, id);
  }

  /** What let a member in last. */
  letInBy(id: MemberId): string | null {
    return this.#turns.state.members.get(id)?.enrolledBy ?? null;
  }

  /** Of each token, the names of PCs that it let in last; `enrolledBy` of members. */
  enrolledBy(token: string): string[] {
    const { members } = this.#turns.state;
    return [...members.values()].flatMap(({ name, enrolledBy }) =>
      enrolledBy === token ? [name] : [],
    );
  }

  view(): LabView {
    const { lab, labId, practice, address, otherHead, timeOfDay } = this.#settings;
    const around = {
      ...{ lab, labId, practice, startedAt: this.#startedAt, address: address() },
      otherHead: otherHead?.() ?? null,
      unenrolled: this.#unenrolled.all(),
      diary: this.#turns.diary.lines(),
    };
    return labView(this.#turns.state, around, timeOfDay, this.#ports.clock.wall());
  }

  /** Their network cards, for booting and waking them; `all`: whatever became of them. */
  pcs(names: Names): Result<LabPc[]> {
    return labPcs(this.#turns.state, names);
  }

  seats(): SeatView[] {
    return seatViews(this.#turns.state);
  }

  machines(): MachineView[] {
    return machineViews(this.#turns.state, this.#settings.timeOfDay);
  }

  jobs(): JobView[] {
    return jobViews(this.#turns.state);
  }

  jobRow(text: string): Result<JobView> {
    const { state } = this.#turns;
    const job = findJob(state, text);
    return job.ok ? ok(jobView(state, job.value)) : job;
  }

  job(text: string, task: number | null = null, from: number | null = null): Result<JobDetail> {
    const { state } = this.#turns;
    const job = findJob(state, text);
    if (!job.ok) return job;
    const now = this.#ports.clock.wall();
    return ok(
      task === null
        ? jobFrom(state, job.value, now, from ?? 0)
        : jobWithTask(state, job.value, now, task),
    );
  }

  jobChanges(
    text: string,
    since: string | null,
  ): Result<{ revision: string; whole: boolean; job: JobDetail }> {
    const { state, revisions } = this.#turns;
    const found = findJob(state, text);
    if (!found.ok) return found;
    const now = this.#ports.clock.wall();
    const changed = revisions.since(since, found.value.id);
    const job = changed && jobWithTasks(state, found.value, now, changed);
    return ok({
      revision: revisions.current,
      whole: job === null,
      job: job ?? jobFrom(state, found.value, now, 0),
    });
  }

  outputs(text: string, from = 0): Result<TaskOutputs[]> {
    return jobOutputs(this.#turns.state, text, from);
  }

  /** A task's output, from its first byte; with `follow`, until the task is over. */
  logs(text: string, follow: boolean, sink: LogSink): Result<Disposable> {
    const task = findTask(this.#turns.state, text);
    return task.ok ? ok(this.#logs.read(task.value, follow, sink)) : task;
  }

  report(): Report {
    const { lab, timeOfDay } = this.#settings;
    return nightReport(this.#turns.state, lab, this.#ports.clock.wall(), timeOfDay);
  }

  /** Of an earlier night, or of the newest one. */
  async reportOf(night: number): Promise<Result<Report>> {
    const newest = this.#turns.state.night.number;
    if (night === newest) return ok(this.report());
    const { lab, timeOfDay } = this.#settings;
    const report = night < newest ? await this.#past.report(night, lab, timeOfDay) : undefined;
    if (report) return ok(report);
    return refuseFor('not-found', 'no-such-night', { night, newest });
  }

  /** A member has sent it for one of its attempts, and will speak of it. */
  holdBlob(member: MemberId, of: AttemptKey, hash: BlobHash): void {
    this.#holds.hold(member, of, hash);
  }

  /** Blobs that something in the lab still needs, or will speak of. */
  referencedBlobs(): BlobReferences {
    const found = referencedBlobs(this.#turns.state);
    this.#holds.addTo(found, this.#turns.state);
    const { store } = this.#ports;
    return { has: (hash) => found.has(hash) || store.hasState('refs', hash) };
  }
}

/** `07:30` → 450. */
function minuteIn(timeOfDay: string): number {
  const [hour = 0, minute = 0] = timeOfDay.split(':').map(Number);
  return hour * 60 + minute;
}
