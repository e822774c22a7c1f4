import { refuse } from '../../shared/base/result.ts';
import { millis, type Millis } from '../../shared/base/units.ts';
import type { BlobHash, MemberId } from '../../shared/domain/ids.ts';
import type { Member } from '../../shared/domain/member.ts';
import type { LabTimings } from '../../shared/domain/timings.ts';
import type { Clock, Disposable } from '../../shared/ports/clock.ts';
import type { Hello, MemberLinks } from '../../shared/ports/member-link.ts';
import type { ToHead } from '../../shared/wire/to-head.ts';
import { refusalWords } from '../../shared/words/refusal-words.ts';
import { absentBlobs, namedBlobs, type HasBlob } from '../core/attempts/named-blobs.ts';
import { onClosed, onMessage, onTick } from '../core/lab/decide.ts';
import { onBadReport } from '../core/lab/hear.ts';
import type { Turn } from '../core/state/turn.ts';
import { isOtherBoot, notThisMember, refuseTwin } from '../core/membership/twins.ts';
import type { BlobHolds } from './blob-holds.ts';
import type { LabTurns } from './lab-turns.ts';
import type { LogReaders } from './log-readers.ts';
import { readResults, type Ended } from './read-results.ts';
import type { UnenrolledPcs } from './unenrolled-pcs.ts';

export interface MemberInputsPorts {
  readonly clock: Clock;
  readonly links: MemberLinks;
  readonly timings: LabTimings;
  readonly turns: LabTurns;
  readonly logs: LogReaders;
  readonly unenrolled: UnenrolledPcs;
  readonly hasBlob: HasBlob;
  readonly readText: (hash: BlobHash) => AsyncIterable<string>;
  readonly holds: BlobHolds;
}

/** Makes a turn of whatever members say, of their links' ends, and of time that passes. */
export class MemberInputs {
  readonly #ports: MemberInputsPorts;
  #ticking: Disposable | undefined;

  constructor(ports: MemberInputsPorts) {
    this.#ports = ports;
  }

  /** Begins to listen and to tick. */
  start(): void {
    this.#ports.links.listen({
      refusalOf: (id, hello) => this.#refusalOf(id, hello),
      onMessage: (member, message) => this.#onMessage(member, message),
      onBadReport: (id, of, reason) =>
        this.#onMember(id, (turn, member) => onBadReport(turn, member, of, reason)),
      onClosed: (member) => {
        this.#onMember(member, onClosed);
        this.#ports.logs.onLinkClosed(member);
      },
    });
    this.#tick();
  }

  /** Ticks no more; what members still say is heard until their links are closed. */
  stop(): void {
    this.#ticking?.dispose();
    this.#ticking = undefined;
  }

  /** An old certificate for a PC's name is no right to its link; who shows one is noted, so that people hear of it. */
  #refusalOf(id: MemberId, { facts }: Hello): string | undefined {
    const { turns } = this.#ports;
    const member = turns.state.members.get(id);
    const reason = member && !member.banned ? notThisMember(member, facts) : undefined;
    if (member !== undefined && reason !== undefined && isOtherBoot(member, facts))
      turns.input((turn) => void refuseTwin(turn, member, facts));
    return reason;
  }

  #onMessage(id: MemberId, message: ToHead): void {
    const { logs, unenrolled } = this.#ports;
    if (message.t === 'log-piece') logs.onPiece(id, message);
    else if (message.t === 'ended' && message.list) void this.#onLongEnd(id, message, message.list);
    else {
      const absent = absentBlobs(namedBlobs(message), this.#ports.hasBlob);
      this.#onMember(id, (turn, member) => onMessage(turn, member, message, absent));
      this.#ports.holds.onSaved(id, message);
    }
    if (message.t !== 'hello') return;
    unenrolled.forget(message.facts.machineKey);
    logs.onLinkClosed(id);
    logs.onLinkOpened(id);
  }

  /** Others are heard meanwhile, the same end perhaps once more: the second one finds the attempt over. */
  async #onLongEnd(id: MemberId, message: Ended, list: NonNullable<Ended['list']>): Promise<void> {
    // Nobody waits for it: what cannot be read is as bad as what cannot be understood.
    const read = await readResults(this.#ports, message, list).catch((error: unknown) =>
      refuse('failed', `its list of results cannot be read: ${String(error)}`),
    );
    this.#onMember(id, (turn, member) => {
      if (read.ok) onMessage(turn, member, read.value.ended, read.value.absent);
      else onBadReport(turn, member, message, refusalWords(read.error));
    });
  }

  #onMember(id: MemberId, act: (turn: Turn, member: Member) => void): void {
    const { turns, links } = this.#ports;
    const member = turns.state.members.get(id);
    if (!member) {
      // Its certificate is of this lab, but the books know nothing of it: it has to enrol again.
      links.send(id, {
        t: 'refused',
        reason: 'the head does not know this PC any more; it enrols again',
      });
      links.close(id);
      return;
    }
    turns.input((turn) => act(turn, member));
  }

  #tick(): void {
    const { turns, clock, timings } = this.#ports;
    turns.input(onTick);
    this.#ticking = clock.after('lab tick', tickEvery(timings), () => this.#tick());
  }
}

/** A few ticks per heartbeat keep every deadline within a fraction of it. */
const tickEvery = (timings: LabTimings): Millis =>
  millis(Math.min(1500, Math.max(50, timings.heartbeat / 4)));
