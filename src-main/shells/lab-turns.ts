import { assertNever } from '../../shared/base/assert-never.ts';
import type { Result } from '../../shared/base/result.ts';
import { refuseFor } from '../../shared/domain/refusals.ts';
import { epochMillis, millis, type EpochMillis } from '../../shared/base/units.ts';
import type { LabTimings } from '../../shared/domain/timings.ts';
import type { MemberId } from '../../shared/domain/ids.ts';
import type { Clock, Disposable } from '../../shared/ports/clock.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { MemberLinks } from '../../shared/ports/member-link.ts';
import type { Rng } from '../../shared/ports/rng.ts';
import { settle } from '../core/lab/decide.ts';
import type { LabEvent } from '../core/state/events.ts';
import type { LabState } from '../core/state/state.ts';
import { beginTurn, type LogCut, type Turn } from '../core/state/turn.ts';
import { Diary } from './diary-pages.ts';
import { loadLab, projectionsOf } from './lab-rows.ts';
import type { LogReaders } from './log-readers.ts';
import { TaskRevisions } from './task-revisions.ts';

export interface LabTurnsPorts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly store: EventStore<LabEvent>;
  readonly links: MemberLinks;
  /** Ends all other connections of a member. */
  readonly hangUp?: (member: MemberId) => void;
  /** Facts for diagnosis; never shown to users. */
  readonly log: (line: string) => void;
  /** By the clock on the lab's wall. */
  readonly minuteOfDay?: (at: EpochMillis) => number;
}

export interface LogCutting {
  readonly cutLog: (of: LogCut, newestNight: number) => void;
}

/**
 * The lab's state and the only way to change it. Every input is one turn; the turn's events and projections are stored
 * in one transaction, and only then are its messages sent and its caller answered. Turns of inputs that arrive together
 * share a transaction.
 */
export class LabTurns {
  /** Both follow what has been stored. */
  readonly diary: Diary;
  readonly revisions: TaskRevisions;
  readonly #ports: LabTurnsPorts & LogCutting;
  readonly #lab: string;
  readonly #timings: LabTimings;
  readonly #logs: LogReaders;
  readonly #listeners = new Set<() => void>();
  #state: LabState;
  #pending: Turn[] = [];
  #flushing: Disposable | undefined;
  #settling: Disposable | undefined;
  #refused: string | undefined;
  #minute: { readonly since: number; readonly ofDay: number | null } | undefined;

  /** `lab`: its name; `mark`: see `TaskRevisions`. */
  constructor(
    ports: LabTurnsPorts & LogCutting,
    lab: string,
    timings: LabTimings,
    logs: LogReaders,
    mark: string,
  ) {
    this.#ports = ports;
    this.#lab = lab;
    this.#timings = timings;
    this.#logs = logs;
    this.#state = loadLab(ports.store, ports.clock.now());
    this.diary = new Diary(this.#state, ports.store);
    this.revisions = new TaskRevisions(mark);
  }

  /** Another object after a disk that refused: ask anew each time. */
  get state(): LabState {
    return this.#state;
  }

  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  }

  /** Views are others now: after each storing, and when something changed that is not in the lab's state. */
  changed(): void {
    for (const listener of this.#listeners) listener();
  }

  /** An input that nobody waits for: decided now, stored with whatever else arrives in this moment. */
  input(act: (turn: Turn) => void): void {
    const turn = this.#begin();
    act(turn);
    const { members, tasks } = turn.touched;
    const isTouched = members.size > 0 || tasks.size > 0;
    if (turn.events.length === 0 && turn.directives.length === 0 && !isTouched) return;
    this.#pending.push(turn);
    this.#flushing ??= this.#ports.clock.after('store turns', millis(0), () => this.flush());
  }

  /** A command: decided, stored and acknowledged in one go. */
  command<Value>(act: (turn: Turn) => Result<Value>): Result<Value> {
    const turn = this.#begin();
    const result = act(turn);
    if (!result.ok && turn.events.length === 0) {
      // A refusal may note what people should see, such as a twin.
      if (turn.touched.members.size > 0) this.changed();
      return result;
    }
    settle(turn);
    this.#pending.push(turn);
    return this.flush()
      ? result
      : refuseFor('failed', 'could-not-be-stored', {
          because: this.#refused ?? 'the disk refused',
        });
  }

  /** Stores what is pending, then acts. When the disk refuses, nothing of it has happened: the lab is read back. */
  flush(): boolean {
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
      this.#readBack(error instanceof Error ? error.message : String(error));
      return false;
    }
    this.diary.add(this.#state, turns);
    for (const turn of turns) {
      this.revisions.note(turn.touched.tasks, turn.touched.jobsAsWhole);
      this.#perform(turn);
      for (const id of turn.touched.tasks) this.#logs.onTaskChanged(id, this.#state.tasks.get(id));
    }
    this.changed();
    return true;
  }

  /** Stores what is pending; nothing is decided any more by itself. */
  close(): void {
    this.flush();
    this.#settling?.dispose();
  }

  /** Forgets what is pending, as a killed process does. */
  drop(): void {
    this.#flushing?.dispose();
    this.#settling?.dispose();
    this.#pending = [];
  }

  #begin(): Turn {
    const { clock, rng } = this.#ports;
    // Turns that share a transaction share its moment, or the log would tell another time than they saw.
    const wall = this.#pending[0]?.wall ?? clock.wall();
    return beginTurn(this.#state, this.#timings, rng, clock.now(), wall, this.#minuteAt(wall));
  }

  /** No time zone changes within a minute, and a lab that does nothing has hundreds of turns in one. */
  #minuteAt(wall: EpochMillis): number | null {
    const { minuteOfDay } = this.#ports;
    const since = Math.floor(wall / 60_000);
    if (this.#minute?.since !== since) this.#minute = { since, ofDay: minuteOfDay?.(wall) ?? null };
    return this.#minute.ofDay;
  }

  #readBack(refused: string): void {
    this.#refused = refused;
    this.#ports.log(`the store refused: ${refused}`);
    this.#state = loadLab(this.#ports.store, this.#ports.clock.now());
    this.revisions.forget();
    // Members say again on their next hello whatever was forgotten here.
    for (const id of this.#state.members.keys()) this.#ports.links.close(id);
    this.changed();
  }

  #perform(turn: Turn): void {
    for (const directive of turn.directives) {
      switch (directive.d) {
        case 'send':
          this.#ports.links.send(directive.member, this.#address(directive.message));
          break;
        case 'close':
          this.#ports.links.close(directive.member);
          break;
        case 'hang-up':
          this.#ports.links.close(directive.member);
          this.#ports.hangUp?.(directive.member);
          break;
        case 'settle':
          this.#settling ??= this.#ports.clock.after('settle on', millis(0), () => {
            this.#settling = undefined;
            this.input(settle);
          });
          break;
        case 'cut-log':
          this.#ports.cutLog(directive.of, this.#state.night.number);
          break;
        default:
          assertNever(directive, 'directive');
      }
    }
  }

  /** The welcome carries the lab's name, which the core has no use for. */
  #address<Message extends Parameters<MemberLinks['send']>[1]>(message: Message): Message {
    return message.t === 'welcome' ? { ...message, lab: this.#lab } : message;
  }
}
