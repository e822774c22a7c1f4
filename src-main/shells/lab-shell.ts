import type {
  LabView,
  MachineView,
  JobView,
  JobDetail,
  Report,
  StrangerView,
} from '../../shared/api/views.ts';
import { assertNever } from '../../shared/base/assert-never.ts';
import { ok, refuse, type Result } from '../../shared/base/result.ts';
import { epochMillis, millis, type EpochMillis, type Millis } from '../../shared/base/units.ts';
import type { BlobHash, JobId, MemberId, TaskId } from '../../shared/domain/ids.ts';
import type { JobSpec, OutputFile } from '../../shared/domain/job.ts';
import type { Member, MemberFacts, ReleaseMoment } from '../../shared/domain/member.ts';
import { nightshiftVersion } from '../../shared/domain/settings.ts';
import type { LabTimings } from '../../shared/domain/timings.ts';
import type { Clock, Disposable } from '../../shared/ports/clock.ts';
import type { EventStore } from '../../shared/ports/event-store.ts';
import type { MemberLinks } from '../../shared/ports/member-link.ts';
import type { LabPc } from '../../shared/ports/netboot.ts';
import type { Rng } from '../../shared/ports/rng.ts';
import type { SeenReport } from '../../shared/wire/enrolment.ts';
import type { ToHead } from '../../shared/wire/to-head.ts';
import {
  cancelJob,
  findJob,
  findMembers,
  findTask,
  holdJob,
  migrateTask,
  resumeJob,
  submitJob,
  tasksOf,
} from '../core/jobs/commands.ts';
import { isOver } from '../core/lab/state.ts';
import { onClosed, onMessage, onTick, settle } from '../core/lab/decide.ts';
import type { LabEvent } from '../core/lab/events.ts';
import type { LabState } from '../core/lab/state.ts';
import { beginTurn, type Turn } from '../core/lab/turn.ts';
import { beginDrain, lossOf } from '../core/membership/drains.ts';
import { onUncordon } from '../core/membership/leases.ts';
import { freeName, memberOfMachine } from '../core/membership/names.ts';
import { expectBack } from '../core/membership/returns.ts';
import { jobDetail, jobView } from '../core/views/job-view.ts';
import { machineView } from '../core/views/machine-view.ts';
import { nightReport } from '../core/views/report.ts';
import { Diary } from './diary-pages.ts';
import { loadLab, projectionsOf } from './lab-rows.ts';
import { PastNights } from './past-nights.ts';
import { LogDesk, type LogSink, type LogSource } from './log-desk.ts';
import { TaskRevisions } from './task-revisions.ts';

export interface LabShellPorts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly store: EventStore<LabEvent>;
  readonly links: MemberLinks;
  readonly blobs: LogSource & { has(hash: BlobHash): { readonly size: number } | undefined };
  /** Facts for diagnosis; never shown to users. */
  readonly log: (line: string) => void;
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

/**
 * Feeds the core and performs what it directs. Every input is one turn; the turn's events and projections are stored in
 * one transaction, and only then are its messages sent and its caller answered. Turns of members' messages that
 * arrive together share a transaction.
 */
export class LabShell {
  readonly #ports: LabShellPorts;
  readonly #settings: LabShellSettings;
  readonly #listeners = new Set<() => void>();
  readonly #strangers = new Map<string, StrangerView>();
  readonly #logs: LogDesk;
  readonly #revisions: TaskRevisions;
  readonly #diary: Diary;
  readonly #past: PastNights;
  readonly #startedAt: number;
  #state: LabState;
  #pending: Turn[] = [];
  #flushing: Disposable | undefined;
  #ticking: Disposable | undefined;
  #refused: string | undefined;

  constructor(ports: LabShellPorts, settings: LabShellSettings) {
    this.#ports = ports;
    this.#settings = settings;
    this.#startedAt = ports.clock.wall();
    this.#state = loadLab(ports.store, ports.clock.now());
    this.#diary = new Diary(this.#state, ports.store);
    this.#past = new PastNights(ports.clock, ports.store);
    this.#revisions = new TaskRevisions(String(this.#startedAt));
    this.#logs = new LogDesk(ports.links, ports.blobs);
  }

  /** Begins to listen and to tick. */
  start(): void {
    this.#ports.links.listen({
      onMessage: (member, message) => this.#onMessage(member, message),
      onClosed: (member) => {
        this.#onMember(member, onClosed);
        this.#logs.onLinkClosed(member);
      },
    });
    this.#tick();
  }

  stop(): void {
    this.#ticking?.dispose();
    this.#ticking = undefined;
    this.#flush();
    this.#logs.close();
  }

  /** Ends at once without storing what is pending, as a killed process does; for simulations of it. */
  crash(): void {
    this.#ticking?.dispose();
    this.#flushing?.dispose();
    this.#pending = [];
  }

  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  }

  // ---- inputs from members

  #onMessage(id: MemberId, message: ToHead): void {
    if (message.t === 'log-piece') this.#logs.onPiece(id, message);
    else this.#onMember(id, (turn, member) => onMessage(turn, member, message));
    if (message.t !== 'hello') return;
    this.#strangers.delete(message.facts.machineKey);
    this.#logs.onLinkClosed(id);
    this.#logs.onLinkOpened(id);
  }

  #onMember(id: MemberId, act: (turn: Turn, member: Member) => void): void {
    const member = this.#state.members.get(id);
    if (!member) {
      // Its certificate is of this lab, but the books know nothing of it: it has to enrol again.
      this.#ports.links.send(id, {
        t: 'refused',
        reason: 'the head does not know this PC any more; it enrols again',
      });
      this.#ports.links.close(id);
      return;
    }
    const turn = this.#turn();
    act(turn, member);
    this.#later(turn);
  }

  #tick(): void {
    const turn = this.#turn();
    onTick(turn);
    this.#later(turn);
    this.#ticking = this.#ports.clock.after('lab tick', tickEvery(this.#settings.timings), () =>
      this.#tick(),
    );
  }

  // ---- turns

  #turn(): Turn {
    const { clock, rng } = this.#ports;
    return beginTurn(this.#state, this.#settings.timings, rng, clock.now(), clock.wall());
  }

  #later(turn: Turn): void {
    const { members, tasks } = turn.touched;
    const isTouched = members.size > 0 || tasks.size > 0;
    if (turn.events.length === 0 && turn.directives.length === 0 && !isTouched) return;
    this.#pending.push(turn);
    this.#flushing ??= this.#ports.clock.after('store turns', millis(0), () => this.#flush());
  }

  /** Stores what is pending, then acts. When the disk refuses, nothing of it has happened: the lab is read back. */
  #flush(): boolean {
    this.#flushing?.dispose();
    this.#flushing = undefined;
    const turns = this.#pending;
    this.#pending = [];
    if (turns.length === 0) return true;
    const events = turns.flatMap((turn) => turn.events);
    try {
      if (events.length > 0)
        this.#ports.store.append(
          epochMillis(turns[0]?.wall ?? 0),
          events,
          projectionsOf(this.#state, turns),
        );
    } catch (error) {
      this.#refused = error instanceof Error ? error.message : String(error);
      this.#ports.log(`the store refused: ${this.#refused}`);
      this.#state = loadLab(this.#ports.store, this.#ports.clock.now());
      this.#revisions.forget();
      // Members say again on their next hello whatever was forgotten here.
      for (const id of this.#state.members.keys()) this.#ports.links.close(id);
      this.#changed();
      return false;
    }
    this.#diary.add(this.#state, turns);
    for (const turn of turns) {
      this.#revisions.note(turn.touched.tasks);
      for (const directive of turn.directives) {
        switch (directive.d) {
          case 'send':
            this.#ports.links.send(directive.member, this.#address(directive.message));
            break;
          case 'close':
            this.#ports.links.close(directive.member);
            break;
          default:
            assertNever(directive, 'directive');
        }
      }
      for (const id of turn.touched.tasks) this.#logs.onTaskChanged(id, this.#state.tasks.get(id));
    }
    this.#changed();
    return true;
  }

  /** The welcome carries the lab's name, which the core has no use for. */
  #address<Message extends Parameters<MemberLinks['send']>[1]>(message: Message): Message {
    return message.t === 'welcome' ? { ...message, lab: this.#settings.lab } : message;
  }

  /** What the settings tell, and not the lab itself, is another now. */
  surroundingsChanged(): void {
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  /** A command: decided, stored and acknowledged in one go. */
  #command<Value>(act: (turn: Turn) => Result<Value>): Result<Value> {
    const turn = this.#turn();
    const result = act(turn);
    if (!result.ok && turn.events.length === 0) return result;
    settle(turn);
    this.#pending.push(turn);
    return this.#flush()
      ? result
      : refuse('failed', `it could not be stored: ${this.#refused ?? 'the disk refused'}`);
  }

  // ---- commands

  /** Gives a PC that proved its token its name; the same PC gets the same name every night. */
  enrol(facts: MemberFacts, wantedName: string | null): Result<{ member: MemberId; name: string }> {
    return this.#command((turn) => {
      const known = memberOfMachine(this.#state.members.values(), facts);
      const member = known?.id ?? freeName(this.#state.members, wantedName);
      const name = known?.name ?? member;
      turn.emit({ e: 'member-enrolled', member, name, seat: known?.seat ?? null, facts });
      this.#strangers.delete(facts.machineKey);
      return ok({ member, name });
    });
  }

  /** A PC that was seen and did not enrol says why. */
  seen(report: SeenReport & { readonly code?: string }): void {
    this.#strangers.set(report.machineKey, { ...report, at: this.#ports.clock.wall() });
    if (this.#strangers.size > 200)
      this.#strangers.delete(this.#strangers.keys().next().value ?? '');
    this.#changed();
  }

  submit(spec: JobSpec, held = false): Result<{ id: JobId; warnings: string[] }> {
    return this.#command((turn) =>
      submitJob(turn, spec, held, (hash) => this.#ports.blobs.has(hash) !== undefined),
    );
  }

  cancelJob(job: string): Result<{ id: JobId }> {
    return this.#command((turn) =>
      chain(findJob(this.#state, job), (found) => cancelJob(turn, found)),
    );
  }

  holdJob(job: string): Result<{ id: JobId }> {
    return this.#command((turn) =>
      chain(findJob(this.#state, job), (found) => holdJob(turn, found)),
    );
  }

  resumeJob(job: string): Result<{ id: JobId }> {
    return this.#command((turn) =>
      chain(findJob(this.#state, job), (found) => resumeJob(turn, found)),
    );
  }

  migrate(task: string, machine: string): Result<{ task: TaskId; from: string; to: string }> {
    return this.#command((turn) =>
      chain(findTask(this.#state, task), (found) =>
        chain(findMembers(this.#state, [machine]), ([to]) =>
          to ? migrateTask(turn, found, to) : refuse('not-found', 'no machine'),
        ),
      ),
    );
  }

  cordon(names: readonly string[] | 'all'): Result<{ machines: string[] }> {
    return this.#each(names, (turn, member) => {
      if (!member.cordoned)
        turn.emit({ e: 'member-cordoned', member: member.id, because: 'asked for by hand' });
      return undefined;
    });
  }

  uncordon(names: readonly string[] | 'all'): Result<{ machines: string[] }> {
    return this.#each(names, (turn, member) => {
      onUncordon(turn, member);
      return undefined;
    });
  }

  evacuate(names: readonly string[] | 'all'): Result<{ machines: string[] }> {
    return this.#each(names, (turn, member) => {
      if (!isHere(member)) return `${member.name} is not in the lab (it is ${member.state}).`;
      beginDrain(turn, member, 'evacuate', 'checkpoint', 'asked for by hand');
      return undefined;
    });
  }

  release(
    names: readonly string[] | 'all',
    when: ReleaseMoment,
    preview = false,
  ): Result<{ machines: string[]; minutesLost: number }> {
    let lost = 0;
    const result = this.#each(names, (turn, member) => {
      if (member.state === 'released') return undefined;
      if (!isHere(member)) return `${member.name} is not in the lab (it is ${member.state}).`;
      lost += lossOf(turn, member, when);
      if (!preview) beginDrain(turn, member, 'release', when, 'asked for by hand');
      return undefined;
    });
    return result.ok ? ok({ ...result.value, minutesLost: Math.round(lost / 600) / 100 }) : result;
  }

  /** A person asked for these PCs: those that were given back may come back at any time. Unknown names are passed over. */
  expectBack(names: readonly string[]): Result<null> {
    return this.#command((turn) => {
      expectBack(turn, names);
      return ok(null);
    });
  }

  /** All or none: the first member that cannot refuses for all. */
  #each(
    names: readonly string[] | 'all',
    act: (turn: Turn, member: Member) => string | undefined,
  ): Result<{ machines: string[] }> {
    return this.#command((turn) =>
      chain(findMembers(this.#state, names), (members) => {
        for (const member of members) {
          const fault = act(turn, member);
          if (fault) return refuse('refused', fault);
        }
        return ok({ machines: members.map((member) => member.name) });
      }),
    );
  }

  // ---- queries

  view(): LabView {
    const { lab, labId, practice, address } = this.#settings;
    const moves: LabView['moves'] = [];
    for (const id of this.#state.index.active) {
      const attempt = this.#state.tasks.get(id)?.attempt;
      if (attempt?.move)
        moves.push({
          task: id,
          from: this.#name(attempt.machine),
          to: this.#name(attempt.move.to),
          because: attempt.move.because,
        });
    }
    return {
      lab,
      labId,
      version: nightshiftVersion,
      night: this.#state.night.number,
      startedAt: this.#startedAt,
      address: address(),
      practice,
      otherHead: this.#settings.otherHead?.() ?? null,
      machines: this.machines(),
      strangers: [...this.#strangers.values()],
      jobs: this.jobs(),
      moves,
      diary: this.#diary.lines(),
    };
  }

  /** Their network cards, for booting and waking them; `all`: whatever became of them. */
  pcs(names: readonly string[] | 'all'): Result<LabPc[]> {
    const members =
      names === 'all' ? ok([...this.#state.members.values()]) : findMembers(this.#state, names);
    return chain(members, (found) =>
      ok(
        found.map(({ name, facts, state, releasedAt }) => ({
          name,
          machineKey: facts.machineKey,
          address: facts.address,
          isHere: state !== 'released' && state !== 'lost',
          releasedAt,
        })),
      ),
    );
  }

  machines(): MachineView[] {
    return [...this.#state.members.values()]
      .map((member) => machineView(this.#state, member, this.#settings.timeOfDay))
      .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  }

  jobs(): JobView[] {
    return [...this.#state.jobs.values()].map((job) => jobView(this.#state, job));
  }

  job(text: string, task: number | null = null): Result<JobDetail> {
    const shows = ({ index }: { readonly index: number }): boolean =>
      task === null || index === task;
    return chain(findJob(this.#state, text), (job) =>
      ok(jobDetail(this.#state, job, this.#ports.clock.wall(), shows)),
    );
  }

  jobChanges(
    text: string,
    since: string | null,
  ): Result<{ revision: string; whole: boolean; job: JobDetail }> {
    const changed = this.#revisions.since(since);
    return chain(findJob(this.#state, text), (job) =>
      ok({
        revision: this.#revisions.current,
        whole: changed === null,
        // What runs uses processor time, which is no event.
        job: jobDetail(
          this.#state,
          job,
          this.#ports.clock.wall(),
          ({ id, attempt }) => changed === null || attempt !== null || changed(id),
        ),
      }),
    );
  }

  outputs(
    text: string,
  ): Result<{ task: TaskId; index: number; files: OutputFile[]; log: string | null }[]> {
    return chain(findJob(this.#state, text), (job) =>
      ok(
        tasksOf(this.#state, job).map((task) => ({
          task: task.id,
          index: task.index,
          files: [...task.outputs],
          log: task.log,
        })),
      ),
    );
  }

  /** A task's output, from its first byte; with `follow`, until the task is over. */
  logs(text: string, follow: boolean, sink: LogSink): Result<Disposable> {
    return chain(findTask(this.#state, text), (task) => ok(this.#logs.read(task, follow, sink)));
  }

  report(): Report {
    const { lab, timeOfDay } = this.#settings;
    return nightReport(this.#state, lab, this.#ports.clock.wall(), timeOfDay);
  }

  /** Of an earlier night, or of the newest one. */
  async reportOf(night: number): Promise<Result<Report>> {
    const newest = this.#state.night.number;
    if (night === newest) return ok(this.report());
    const { lab, timeOfDay } = this.#settings;
    const report = night < newest ? await this.#past.report(night, lab, timeOfDay) : undefined;
    if (report) return ok(report);
    const known = newest === 0 ? 'no night has begun yet' : `the newest is night ${newest}`;
    return refuse('not-found', `there is no night ${night}; ${known}.`);
  }

  /** Blobs that something in the lab still needs. */
  referencedBlobs(): Set<BlobHash> {
    const found = new Set<BlobHash>();
    for (const job of this.#state.jobs.values()) {
      const open = (this.#state.index.open.get(job.id) ?? 0) > 0;
      if (open) for (const input of job.spec.inputs) found.add(input.hash);
    }
    for (const task of this.#state.tasks.values()) {
      if (task.log) found.add(task.log);
      for (const output of task.outputs) found.add(output.hash);
      if (!isOver(task)) {
        for (const checkpoint of task.checkpoints) {
          found.add(checkpoint.hash);
          if (checkpoint.log) found.add(checkpoint.log);
        }
      }
    }
    return found;
  }

  #name(id: MemberId): string {
    return this.#state.members.get(id)?.name ?? id;
  }
}

const isHere = (member: Member): boolean =>
  member.state === 'ready' || member.state === 'draining' || member.state === 'suspect';

/** A few ticks per heartbeat keep every deadline within a fraction of it. */
const tickEvery = (timings: LabTimings): Millis =>
  millis(Math.min(1500, Math.max(50, timings.heartbeat / 4)));

const chain = <A, B>(first: Result<A>, then: (value: A) => Result<B>): Result<B> =>
  first.ok ? then(first.value) : first;
